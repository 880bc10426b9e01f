"""Measurements, with figures printed as ratios to a baseline of the same run."""
