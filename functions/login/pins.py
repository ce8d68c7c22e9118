"""A pupil's PIN: four digits, worth something only at a place that we know.

Ten thousand codes protect nobody on the open internet (13 bits); behind a school's network or a
trusted device, and with a handful of tries, they keep children out of each other's work.
"""

import itertools
import re

from schoolpoort import argon2id

LENGTH = 4
TEMPORARY_LIFE_S = 8 * 60 * 60
"""How long a PIN for today counts; after that the own one does again."""

_PIN = re.compile(r"[0-9]{4}")


def is_pin(typed: str) -> bool:
    """Say whether a text is four digits."""
    return _PIN.fullmatch(typed) is not None


def is_too_easy(pin: str) -> bool:
    """Say whether a PIN is one that everybody tries first: 0000, 1234, 4321, 1212."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(steps) == 1 or pin[:2] == pin[2:]


def hashed(pin: str) -> str:
    """Return the PHC text of a PIN."""
    return argon2id.hashed(pin.encode())


def is_right(phc: str | None, pin: str) -> bool:
    """Say whether a PIN belongs to a PHC text."""
    return argon2id.matches(phc, pin.encode())
