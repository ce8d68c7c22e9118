"""How an invented publisher signs somebody in: with a client library as it is.

Authlib's client speaks OpenID Connect over real HTTP (private_key_jwt, PKCE), joserfc checks the
ID token against what discovery and JWKS say. Nothing here imports the provider's code. The times
in the client's statements are those of the house's clock, as stand-ins share it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from infra.local.stand_ins.publisher_registry import client_key
from schoolpoort import clock, settings

_TIMEOUT_S = 10
_ASSERTION_LIFE_S = 60


class SignOnFailed(Exception):
    """The way back from the provider is not what this publisher accepts; the text says why."""


@dataclass(slots=True)
class Visit:
    """One browser at one publisher: a sign-on that has begun, then who came back."""

    state: str = ""
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    claims: dict[str, Any] = field(default_factory=dict)


def begin(slug: str, redirect_uri: str, visit: Visit, asked: Mapping[str, str]) -> str:
    """Return the provider's address for a visit; `asked` adds parameters such as `prompt`."""
    with _client(slug, redirect_uri) as client:
        address, visit.state = client.create_authorization_url(
            _discovered(client)["authorization_endpoint"],
            nonce=visit.nonce,
            code_verifier=visit.verifier,
            **asked,
        )
    return str(address)


def finish(slug: str, redirect_uri: str, visit: Visit, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the claims that a code brings; raises SignOnFailed for anything out of order."""
    if not visit.state or query.get("state") != visit.state:
        raise SignOnFailed("state")
    if query.get("iss") != settings.require("PUBLIC_BASE_URL"):
        raise SignOnFailed("iss")
    if "error" in query:
        raise SignOnFailed(query["error"])
    try:
        return _exchanged(slug, redirect_uri, visit, query.get("code", ""))
    except (OAuthError, JoseError, RequestException) as error:
        raise SignOnFailed(type(error).__name__, str(error)) from error


def _exchanged(slug: str, redirect_uri: str, visit: Visit, code: str) -> dict[str, Any]:
    with _client(slug, redirect_uri) as client:
        provider = _discovered(client)
        client.register_client_auth_method(_own_proof(provider["token_endpoint"]))
        token = client.fetch_token(
            provider["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=visit.verifier,
        )
        keys = _fetched(client, provider["jwks_uri"])
        claims = _checked(token["id_token"], keys, slug, visit.nonce)
        answer = client.get(provider["userinfo_endpoint"])
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
    if told.get("sub") != claims["sub"]:
        raise SignOnFailed("userinfo")
    return {**claims, **told}


def _client(slug: str, redirect_uri: str) -> OAuth2Session:
    return OAuth2Session(
        slug,
        client_key(slug),
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - a method's name
        scope="openid",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        default_timeout=_TIMEOUT_S,
        trust_env=False,
    )


def _own_proof(token_endpoint: str) -> PrivateKeyJWT:
    """Return how the client proves who it is; made anew each time, for the library keeps `jti`."""
    now = clock.now_epoch_s()
    times = {"iat": now, "exp": now + _ASSERTION_LIFE_S}
    return PrivateKeyJWT(token_endpoint, claims=times, alg="ES256")


def _discovered(client: OAuth2Session) -> dict[str, Any]:
    issuer = settings.require("PUBLIC_BASE_URL")
    found = _fetched(client, f"{issuer}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise SignOnFailed("issuer")
    return found


def _fetched(client: OAuth2Session, address: str) -> dict[str, Any]:
    answer = client.get(address, withhold_token=True)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _checked(id_token: str, keys: Mapping[str, Any], client_id: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token that is ours, for this client, for this very sign-on."""
    key_set = KeySet.import_key_set({"keys": keys["keys"]})
    token = jwt.decode(id_token, key_set, algorithms=["ES256"])
    rules = jwt.JWTClaimsRegistry(
        now=clock.now_epoch_s,
        iss={"essential": True, "value": settings.require("PUBLIC_BASE_URL")},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        auth_time={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    rules.validate(token.claims)
    return dict(token.claims)
