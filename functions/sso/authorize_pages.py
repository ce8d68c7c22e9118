"""The person's side of a sign-on: the tile, and the stop between a publisher and his people."""

from schoolpoort import authority, clock, ids, settings
from schoolpoort.log import logger
from schoolpoort.sessions import return_address
from schoolpoort.web import (
    BadRequest,
    Forbidden,
    NotFound,
    Request,
    Response,
    SignInRequired,
    redirect,
)
from sso import (
    authorization_request,
    authorization_response,
    grants,
    ledger,
    publishers,
    release,
    store,
)
from sso.authorization_request import AuthorizationRequest
from sso.errors import RequestRefused, RequestUnsafe
from sso.registration import Publisher
from sso.release import Permission
from sso.release_gate import Refusal

QUESTION_LIFE_S = 900
"""How long a person may take to sign in anew before the publisher's question counts again."""


def open_app(request: Request) -> Response:
    """GET /apps/{publisher_id}: on to the publisher, who then asks us who comes."""
    who = release.actor(request)
    publisher = publishers.find(request.path_parameters["publisher_id"])
    if publisher is None:
        raise NotFound("publisher_unknown")
    outcome = release.decide(who, publisher, now_epoch_s=clock.now_epoch_s())
    if isinstance(outcome, Refusal):
        raise _refused(outcome, publisher, who)
    return redirect(authorization_response.start_at_publisher(publisher, issuer=_issuer()))


def authorize(request: Request) -> Response:
    """GET /oauth2/authorize: a code for the publisher, or why there is none."""
    publisher = publishers.find(request.query.get("client_id", ""))
    try:
        address = authorization_request.return_address(request.query, publisher)
    except RequestUnsafe as error:
        template = "sso/request_refused.html"
        raise BadRequest(error.code, template=template, reason=error.code) from error
    if publisher is None:
        raise BadRequest("client_unknown")
    try:
        asked = authorization_request.read(request.query, publisher, address)
        return _answer(request, asked, publisher)
    except RequestRefused as error:
        logger.info(
            "sign-on refused",
            extra={"client_id": publisher.client_id, "reason": error.reason},
        )
        return redirect(
            authorization_response.refused(
                address,
                error=error.error,
                reason=error.reason,
                state=request.query.get("state"),
                issuer=_issuer(),
            )
        )


def _answer(request: Request, asked: AuthorizationRequest, publisher: Publisher) -> Response:
    now = clock.now_epoch_s()
    try:
        who = release.actor(request)
        if who is not None:
            _require_sign_in_of_age(request, asked, who, now_epoch_s=now)
    except SignInRequired as error:
        if asked.is_silent:
            raise RequestRefused("login_required", "nobody_signed_in") from error
        raise
    outcome = release.decide(who, publisher, now_epoch_s=now)
    if isinstance(outcome, Refusal):
        if asked.is_silent:
            raise RequestRefused("access_denied", "release_refused")
        raise _refused(outcome, publisher, who)
    code = _release(asked, publisher, outcome, now_epoch_s=now)
    way_back = authorization_response.granted(
        asked.redirect_uri, code=code, state=asked.state, issuer=_issuer()
    )
    return redirect(way_back)


def _require_sign_in_of_age(
    request: Request, asked: AuthorizationRequest, who: authority.Actor, *, now_epoch_s: int
) -> None:
    """Raise SignInRequired when the publisher wants a newer sign-in than the session's."""
    authenticated_at = who.session.authenticated_at_epoch_s

    def is_too_old(asked_at_epoch_s: int | None) -> bool:
        return authorization_request.wants_newer_sign_in(
            asked,
            authenticated_at_epoch_s=authenticated_at,
            asked_at_epoch_s=asked_at_epoch_s,
            now_epoch_s=now_epoch_s,
        )

    if not is_too_old(None):
        return
    if asked.is_silent:
        raise SignInRequired("")
    key = f"question#{asked.fingerprint()}"
    asked_at = store.remember_question(key, now_epoch_s=now_epoch_s, life_s=QUESTION_LIFE_S)
    if is_too_old(asked_at):
        raise SignInRequired(return_address(request))


def _release(
    asked: AuthorizationRequest, publisher: Publisher, allowed: Permission, *, now_epoch_s: int
) -> str:
    """Write a code with its row in the ledger and return the code."""
    session, told = allowed.who.session, allowed.release
    grant = grants.Grant(
        client_id=publisher.client_id,
        account_id=session.account_id,
        school_id=allowed.school_id,
        person_id=session.person_id,
        role=told.role,
        fields=told.fields,
        nonce=asked.nonce,
        authenticated_at_epoch_s=session.authenticated_at_epoch_s,
    )
    row = ledger.item(
        grant,
        new_id=ids.new_id(),
        publisher_name=publisher.name,
        agreement_id=allowed.agreement_id,
        now_epoch_s=now_epoch_s,
    )
    code = ids.new_secret()
    store.save_release(grants.code_item(code, grant, asked, now_epoch_s=now_epoch_s), row)
    logger.info("released", extra={"client_id": publisher.client_id, "fields": told.fields})
    return code


def _refused(refusal: Refusal, publisher: Publisher, who: authority.Actor | None) -> Forbidden:
    return Forbidden(
        refusal.reason.value,
        template="sso/refused.html",
        reason=refusal.reason.value,
        publisher_name=publisher.name,
        session=who.session if who else None,
        is_coordinator=who is not None and "ict_coordinator" in who.roles,
    )


def _issuer() -> str:
    return settings.require_url("PUBLIC_BASE_URL")
