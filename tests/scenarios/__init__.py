"""Whole conversations: real SMTP in, a real sink out."""
