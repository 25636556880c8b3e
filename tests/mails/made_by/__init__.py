"""Where the mails of the corpus come from: one script a program."""
