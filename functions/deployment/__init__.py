"""Runs once at each deployment."""
