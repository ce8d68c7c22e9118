"""What a passkey signs: a challenge of ours, for one browser, one purpose and one use.

    16 random bytes │ 8 bytes: its end │ 16 bytes: an HMAC over both, the purpose and the browser

Nothing is stored when a page is shown, so that nobody fills a table by looking. That a challenge
was used is kept until it would have ended, in the transaction of what it was used for: of many
browsers with one answer exactly one gets on.
"""

import base64
import hashlib
import hmac
from typing import Literal

from schoolpoort.dynamodb import Put
from schoolpoort.ids import sha256_hex
from schoolpoort.settings import require

LIFE_S = 15 * 60
"""How long a person may take; the page of signing in asks for another one before that."""

Purpose = Literal["sign_in", "code", "confirm", "add"]

_LABEL = b"schoolpoort passkey challenge 1"
_NONCE_BYTES = 16
_END_BYTES = 8
_TAG_BYTES = 16
_SCHEMA_VERSION = 1


def make(purpose: Purpose, browser: str, pepper: bytes, *, nonce: str, now_epoch_s: int) -> bytes:
    """Return a challenge. `browser` names it: the hash of its session, or of a cookie for this.

    `nonce` is hexadecimal digits, at least 128 random bits.
    """
    said = bytes.fromhex(nonce)[:_NONCE_BYTES] + (now_epoch_s + LIFE_S).to_bytes(_END_BYTES)
    return said + _tag(said, purpose, browser, pepper)


def is_ours(
    challenge: bytes, purpose: Purpose, browser: str, pepper: bytes, *, now_epoch_s: int
) -> bool:
    """Say whether we made a challenge for this purpose and browser, and it has not ended."""
    said, tag = challenge[:-_TAG_BYTES], challenge[-_TAG_BYTES:]
    if len(said) != _NONCE_BYTES + _END_BYTES:
        return False
    is_made = hmac.compare_digest(_tag(said, purpose, browser, pepper), tag)
    return is_made and now_epoch_s < int.from_bytes(said[_NONCE_BYTES:])


def use(challenge: bytes, *, now_epoch_s: int) -> Put:
    """Return the operation that uses a challenge up; refused when that was done before."""
    item = {
        "budget_key": f"passkey#{sha256_hex(encoded(challenge))}",
        "expires_at_epoch_s": now_epoch_s + LIFE_S,
        "schema_version": _SCHEMA_VERSION,
    }
    return Put(require("THROTTLE_TABLE"), item, "attribute_not_exists(budget_key)")


def encoded(value: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON: base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _tag(said: bytes, purpose: Purpose, browser: str, pepper: bytes) -> bytes:
    key = hmac.digest(pepper, _LABEL, hashlib.sha256)
    whole = said + f"#{purpose}#{browser}".encode()
    return hmac.digest(key, whole, hashlib.sha256)[:_TAG_BYTES]
