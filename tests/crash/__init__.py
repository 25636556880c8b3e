"""The service is killed at every moment that matters, started again, and ends as if it had not been."""
