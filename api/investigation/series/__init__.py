"""Metrics as series: what their names mean, how far they moved, and since when."""
