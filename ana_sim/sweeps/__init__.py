"""Sweeps: many points of a design, run once, kept for good, and read again."""
