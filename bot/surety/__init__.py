"""The trade, pure: no clock, no socket, no file, no database."""
