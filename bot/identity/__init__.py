"""Who wrote, and how that was proven."""
