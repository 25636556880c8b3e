"""Doors that accept bytes and understand nothing."""
