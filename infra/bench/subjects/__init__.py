"""What is measured: each module has `run()`, one cold start with one sign-in, and then ends."""
