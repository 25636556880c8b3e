"""Foreign bytes, read."""
