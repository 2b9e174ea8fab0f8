"""What replaces a slow computation: one file, one parity test and one off switch each."""
