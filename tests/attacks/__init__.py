"""Hostile mails: what must not happen whoever writes them."""
