"""Letters and documents made from trusted values."""
