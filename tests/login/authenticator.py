"""A device with passkeys, in software: it answers as the standard says, or wrongly where asked.

Written from the standard alone (WebAuthn level 3, 5.8 and 6.5), so that it does not share the
errors of the library that judges it.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def b64(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def plain(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(slots=True)
class Key:
    """One passkey on the device."""

    private: ec.EllipticCurvePrivateKey
    user_handle: str
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))


@dataclass(slots=True)
class Authenticator:
    """A device. `step` is how much its counter grows with each use; 0 for one that does not count.

    The other fields are what goes wrong: another origin or host, nobody verified, nobody present.
    """

    origin: str
    step: int = 1
    host: str = ""
    is_verified: bool = True
    is_present: bool = True
    is_framed: bool = False
    keys: list[Key] = field(default_factory=list)

    def make(self, options: dict[str, Any], **wrong: Any) -> str:
        """Answer the question to make a passkey; `wrong` replaces fields of the client data."""
        key = Key(ec.generate_private_key(ec.SECP256R1()), options["user"]["id"])
        self.keys.append(key)
        client = self._client("webauthn.create", options, wrong)
        data = self._data(options["rp"]["id"], key, is_new=True)
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._said(
            key,
            clientDataJSON=b64(client),
            attestationObject=b64(cbor2.dumps(statement)),
            transports=["internal", "hybrid", "carrier-pigeon"],
        )

    def show(self, options: dict[str, Any], key: Key | None = None, **wrong: Any) -> str:
        """Answer the question to show a passkey, the newest unless another is named."""
        key = key or self.keys[-1]
        key.count += self.step
        client = self._client("webauthn.get", options, wrong)
        data = self._data(options["rpId"], key, is_new=False)
        signed = data + hashlib.sha256(client).digest()
        return self._said(
            key,
            clientDataJSON=b64(client),
            authenticatorData=b64(data),
            signature=b64(key.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
            userHandle=key.user_handle,
        )

    def _client(self, kind: str, options: dict[str, Any], wrong: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": self.is_framed} | wrong).encode()

    def _data(self, host: str, key: Key, *, is_new: bool) -> bytes:
        flags = _PRESENT * self.is_present | _VERIFIED * self.is_verified | _ATTESTED * is_new
        head = hashlib.sha256((self.host or host).encode()).digest()
        data = head + bytes([flags]) + key.count.to_bytes(4)
        if not is_new:
            return data
        point = key.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        size = len(key.credential_id).to_bytes(2)
        return data + bytes(16) + size + key.credential_id + cbor2.dumps(cose)

    def _said(self, key: Key, **response: Any) -> str:
        name = b64(key.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def tampered(answer: str, part: str) -> str:
    """Return an answer in which the last byte of one part of the response is another."""
    said = json.loads(answer)
    changed = plain(said["response"][part])
    said["response"][part] = b64(changed[:-1] + bytes([changed[-1] ^ 1]))
    return json.dumps(said)
