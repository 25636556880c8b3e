"""Tests of the directory by mail: enrolment, mailboxes, orderers, and whoever is not registered yet."""
