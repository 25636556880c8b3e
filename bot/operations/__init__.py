"""What whoever runs the daemon does with it."""
