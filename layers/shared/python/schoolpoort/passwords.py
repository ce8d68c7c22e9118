"""What a password may be, and how it is kept.

The policy is the product's own rule: 8 to 20 characters, at least one letter, at least one
digit, and it accepts exactly that. Characters are code points after NFKC, so that the same key
strokes on two keyboards are the same password (NIST SP 800-63B-4, 3.1.1.2); a letter is Unicode
category L*, a digit Nd. Nothing is cut off, nothing expires.

What is stored of one is a hash (schoolpoort.argon2id) under the pepper (schoolpoort.kept_hashes).
"""

import enum
import unicodedata

from schoolpoort import argon2id

MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 20
_LONGEST_INPUT = 4 * MAXIMUM_LENGTH * 18
"""NFKC joins at most four code points into one: a longer text than this can be no password."""


class Violation(enum.Enum):
    """A rule that a password does not keep; the page says it in words."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_LETTER = "no_letter"
    NO_DIGIT = "no_digit"


def normalised(password: str) -> str:
    """Return a password as it is counted and hashed."""
    return unicodedata.normalize("NFKC", password)


def violations(password: str) -> tuple[Violation, ...]:
    """Return every rule that a password breaks; empty for a password that will do."""
    if len(password) > _LONGEST_INPUT:
        return (Violation.TOO_LONG,)
    text = normalised(password)
    categories = {unicodedata.category(character) for character in text}
    broken = {
        Violation.TOO_SHORT: len(text) < MINIMUM_LENGTH,
        Violation.TOO_LONG: len(text) > MAXIMUM_LENGTH,
        Violation.NO_LETTER: not any(category.startswith("L") for category in categories),
        Violation.NO_DIGIT: "Nd" not in categories,
    }
    return tuple(violation for violation, is_broken in broken.items() if is_broken)


def hash_password(password: str) -> str:
    """Return the PHC text of a password that keeps the rules; raises ValueError for another."""
    if violations(password):
        message = "the password does not keep the rules"
        raise ValueError(message)
    return argon2id.hashed(_strokes(password))


def verify(phc: str | None, password: str) -> bool:
    """Say whether a password belongs to a PHC text; without one it takes as long (argon2id).

    A text that can be no password costs no hashing: that is the same for every account.
    """
    if violations(password):
        return False
    return argon2id.matches(phc, _strokes(password))


def _strokes(password: str) -> bytes:
    return normalised(password).encode("utf-8", "surrogatepass")
