"""The pepper: what makes a stolen table of hashes worthless without our KMS.

A hash in PHC form is sealed with AES-256-GCM, bound to its owner so that it fits nowhere else. The
sealed text names its key, so a new key needs nobody's password (docs/decisions: the pepper):

    pepper$<number>$<base64 of 12 bytes of nonce and the sealed PHC text>
"""

import base64
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schoolpoort.errors import SchoolpoortError

KEY_BYTES = 32
_NONCE_BYTES = 12
_SEALED = re.compile(r"pepper\$([1-9][0-9]{0,5})\$([A-Za-z0-9+/]+={0,2})")


class SealBroken(SchoolpoortError):
    """A sealed text is damaged, was sealed under another key, or is somebody else's."""


@dataclass(frozen=True, slots=True)
class Pepper:
    """A key of 32 bytes and the number it goes by."""

    number: int
    key: bytes = field(repr=False)


def seal(pepper: Pepper, phc: str, *, owner: str) -> str:
    """Return a PHC text sealed for its owner."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(pepper.key).encrypt(nonce, phc.encode(), owner.encode())
    return f"pepper${pepper.number}${base64.b64encode(nonce + sealed).decode()}"


def number_of(stored: str) -> int:
    """Return the number of the key that a text is sealed under; raises SealBroken."""
    return int(_parts(stored)[1])


def unseal(pepper: Pepper, stored: str, *, owner: str) -> str:
    """Return the PHC text; raises SealBroken."""
    try:
        blob = base64.b64decode(_parts(stored)[2], validate=True)
        opened = AESGCM(pepper.key).decrypt(
            blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], owner.encode()
        )
    except (InvalidTag, ValueError) as error:
        message = "the seal does not fit"
        raise SealBroken(message) from error
    return opened.decode()


def _parts(stored: str) -> re.Match[str]:
    found = _SEALED.fullmatch(stored)
    if found is None:
        message = "not a sealed text"
        raise SealBroken(message)
    return found
