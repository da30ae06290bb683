"""Data: runs on one grid, checked; what is held out, and how far an answer is from it."""
