"""The wording of every letter: one plain-text template per kind of section (see README.md)."""
