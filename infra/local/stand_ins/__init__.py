"""Stand-ins for the outside world, over real HTTP: Google, administration systems, publishers."""
