"""Hoshobin (保証便): the mail daemon of a construction surety."""
