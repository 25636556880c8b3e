"""The papers, drawn and read back."""
