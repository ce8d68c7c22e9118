"""What a publisher asks when he sends a person here to sign in, and what we accept of it.

Only the authorization code with PKCE S256, answered in the query (RFC 6749, RFC 7636, RFC 9700,
OpenID Connect Core 1.0, 3.1.2). A return address counts only when it is exactly a registered one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort.ids import sha256_hex
from sso.errors import RequestRefused, RequestUnsafe
from sso.registration import Publisher

LONGEST_STATE = 1024
LONGEST_NONCE = 255
LARGEST_MAX_AGE_DIGITS = 9

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
_PROMPTS_WITHOUT_PAGE = {
    "consent": "consent_required",
    "select_account": "account_selection_required",
}
"""Prompts for pages that do not exist here, with the error that says so."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A sign-on request that may be answered.

    `must_sign_in_anew` asks for a sign-in after this request; `is_silent` forbids any page.
    """

    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str | None
    code_challenge: str
    must_sign_in_anew: bool
    is_silent: bool
    max_age_s: int | None

    def fingerprint(self) -> str:
        """Return a digest that tells this request from any other, as 64 hexadecimal digits."""
        parts = (self.client_id, self.redirect_uri, self.state, self.nonce, self.code_challenge)
        return sha256_hex(json.dumps(parts))


def return_address(query: Mapping[str, str], publisher: Publisher | None) -> str:
    """Return where answers may go; raises RequestUnsafe when no registered address is named."""
    if publisher is None:
        raise RequestUnsafe("client_unknown")
    redirect_uri = query.get("redirect_uri", "")
    if redirect_uri not in publisher.redirect_uris:
        raise RequestUnsafe("redirect_uri_not_registered")
    return redirect_uri


def read(query: Mapping[str, str], publisher: Publisher, redirect_uri: str) -> AuthorizationRequest:
    """Return the request; raises RequestRefused for one that the publisher must change."""
    for name, error in _NOT_SUPPORTED.items():
        if name in query:
            raise RequestRefused(error, name)
    _check_flow(query)
    prompts = _prompts(query.get("prompt", ""))
    return AuthorizationRequest(
        client_id=publisher.client_id,
        redirect_uri=redirect_uri,
        state=_bounded(query, "state", LONGEST_STATE),
        nonce=_bounded(query, "nonce", LONGEST_NONCE),
        code_challenge=_challenge(query),
        must_sign_in_anew="login" in prompts,
        is_silent="none" in prompts,
        max_age_s=_max_age_s(query.get("max_age")),
    )


def _check_flow(query: Mapping[str, str]) -> None:
    if "response_type" not in query:
        raise RequestRefused("invalid_request", "response_type_missing")
    if query["response_type"] != "code":
        raise RequestRefused("unsupported_response_type", "response_type")
    if query.get("response_mode", "query") != "query":
        raise RequestRefused("invalid_request", "response_mode")
    if "openid" not in query.get("scope", "").split(" "):
        raise RequestRefused("invalid_scope", "scope_without_openid")


def _challenge(query: Mapping[str, str]) -> str:
    # Without a method RFC 7636 means `plain`, which is refused like `plain` itself.
    if query.get("code_challenge_method") != "S256":
        raise RequestRefused("invalid_request", "code_challenge_method")
    challenge = query.get("code_challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        raise RequestRefused("invalid_request", "code_challenge")
    return challenge


def _prompts(value: str) -> frozenset[str]:
    prompts = frozenset(value.split())
    if "none" in prompts and len(prompts) > 1:
        raise RequestRefused("invalid_request", "prompt_none_with_others")
    for prompt, error in _PROMPTS_WITHOUT_PAGE.items():
        if prompt in prompts:
            raise RequestRefused(error, prompt)
    if prompts - {"none", "login"}:
        raise RequestRefused("invalid_request", "prompt")
    return prompts


def _bounded(query: Mapping[str, str], name: str, longest: int) -> str | None:
    value = query.get(name)
    if value is not None and len(value) > longest:
        raise RequestRefused("invalid_request", f"{name}_too_long")
    return value


def _max_age_s(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= LARGEST_MAX_AGE_DIGITS):
        raise RequestRefused("invalid_request", "max_age")
    return int(value)


def wants_newer_sign_in(
    asked: AuthorizationRequest,
    *,
    authenticated_at_epoch_s: int,
    asked_at_epoch_s: int | None,
    now_epoch_s: int,
) -> bool:
    """Say whether a session is too old for a request.

    `asked_at_epoch_s` is when the person was first sent to the sign-in page for this very
    request, or None; a sign-in since then satisfies any age that the publisher wants.
    """
    if asked_at_epoch_s is not None and authenticated_at_epoch_s >= asked_at_epoch_s:
        return False
    if asked.must_sign_in_anew:
        return True
    return asked.max_age_s is not None and now_epoch_s - authenticated_at_epoch_s > asked.max_age_s
