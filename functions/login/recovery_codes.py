"""Ten codes on paper, for the day that the app is gone: each works once.

A code is its number and fifty random bits, "3-K7Q2M-XW9TD". The number says which hash to look at,
so that one guess costs one argon2id and not ten.
"""

import re

from schoolpoort import argon2id, ids

COUNT = 10
_CODE = re.compile(rf"([0-9])([{ids.RECOVERY_ALPHABET}]{{10}})")
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def number_and_secret(typed: str) -> tuple[str, str] | None:
    """Return the two parts of a code that somebody typed, or None for something else."""
    found = _CODE.fullmatch(typed.strip().upper().translate(_LOOK_ALIKES))
    return (found[1], found[2]) if found else None


def shown(number: str, secret: str) -> str:
    """Return a code as it stands on paper."""
    return f"{number}-{secret[:5]}-{secret[5:]}"


def hashed(secret: str) -> str:
    """Return the PHC text of a code."""
    return argon2id.hashed(secret.encode())


def is_right(phc: str | None, secret: str) -> bool:
    """Say whether a code belongs to a PHC text."""
    return argon2id.matches(phc, secret.encode())
