"""Setting up an authenticator app: what the page shows and what its form brings back.

Nothing is stored before the first code is right: the form itself carries the secret, under KMS
and bound to the account, so that only a page of ours can have made it.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from login import store, totp
from schoolpoort import ids

_GROUP = 4


@dataclass(frozen=True, slots=True)
class EnrolmentForm:
    """What was sent: bytes that should be ours, and what was typed as the code."""

    wrapped_secret: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What an app needs: a picture to scan or letters to type; and the field of the form."""

    qr_svg: str
    letters: str
    address: str
    field: str


def read(fields: Mapping[str, str]) -> EnrolmentForm:
    """Read the form; bytes that are no base64 are none."""
    try:
        wrapped = base64.b64decode(fields.get("setup", ""), validate=True)
    except (binascii.Error, ValueError):
        wrapped = b""
    return EnrolmentForm(wrapped, fields.get("code", ""))


def setup_for(account_id: str, account_name: str, form: EnrolmentForm | None) -> Setup:
    """Return a new secret to set up, or the one of a form that came back with a wrong code."""
    import segno  # noqa: PLC0415 - only this page draws

    secret = store.unwrap_secret(account_id, form.wrapped_secret) if form else None
    if form is None or secret is None:
        secret = ids.new_totp_secret()
        wrapped = store.wrap_secret(account_id, secret)
    else:
        wrapped = form.wrapped_secret
    address = totp.address_for_app(secret, account_name)
    picture = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=2, light="#fff", omitsize=True
    )
    letters = " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    return Setup(picture, letters, address, base64.b64encode(wrapped).decode())
