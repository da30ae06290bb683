"""Energy levels that a discovered law gives a trap."""
