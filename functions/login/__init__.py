"""Signing in: who is at the door, and what he finds behind it."""
