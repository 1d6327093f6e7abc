"""The historical run and the forecast: what the model says about trade, a club and recognition, by state and year."""
