"""Passkeys (WebAuthn level 3): what a browser is asked, and how its answer is judged.

Ours always ask for a finger, a face or the PIN of the device ("user verification") and are found
by the browser itself ("discoverable"), so that each can stand for address, password and second
step at once. Who made the device is not asked ("attestation": none). The user handle is the
account's internal id: random, and nothing of a person.

The library that judges is imported when there is something to judge: a sign-in with a password
never pays for it.
"""

import base64
import binascii
import enum
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from login.passkey_challenges import LIFE_S, encoded
from schoolpoort.ids import sha256_hex
from schoolpoort.second_factors import Passkey

MOST = 10
"""How many passkeys an account has at most."""

_NAME = "Schoolpoort"
_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "internal", "hybrid"})
_ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA and RS256, of the COSE registry: what today's devices make."""

_LONGEST_ID = 1023
_REF_LENGTH = 32


class Refusal(enum.Enum):
    """Why an answer does not count: the record keeps the value, the page says it in words."""

    MALFORMED = "passkey_malformed"
    CHALLENGE = "passkey_late"
    UNKNOWN = "passkey_unknown"
    INVALID = "passkey_invalid"
    COPIED = "passkey_copied"
    USED = "passkey_used"


@dataclass(frozen=True, slots=True)
class House:
    """Who asks: the host that keys are bound to, and the one origin that may ask for them."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent, read as far as it must be before anything in it is believed."""

    unsafe_answer: Mapping[str, Any]
    credential_id: str
    challenge: bytes
    user_handle: str | None

    @property
    def ref(self) -> str:
        """Return the name under which a passkey stands with its account."""
        return ref_of(self.credential_id)


def house_at(base_url: str) -> House:
    """Return who asks, from the address of the house."""
    parts = urlsplit(base_url)
    return House(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def ref_of(credential_id: str) -> str:
    """Return the name under which a passkey stands with its account."""
    return sha256_hex(credential_id)[:_REF_LENGTH]


def to_show(house: House, challenge: bytes, known: Iterable[Passkey] = ()) -> dict[str, Any]:
    """Return what a browser is asked when a passkey is shown; without `known` it may be anyone's.

    The form is PublicKeyCredentialRequestOptionsJSON of the standard.
    """
    return {
        "challenge": encoded(challenge),
        "rpId": house.host,
        "timeout": LIFE_S * 1000,
        "userVerification": "required",
        "allowCredentials": [_described(one) for one in known],
    }


def to_add(
    house: House, challenge: bytes, *, account_id: str, address: str, known: Iterable[Passkey]
) -> dict[str, Any]:
    """Return what a browser is asked when a passkey is made; a device makes no second one.

    The form is PublicKeyCredentialCreationOptionsJSON of the standard.
    """
    return {
        "challenge": encoded(challenge),
        "rp": {"id": house.host, "name": _NAME},
        "user": {"id": encoded(account_id.encode()), "name": address, "displayName": address},
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in _ALGORITHMS],
        "timeout": LIFE_S * 1000,
        "excludeCredentials": [_described(one) for one in known],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def _described(passkey: Passkey) -> dict[str, Any]:
    described = {"type": "public-key", "id": passkey.credential_id}
    return described | {"transports": list(passkey.transports)} if passkey.transports else described


def read(unsafe_text: str) -> Sent | None:
    """Read what a browser sent; None for anything that cannot be an answer."""
    try:
        answer = json.loads(unsafe_text)
        client = json.loads(_decoded(answer["response"]["clientDataJSON"]))
        handle = answer["response"].get("userHandle")
        sent = Sent(
            unsafe_answer=answer,
            credential_id=str(answer["id"]),
            challenge=_decoded(client["challenge"]),
            user_handle=_decoded(handle).decode("ascii") if handle else None,
        )
        is_framed = bool(client.get("crossOrigin", False))
    # A deep nest of brackets is a RecursionError.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None if is_framed or not 0 < len(sent.credential_id) <= _LONGEST_ID * 2 else sent


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError from error


def judge_new(sent: Sent, house: House, *, name: str, now_epoch_s: int) -> Passkey | Refusal:
    """Return the passkey that an answer makes; the caller has looked at the challenge."""
    from webauthn import verify_registration_response  # noqa: PLC0415 - see the module's docstring
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        made = verify_registration_response(
            credential=dict(sent.unsafe_answer),
            expected_challenge=sent.challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in _ALGORITHMS],
        )
    # What the library does not foresee in a key or a statement, cryptography refuses by ValueError.
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return Refusal.INVALID
    if encoded(made.credential_id) != sent.credential_id:
        return Refusal.INVALID
    told = sent.unsafe_answer["response"].get("transports")
    transports = _TRANSPORTS.intersection(map(str, told)) if isinstance(told, list) else ()
    return Passkey(
        credential_id=sent.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=tuple(sorted(transports)),
        name=name,
        added_at_epoch_s=now_epoch_s,
    )


def judge(sent: Sent, passkey: Passkey, house: House) -> int | Refusal:
    """Return the count that a passkey is at; the caller has looked at challenge and owner.

    A count that did not grow is the sign of a copied key (7.2, step 22): it is refused.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415 - see the module's docstring
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        shown = verify_authentication_response(
            credential=dict(sent.unsafe_answer),
            expected_challenge=sent.challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            credential_public_key=passkey.public_key,
            # We compare the counts ourselves, to know that one from a wrong signature.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return Refusal.INVALID
    count = shown.new_sign_count
    is_counting = count > 0 or passkey.sign_count > 0
    return Refusal.COPIED if is_counting and count <= passkey.sign_count else count
