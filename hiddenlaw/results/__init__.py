"""What a discovery leaves: its record, its run directory, what pictures show."""
