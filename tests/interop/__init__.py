"""Tests against the real programs that `make interop-setup` installs."""
