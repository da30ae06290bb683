"""Equations: names, systems, elimination, discrete forms, units, intervals, reading."""
