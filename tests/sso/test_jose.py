"""Our signature as JOSE wants it, made by a key that is elsewhere."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from sso import jose

PRIVATE = ec.derive_private_key(20_261_123, ec.SECP256R1())
_DER = serialization.Encoding.DER
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
_SCALARS = st.integers(1, 2**256 - 1)


def _sign(message: bytes) -> bytes:
    return PRIVATE.sign(message, ec.ECDSA(hashes.SHA256()))


def test_a_token_verifies_with_the_published_key() -> None:
    """Another library accepts the token with nothing but the JWK."""
    published = jose.public_jwk(PRIVATE.public_key().public_bytes(_DER, _SPKI))
    token = jose.signed({"sub": "a", "n": 1}, key_id=published["kid"], sign=_sign)
    assert jwt.get_unverified_header(token) == {
        "alg": "ES256",
        "kid": published["kid"],
        "typ": "JWT",
    }
    found = jwt.decode(token, jwt.PyJWK(dict(published)).key, algorithms=["ES256"])
    assert found == {"sub": "a", "n": 1}


@given(_SCALARS, _SCALARS)
def test_every_signature_becomes_sixty_four_bytes(r: int, s: int) -> None:
    """Small numbers keep their leading zeros and large ones lose DER's sign byte."""
    raw = jose.raw_signature(encode_dss_signature(r, s))
    assert len(raw) == 64
    assert (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")) == (r, s)


def test_the_key_is_named_by_its_thumbprint() -> None:
    """The kid is the RFC 7638 thumbprint, as another library computes it."""
    from joserfc.jwk import ECKey

    published = jose.public_jwk(PRIVATE.public_key().public_bytes(_DER, _SPKI))
    bare: dict[str, str | list[str]] = {name: published[name] for name in ("kty", "crv", "x", "y")}
    assert published["kid"] == ECKey.import_key(bare).thumbprint()
    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@given(st.integers(1, 2**255))
def test_coordinates_are_always_thirty_two_bytes(number: int) -> None:
    """A coordinate with leading zeros is padded (RFC 7518, 6.2.1.2)."""
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    published = jose.public_jwk(public.public_bytes(_DER, _SPKI))
    for name in ("x", "y"):
        assert len(base64.urlsafe_b64decode(published[name] + "=")) == 32


@pytest.mark.parametrize(
    "private",
    [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)],
)
def test_another_kind_of_key_is_refused(
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
) -> None:
    """A key that is not P-256 is never published as if it were."""
    der = private.public_key().public_bytes(_DER, _SPKI)
    with pytest.raises(TypeError):
        jose.public_jwk(der)


def test_what_is_signed_is_the_token_itself() -> None:
    """The signer receives header and payload as they are sent, and nothing else."""
    seen: list[bytes] = []

    def sign(message: bytes) -> bytes:
        seen.append(message)
        return _sign(message)

    token = jose.signed({"a": 1}, key_id="k", sign=sign)
    assert seen == [token.rpartition(".")[0].encode()]
    payload = token.split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) == {"a": 1}
