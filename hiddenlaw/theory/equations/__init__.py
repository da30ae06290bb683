"""Equations: names, elimination, discrete forms, intervals, reading."""
