"""The typefaces that papers are drawn with; README.md says where they come from."""
