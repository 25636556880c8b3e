"""The corpus: each .eml with the text of `hoshobin explain` as its .expect, over one fixed ledger."""
