"""The publisher's server's side of a sign-on: the code for tokens, the access token for claims."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from schoolpoort import authority, clock, ids, memberships, rosters, settings
from schoolpoort.errors import StoreUnavailable
from schoolpoort.ids import sha256_hex
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, json_response
from sso import claims, client_assertion, grants, jose, pairwise, publishers, store
from sso.errors import TokenRefused
from sso.grants import Grant
from sso.registration import Publisher
from sso.release_gate import OPTIONAL_FIELDS

_SINGLE = (
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_assertion",
    "client_assertion_type",
)

View = Callable[[Request], Response]


def _answered_as_json(view: View) -> View:
    """Let what goes wrong be told as OAuth errors (RFC 6749, 5.2), never as a page."""

    @wraps(view)
    def answered(request: Request) -> Response:
        try:
            return view(request)
        except TokenRefused as error:
            extra = {"reason": error.reason, "reference": request.reference}
            logger.warning("token refused", extra=extra)
            return _problem(request, error)
        except BadRequest as error:
            return _problem(request, TokenRefused("invalid_request", error.code))
        except StoreUnavailable:
            busy = TokenRefused("temporarily_unavailable", "try_again", status=503)
            return _problem(request, busy)

    return answered


def _problem(request: Request, error: TokenRefused) -> Response:
    body = {
        "error": error.error,
        "error_description": error.reason,
        "reference": request.reference,
    }
    headers = (("WWW-Authenticate", error.challenge),) if error.challenge else ()
    return json_response(body, error.status, headers)


@_answered_as_json
def exchange_code(request: Request) -> Response:
    """POST /oauth2/token: an ID token and an access token for a code, once."""
    form = request.form()
    for name in _SINGLE:
        if len(request.form_list(name)) > 1:
            raise TokenRefused("invalid_request", f"{name}_repeated")
    now = clock.now_epoch_s()
    publisher = _authenticated_publisher(request, form, now_epoch_s=now)
    if form.get("grant_type") != "authorization_code":
        raise TokenRefused("unsupported_grant_type", "grant_type")
    access_token = ids.new_secret()
    grant = _redeem(form, publisher, access_token, now_epoch_s=now)
    told = claims.of_id_token(
        grant,
        subject=_subject(grant, publisher),
        issuer=settings.require_url("PUBLIC_BASE_URL"),
        now_epoch_s=now,
    )
    key_id = jose.public_jwk(store.public_key_der())["kid"]
    return json_response(
        {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": grants.ACCESS_TOKEN_LIFE_S,
            "scope": "openid",
            "id_token": jose.signed(told, key_id=key_id, sign=store.sign),
        }
    )


def _authenticated_publisher(
    request: Request, form: Mapping[str, str], *, now_epoch_s: int
) -> Publisher:
    """Return who proves to be calling; each proof counts once."""
    if "authorization" in request.headers or "client_secret" in form:
        raise TokenRefused("invalid_client", "only_private_key_jwt")
    if form.get("client_assertion_type") != client_assertion.TYPE:
        raise TokenRefused("invalid_client", "assertion_type")
    text = form.get("client_assertion", "")
    client_id = client_assertion.claimed_client_id(text)
    if form.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_client", "client_id_differs")
    publisher = publishers.find(client_id)
    if publisher is None:
        raise TokenRefused("invalid_client", "client_unknown")
    issuer = settings.require_url("PUBLIC_BASE_URL")
    audiences = {issuer, f"{issuer}/oauth2/token"}
    proof = client_assertion.verify(text, publisher, audiences=audiences, now_epoch_s=now_epoch_s)
    key = f"jti#{proof.client_id}#{sha256_hex(proof.jti)}"
    if not store.reserve(key, expires_at_epoch_s=proof.expires_at_epoch_s):
        raise TokenRefused("invalid_client", "assertion_seen_before")
    return publisher


def _redeem(
    form: Mapping[str, str], publisher: Publisher, access_token: str, *, now_epoch_s: int
) -> Grant:
    """Use up a code; a second use also takes back what the first one brought."""
    key = grants.code_key(form.get("code", ""))
    item = store.code(key)
    if item is None:
        raise TokenRefused("invalid_grant", "code_unknown")
    if grants.is_used(item):
        raise _second_use(item)
    try:
        grant = grants.check_redemption(
            item,
            client_id=publisher.client_id,
            redirect_uri=form.get("redirect_uri", ""),
            verifier=form.get("code_verifier", ""),
            now_epoch_s=now_epoch_s,
        )
    except TokenRefused:
        store.spoil(key, now_epoch_s=now_epoch_s)
        raise
    token_item = grants.access_token_item(access_token, grant, now_epoch_s=now_epoch_s)
    if not store.redeem(key, token_item, now_epoch_s=now_epoch_s):
        raise _second_use(store.code(key) or item)
    return grant


def _second_use(item: Mapping[str, Any]) -> TokenRefused:
    if "access_token_key" in item:
        store.revoke(item["access_token_key"])
    return TokenRefused("invalid_grant", "code_used_before")


@_answered_as_json
def show_userinfo(request: Request) -> Response:
    """GET, POST /oauth2/userinfo: what the access token gives a right to hear."""
    scheme, _, access_token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not access_token:
        raise TokenRefused("invalid_request", "bearer_missing", status=401, challenge="Bearer")
    item = store.access_token(grants.access_token_key(access_token.strip()))
    if item is None or item["expires_at_epoch_s"] <= clock.now_epoch_s():
        raise _no_such_token("token_unknown_or_expired")
    grant = grants.of_item(item)
    publisher = publishers.find(grant.client_id)
    if publisher is None:
        raise _no_such_token("client_unknown")
    person = None
    if grant.person_id is not None and set(grant.fields) & set(OPTIONAL_FIELDS):
        person = rosters.person(grant.school_id, grant.person_id)
    told = claims.of_userinfo(
        grant, subject=_subject(grant, publisher), person=person, given=_given_groups(grant)
    )
    return json_response(told)


def _given_groups(grant: Grant) -> Sequence[rosters.Group]:
    """Return the groups of roles given by hand as they are today, where groups may be told."""
    if "groups" not in grant.fields or grant.role == "pupil":
        return ()
    item = store.membership(grant.account_id, grant.school_id)
    held = memberships.roles_of(item) if item else frozenset[str]()
    group_ids = authority.given_groups(held, memberships.grants_of(item)) if item else ()
    return rosters.groups_named(grant.school_id, sorted(group_ids)) if group_ids else ()


def _no_such_token(reason: str) -> TokenRefused:
    return TokenRefused(
        "invalid_token", reason, status=401, challenge='Bearer error="invalid_token"'
    )


def _subject(grant: Grant, publisher: Publisher) -> str:
    return pairwise.subject(store.pairwise_key(), publisher.sector, grant.account_id)
