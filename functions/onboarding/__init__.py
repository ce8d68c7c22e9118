"""The registry of schools, first administrators, and the homes of the work places."""
