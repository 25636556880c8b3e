"""Tests of the pure trade modules."""
