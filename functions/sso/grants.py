"""What a code and an access token stand for, and how long.

Neither is stored: the table knows their SHA-256 and what they give a right to, in internal ids
and names of fields. Values about a person are read when they leave, not kept here.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort.ids import sha256_hex
from sso.authorization_request import AuthorizationRequest
from sso.errors import TokenRefused

CODE_LIFE_S = 60
ACCESS_TOKEN_LIFE_S = 600
SCHEMA_VERSION = 1

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Grant:
    """The right of one publisher to hear `fields` about one person, who signed in at a moment."""

    client_id: str
    account_id: str
    school_id: str
    person_id: str | None
    role: str
    fields: tuple[str, ...]
    nonce: str | None
    authenticated_at_epoch_s: int


def code_key(code: str) -> str:
    """Return the table key of an authorization code."""
    return f"code#{sha256_hex(code)}"


def access_token_key(access_token: str) -> str:
    """Return the table key of an access token."""
    return f"token#{sha256_hex(access_token)}"


def code_item(
    code: str, grant: Grant, asked: AuthorizationRequest, *, now_epoch_s: int
) -> dict[str, Any]:
    """Return what is stored of a code.

    The item outlives the code by the life of an access token, so that a second use is still
    noticed when there may be a token to revoke.
    """
    redeemable_until = now_epoch_s + CODE_LIFE_S
    return {
        **_item(grant),
        "code_hash": code_key(code),
        "redirect_uri": asked.redirect_uri,
        "code_challenge": asked.code_challenge,
        "redeemable_until_epoch_s": redeemable_until,
        "expires_at_epoch_s": redeemable_until + ACCESS_TOKEN_LIFE_S,
    }


def access_token_item(access_token: str, grant: Grant, *, now_epoch_s: int) -> dict[str, Any]:
    """Return what is stored of an access token."""
    return {
        **_item(grant),
        "code_hash": access_token_key(access_token),
        "expires_at_epoch_s": now_epoch_s + ACCESS_TOKEN_LIFE_S,
    }


def _item(grant: Grant) -> dict[str, Any]:
    return {
        "client_id": grant.client_id,
        "account_id": grant.account_id,
        "school_id": grant.school_id,
        "person_id": grant.person_id,
        "role": grant.role,
        "fields": list(grant.fields),
        "nonce": grant.nonce,
        "authenticated_at_epoch_s": grant.authenticated_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Grant:
    """Read the grant of a stored code or access token."""
    return Grant(
        client_id=item["client_id"],
        account_id=item["account_id"],
        school_id=item["school_id"],
        person_id=item["person_id"],
        role=item["role"],
        fields=tuple(item["fields"]),
        nonce=item["nonce"],
        authenticated_at_epoch_s=item["authenticated_at_epoch_s"],
    )


def is_used(item: Mapping[str, Any]) -> bool:
    """Say whether a stored code has had its one use."""
    return "used_at_epoch_s" in item


def check_redemption(
    item: Mapping[str, Any], *, client_id: str, redirect_uri: str, verifier: str, now_epoch_s: int
) -> Grant:
    """Return what an unused code is worth to who presents it.

    Raises TokenRefused when it is too late, another's, or not presented by who asked for it.
    """
    if now_epoch_s >= item["redeemable_until_epoch_s"]:
        raise TokenRefused("invalid_grant", "code_expired")
    if item["client_id"] != client_id:
        raise TokenRefused("invalid_grant", "code_of_another_client")
    if item["redirect_uri"] != redirect_uri:
        raise TokenRefused("invalid_grant", "redirect_uri_differs")
    if not answers_challenge(verifier, item["code_challenge"]):
        raise TokenRefused("invalid_grant", "code_verifier_wrong")
    return of_item(item)


def answers_challenge(verifier: str, challenge: str) -> bool:
    """Say whether a PKCE verifier belongs to a challenge by method S256 (RFC 7636, 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    answer = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(answer, challenge)
