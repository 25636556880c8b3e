"""Whole stories told again and again, with deaths at drawn moments: `make soak`, no part of `make test`."""
