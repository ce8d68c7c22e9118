"""A pupil's PIN: four digits, worth something only at a place that we know.

Ten thousand codes protect nobody on the open internet (13 bits); behind a school's network or a
trusted device, and with a handful of tries, they keep children out of each other's work.
"""

import itertools
import re

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH = 4
_PIN = re.compile(r"[0-9]{4}")
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def is_pin(typed: str) -> bool:
    """Say whether a text is four digits."""
    return _PIN.fullmatch(typed) is not None


def is_too_easy(pin: str) -> bool:
    """Say whether a PIN is one that everybody tries first: 0000, 1234, 4321, 1212."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(steps) == 1 or pin[:2] == pin[2:]


def hashed(pin: str) -> str:
    """Return the PHC text under which a PIN is kept."""
    return _HASHER.hash(pin)


def is_right(stored_hash: str, pin: str) -> bool:
    """Say whether a PIN belongs to a stored hash."""
    try:
        return _HASHER.verify(stored_hash, pin)
    except (VerificationError, InvalidHashError):
        return False
