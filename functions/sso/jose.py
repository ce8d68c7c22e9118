"""Our own signature: ES256 through a key that never leaves KMS, and that key made public.

PyJWT writes the token; the algorithm that it is given asks KMS for the signature. KMS answers in
DER, JOSE wants the two numbers side by side (RFC 7518, 3.4).
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import Algorithm
from jwt.api_jws import PyJWS

ALGORITHM = "ES256"
_NUMBER_BYTES = 32

Sign = Callable[[bytes], bytes]
"""Signs a message with ECDSA over its SHA-256 and answers in DER."""


class RemoteEs256(Algorithm):
    """ES256 whose private key is elsewhere: the `key` of a token is a function that signs."""

    def prepare_key(self, key: Sign) -> Sign:
        """Return the signing function as it is."""
        return key

    def sign(self, msg: bytes, key: Sign) -> bytes:
        """Return the signature in JOSE's form."""
        return raw_signature(key(msg))

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        """Refuse: this algorithm exists for our own tokens, which others verify."""
        raise NotImplementedError

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyJWT's interface
        """Refuse: `public_jwk` is the way to the public key."""
        raise NotImplementedError

    @staticmethod
    def from_jwk(jwk: Any) -> Any:
        """Refuse: the key is no JWK."""
        raise NotImplementedError


def signed(claims: Mapping[str, Any], *, key_id: str, sign: Sign) -> str:
    """Return claims as a compact JWS, signed by `sign`."""
    jws = PyJWS(algorithms=[ALGORITHM])
    jws.unregister_algorithm(ALGORITHM)
    jws.register_algorithm(ALGORITHM, RemoteEs256())
    payload = json.dumps(claims, separators=(",", ":")).encode()
    key: Any = sign
    return jws.encode(payload, key, algorithm=ALGORITHM, headers={"kid": key_id, "typ": "JWT"})


def raw_signature(der: bytes) -> bytes:
    """Turn an ECDSA signature from DER into its two numbers of 32 bytes, side by side."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_NUMBER_BYTES, "big") + s.to_bytes(_NUMBER_BYTES, "big")


def public_jwk(der: bytes) -> dict[str, str]:
    """Return a P-256 public key (DER, SubjectPublicKeyInfo) as a JWK named by its thumbprint.

    Raises TypeError for any other kind of key.
    """
    key = load_der_public_key(der)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise TypeError(type(key).__name__)
    numbers = key.public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": _number(numbers.x), "y": _number(numbers.y)}
    return {**jwk, "kid": thumbprint(jwk), "use": "sig", "alg": ALGORITHM}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of an EC key (RFC 7638)."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(required, separators=(",", ":"), sort_keys=True)
    return _text(hashlib.sha256(text.encode()).digest())


def _number(value: int) -> str:
    return _text(value.to_bytes(_NUMBER_BYTES, "big"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
