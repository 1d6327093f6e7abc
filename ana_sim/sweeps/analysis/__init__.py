"""What the results of a sweep say: what decides them, which strategy is best where, and which is robust."""
