"""Laws that somebody believes in, tested on data."""
