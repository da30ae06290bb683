"""Fits of a law to the measured response, and how sure they are."""
