"""Code that two or more functions of the house need; it knows no function by name."""
