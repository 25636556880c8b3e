"""What the service knows, kept on SQLite or PostgreSQL: tables, the one writer, and typed access to both."""
