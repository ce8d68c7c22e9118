"""The name of a person at one publisher: stable there, and unlike his name at any other.

OpenID Connect Core 1.0, 8.1: a keyed hash over the sector and the internal id. The sector is the
publisher, not the host of his pages, so that a move to another domain changes nobody's name.
"""

import base64
import hashlib
import hmac

KEY_LENGTH = 32


def subject(key: bytes, sector: str, internal_id: str) -> str:
    """Return the subject identifier of a person in a sector: 43 base64url characters.

    The zero byte keeps ("ab", "c") and ("a", "bc") apart; neither part can contain one.
    """
    message = sector.encode() + b"\x00" + internal_id.encode()
    digest = hmac.digest(key, message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
