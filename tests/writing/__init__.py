"""Tests of what is written: wording, letters, the helper."""
