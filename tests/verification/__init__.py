"""Finding out a mail's source ourselves: vectors, attacks, DNS, and the way through the daemon."""
