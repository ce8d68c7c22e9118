"""How often a property or a race is tried: a little in every run, a lot in `make soak`."""

import os

IS_SOAK = os.environ.get("SCHOOLPOORT_PROFILE") == "soak"
_FACTOR = 10


def often(count: int) -> int:
    """Return a number of tries: `count` in the suite, so many times more in `make soak`."""
    return count * _FACTOR if IS_SOAK else count
