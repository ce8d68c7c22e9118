"""What only a deployed stack can show: roles that are enforced and events that arrive."""
