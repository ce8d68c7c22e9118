"""Hashing what people type: argon2id (RFC 9106) in PHC form, under the parameters of the stack.

The parameters come from the template, so that they grow with the processors; a hash names its
own. Weaker ones than OWASP's Password Storage cheat sheet allows are refused at the first use.
"""

import functools
import re

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from schoolpoort import settings
from schoolpoort.errors import SettingRefused

SETTING = "ARGON2_PARAMETERS"
DEFAULT = "m=19456,t=2,p=1"
"""19 MiB, 2 passes, 1 lane."""

_FORM = re.compile(r"m=([0-9]{1,8}),t=([0-9]{1,3}),p=([1-9])")
_FLOORS = ((47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5))
"""The least memory in KiB for a number of passes: equal work for who guesses."""


def hashed(secret: bytes) -> str:
    """Return the PHC text of a secret, salted anew each time."""
    return _hasher(_setting()).hash(secret)


def matches(phc: str | None, secret: bytes) -> bool:
    """Say whether a secret belongs to a PHC text.

    Without one the same work is done and the answer is False, so that what is not there takes as
    long as what is. A text that is no hash matches nothing.
    """
    setting = _setting()
    try:
        return _hasher(setting).verify(phc or _nobodys(setting), secret) and phc is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(phc: str) -> bool:
    """Say whether a PHC text was made with other parameters than today's."""
    return _hasher(_setting()).check_needs_rehash(phc)


def _setting() -> str:
    return settings.optional(SETTING, DEFAULT)


@functools.cache
def _hasher(setting: str) -> argon2.PasswordHasher:
    found = _FORM.fullmatch(setting)
    if found is None:
        raise SettingRefused(SETTING, "it reads m=<KiB>,t=<passes>,p=<lanes>")
    memory_kib, passes, lanes = (int(part) for part in found.groups())
    if not any(memory_kib >= least and passes >= count for least, count in _FLOORS):
        raise SettingRefused(SETTING, "it is weaker than OWASP's least parameters")
    return argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)


@functools.cache
def _nobodys(setting: str) -> str:
    return _hasher(setting).hash("nobody has this password 0")
