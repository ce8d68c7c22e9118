"""Helpers of `sam build`."""
