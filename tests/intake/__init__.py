"""The doors, met over real sockets."""
