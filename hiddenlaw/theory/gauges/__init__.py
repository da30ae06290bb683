"""Gauges: what the numbers of a law mean."""
