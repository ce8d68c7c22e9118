"""How often a property or a race is tried: a little in every run, a lot in `make soak`."""

import os

IS_SOAK = os.environ.get("SCHOOLPOORT_PROFILE") == "soak"
_FACTOR = 10


def rounds(count: int) -> int:
    """Return a number of rounds of a race at the store: `count` in the suite, else a thousand.

    RACE_ROUNDS takes fewer, or more, in `make soak`.
    """
    return int(os.environ.get("RACE_ROUNDS", "1000")) if IS_SOAK else count


def often(count: int) -> int:
    """Return a number of tries: `count` in the suite, so many times more in `make soak`."""
    return count * _FACTOR if IS_SOAK else count
