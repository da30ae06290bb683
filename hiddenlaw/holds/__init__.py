"""How the input runs between samples."""
