"""Tests of Hoshobin, read as its specification."""
