"""What staff do on the command line, tested below the commands."""
