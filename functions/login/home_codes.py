"""The code on a card that a child takes home: ten characters that no two readers read differently.

It proves that who reads the mail is at home with the child. Fifty bits, hashed as codes on paper
are, good for one address of one child, once.
"""

import re

from schoolpoort import argon2id, ids

LIFE_S = 30 * 24 * 60 * 60
_CODE = re.compile(rf"[{ids.RECOVERY_ALPHABET}]{{10}}")
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None})


def read(typed: str) -> str | None:
    """Return the code that somebody typed, or None for something that is no code."""
    text = typed.strip().upper().translate(_LOOK_ALIKES)
    return text if _CODE.fullmatch(text) else None


def shown(code: str) -> str:
    """Return a code as it stands on a card."""
    return f"{code[:5]}-{code[5:]}"


def hashed(code: str) -> str:
    """Return the PHC text of a code."""
    return argon2id.hashed(code.encode())


def is_right(phc: str | None, code: str) -> bool:
    """Say whether a code belongs to a PHC text."""
    return argon2id.matches(phc, code.encode())
