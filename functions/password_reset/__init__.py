"""Activation and forgotten-password links, the mails that carry them, and who is invited."""
