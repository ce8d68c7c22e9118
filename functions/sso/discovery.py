"""What publishers' software reads by itself: how to speak with us, and with which key we sign."""

from typing import Any

from schoolpoort import settings
from schoolpoort.web import Request, Response, json_response
from sso import store
from sso.release_gate import BASE_FIELDS, OPTIONAL_FIELDS

_KEPT_FOR_S = 3600
_CACHEABLE = (("Cache-Control", f"public, max-age={_KEPT_FOR_S}"),)


def show_configuration(_request: Request) -> Response:
    """GET /.well-known/openid-configuration (OpenID Connect Discovery 1.0, 3; RFC 8414)."""
    return json_response(configuration(settings.require_url("PUBLIC_BASE_URL")), headers=_CACHEABLE)


def show_keys(_request: Request) -> Response:
    """GET /oauth2/jwks: the public half of the key that signs ID tokens (RFC 7517)."""
    from sso import jose  # noqa: PLC0415 - most requests need no cryptography

    return json_response({"keys": [jose.public_jwk(store.public_key_der())]}, headers=_CACHEABLE)


def configuration(issuer: str) -> dict[str, Any]:
    """Return the metadata of the provider that calls itself `issuer`."""
    own = ("iss", "aud", "iat", "exp", "auth_time", "acr", "amr", "nonce")
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "scopes_supported": ["openid"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login"],
        "authorization_response_iss_parameter_supported": True,
        "claims_supported": [*own, *BASE_FIELDS, *OPTIONAL_FIELDS],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
