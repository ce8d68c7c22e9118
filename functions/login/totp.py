"""Codes of an authenticator app (TOTP, RFC 6238): six digits, a new one every 30 seconds.

A code counts once: the last step of which one was used is stored, and only later steps count.
The step before the current one counts too, for clocks that run behind and fingers that are slow
(docs/decisions).
"""

import hmac
import re

STEP_S = 30
_CODE = re.compile(r"[0-9]{6}")


def read(typed: str) -> str | None:
    """Return the six digits that somebody typed, however spaced, or None for something else."""
    code = "".join(typed.split())
    return code if _CODE.fullmatch(code) else None


def matching_step(secret: str, code: str, *, now_epoch_s: int, last_step: int) -> int | None:
    """Return the unused step that a code belongs to, or None.

    `secret` is base32; a step is the number of whole 30 seconds since the epoch.
    """
    current = now_epoch_s // STEP_S
    for step in (current - 1, current):
        right = code_at(secret, step)
        if hmac.compare_digest(right, code) and step > last_step:
            return step
    return None


def code_at(secret: str, step: int) -> str:
    """Return the code of a step."""
    import pyotp  # noqa: PLC0415 - a sign-in without a second step needs it not

    return pyotp.TOTP(secret).at(step * STEP_S)


def address_for_app(secret: str, account_name: str) -> str:
    """Return the otpauth:// address that an app reads from a QR code."""
    import pyotp  # noqa: PLC0415 - see code_at

    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name="Schoolpoort")
