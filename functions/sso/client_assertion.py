"""How a publisher's server proves who it is: a short statement signed with its own key.

private_key_jwt of OpenID Connect Core 1.0, 9, over RFC 7523 and RFC 8725: the key comes only from
the publisher's registration, the algorithm only from the kind of key, and a statement works once.
The times are held against our own clock, so PyJWT checks the signature and nothing else.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.api_jws import PyJWS

from sso.errors import TokenRefused
from sso.registration import Publisher

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = {"EC": ("ES256",), "RSA": ("RS256", "PS256")}
"""Which algorithms a key of a kind may sign with; `none` and shared secrets never count."""

LONGEST_LIFE_S = 3600
LEEWAY_S = 30
_LONGEST_TEXT = 8192
_LONGEST_JTI = 255

_JWS = PyJWS(algorithms=[name for names in ALGORITHMS.values() for name in names])


@dataclass(frozen=True, slots=True)
class Assertion:
    """A statement that holds; its `jti` may not be seen again before it expires."""

    client_id: str
    jti: str
    expires_at_epoch_s: int


def claimed_client_id(assertion: str) -> str:
    """Return whom an unverified statement says it comes from; raises TokenRefused."""
    if len(assertion) > _LONGEST_TEXT:
        raise _refused("assertion_too_long")
    try:
        found = _JWS.decode_complete(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _refused("assertion_malformed") from error
    subject = _claims(found["payload"]).get("sub")
    if not isinstance(subject, str):
        raise _refused("assertion_without_sub")
    return subject


def verify(
    assertion: str, publisher: Publisher, *, audiences: Collection[str], now_epoch_s: int
) -> Assertion:
    """Return a statement of a publisher that holds now; raises TokenRefused (invalid_client)."""
    claims = _claims(_verified_payload(assertion, publisher))
    if not claims.get("iss") == claims.get("sub") == publisher.client_id:
        raise _refused("assertion_of_another")
    if not _is_for_us(claims.get("aud"), audiences):
        raise _refused("assertion_for_another")
    expires_at = _check_times(claims, now_epoch_s)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise _refused("assertion_without_jti")
    return Assertion(publisher.client_id, jti, expires_at)


def _verified_payload(assertion: str, publisher: Publisher) -> bytes:
    try:
        header = _JWS.get_unverified_header(assertion)
        key = _key(publisher, header)
        algorithm = header.get("alg", "")
        if algorithm not in ALGORITHMS[key["kty"]]:
            raise _refused("assertion_algorithm")
        public_key = jwt.PyJWK(dict(key), algorithm=algorithm)
        found = _JWS.decode_complete(assertion, public_key, algorithms=[algorithm])
    except jwt.PyJWTError as error:
        raise _refused("assertion_signature") from error
    payload: bytes = found["payload"]
    return payload


def _key(publisher: Publisher, header: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the registered key that a header names; one without a name needs none."""
    named = [key for key in publisher.keys if key.get("kid") == header.get("kid")]
    if len(named) == 1:
        return named[0]
    if "kid" not in header and len(publisher.keys) == 1:
        return publisher.keys[0]
    raise _refused("assertion_key_unknown")


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _refused("assertion_malformed") from error
    if not isinstance(claims, dict):
        raise _refused("assertion_malformed")
    return claims


def _is_for_us(audience: Any, audiences: Collection[str]) -> bool:
    """Say whether a statement is for us alone, so that nobody else can have been shown it."""
    named = audience if isinstance(audience, list) else [audience]
    return len(named) == 1 and isinstance(named[0], str) and named[0] in audiences


def _check_times(claims: Mapping[str, Any], now_epoch_s: int) -> int:
    expires_at = _epoch_s(claims, "exp")
    if expires_at is None or expires_at <= now_epoch_s:
        raise _refused("assertion_expired")
    if expires_at > now_epoch_s + LONGEST_LIFE_S + LEEWAY_S:
        raise _refused("assertion_lives_too_long")
    for name in ("iat", "nbf"):
        begins_at = _epoch_s(claims, name)
        if begins_at is not None and begins_at > now_epoch_s + LEEWAY_S:
            raise _refused("assertion_from_the_future")
    return expires_at


def _epoch_s(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused("assertion_times")
    return value


def _refused(reason: str) -> TokenRefused:
    return TokenRefused("invalid_client", reason)
