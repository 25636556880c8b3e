"""The bench: our service beside a peer in one run, with a report. Run it by `make bench`."""
