"""The wheel, as somebody installs it who has no clone."""
