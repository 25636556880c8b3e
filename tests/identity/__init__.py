"""Who wrote, and how that is proven."""
