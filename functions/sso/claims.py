"""What a publisher's server hears about a person: the ID token's claims and those of userinfo.

The ID token carries what every sign-on tells; what a publisher needs on top is told by userinfo
alone, so that names of children's groups stand in no token.
"""

from collections.abc import Sequence
from typing import Any

from schoolpoort.rosters import Group, Person
from sso.grants import Grant

ID_TOKEN_LIFE_S = 300
ACR_PASSWORD = "urn:schoolpoort:acr:password"  # noqa: S105 - the name of a class of sign-in
AMR_PASSWORD = ("pwd",)
"""How the person signed in (RFC 8176); other ways of signing in bring other values."""
ACR_PICTURE = "urn:schoolpoort:acr:picture"
"""A pupil chose a picture at a place of the school: RFC 8176 has no name for that."""


def of_id_token(grant: Grant, *, subject: str, issuer: str, now_epoch_s: int) -> dict[str, Any]:
    """Return the claims of an ID token (OpenID Connect Core 1.0, 2)."""
    claims = {
        "iss": issuer,
        "aud": grant.client_id,
        "iat": now_epoch_s,
        "exp": now_epoch_s + ID_TOKEN_LIFE_S,
        "auth_time": grant.authenticated_at_epoch_s,
        **_how(grant),
        **_base(grant, subject),
    }
    return claims if grant.nonce is None else {**claims, "nonce": grant.nonce}


def of_userinfo(
    grant: Grant, *, subject: str, person: Person | None, given: Sequence[Group] = ()
) -> dict[str, Any]:
    """Return the claims of userinfo; `person` is how the roster knows him today, or None.

    `given` are the groups that came with roles that were given by hand and hold today: those of a
    substitute or a trainee, who need not be in the roster.
    """
    claims = _base(grant, subject)
    known = person if person is not None and person.active else None
    if known is not None and "given_name" in grant.fields:
        claims["given_name"] = known.given_name
    if "groups" in grant.fields and (known is not None or given):
        names = {group.group_id: group.name for group in (known.groups if known else ())}
        names |= {group.group_id: group.name for group in given if group.group_id not in names}
        claims["groups"] = list(names.values())
    return claims


def _how(grant: Grant) -> dict[str, Any]:
    if grant.role == "pupil":
        return {"acr": ACR_PICTURE}
    return {"acr": ACR_PASSWORD, "amr": list(AMR_PASSWORD)}


def _base(grant: Grant, subject: str) -> dict[str, Any]:
    told = {"sub": subject, "role": grant.role, "school_ref": grant.school_id}
    return {name: value for name, value in told.items() if name in grant.fields}
