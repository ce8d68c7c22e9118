"""Agreements with boards, the declarations of boards, and the coverage that follows from both."""
