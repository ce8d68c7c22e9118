"""A code by which a substitute is in at once: shown to the colleague, typed on the other's phone.

Whoever added a substitute for today may show a code: fifty bits, thirty minutes, one use. It opens
a session at that school until 18:00 and no more. No password is set with it and no address counts
as proved, so a code can take over nobody's account: its session changes nothing of the account,
because it never showed who it is.
"""

from collections.abc import Mapping
from typing import Any

from login import audit, browsers, class_store, home_cards, home_codes, store, throttle
from login.audit import Action
from login.session_start import SignedIn, session_item
from schoolpoort import (
    authority,
    clock,
    credentials,
    dynamodb,
    ids,
    memberships,
    sessions,
    settings,
)
from schoolpoort.errors import TransactionRefused
from schoolpoort.log import logger
from schoolpoort.memberships import Grant, Membership
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

LIFE_S = 30 * 60
_ROLE = "substitute"
_STATUS = {"": 200, "no_code": 400, "wrong": 400, "wait": 429}


def make_code(request: Request) -> Response:
    """POST /groups/handover: show a code for a substitute whom this person added today."""
    actor = authority.require_school_role(request, *authority.SUBSTITUTE_GIVERS)
    now = clock.now_epoch_s()
    found = _substitute(request.form().get("account_id", ""), actor.scope, now)
    if found is None or found[1].given_by != actor.account_id or _has_password(found[0]):
        raise NotFound("substitute_unknown")
    member, _ = found
    code = ids.new_recovery_secret()
    event = _event(actor.account_id, member, "handover_made", now, request.source_ip)
    class_store.keep_handover(code, member, event, expires_at_epoch_s=now + LIFE_S)
    logger.info("hand-over code made", extra={"school": actor.school_id})
    address = f"{settings.require_url('PUBLIC_BASE_URL')}/login/substitute"
    return page(
        request,
        "login/handover.html",
        session=actor.session,
        name=member.display_name,
        code=home_codes.shown(code),
        address=address,
        qr_svg=home_cards.picture_of(f"{address}#{code}"),
        minutes=LIFE_S // 60,
    )


def show_entry(request: Request) -> Response:
    """GET /login/substitute: one field; a QR brings its code behind the #."""
    return _entry(request, "")


def receive_entry(request: Request) -> Response:
    """POST /login/substitute: in until 18:00, once, or why not."""
    now = clock.now_epoch_s()
    code = home_codes.read(request.form().get("lesson", "")[:100])
    if code is None:
        return _entry(request, "no_code")
    if not store.draw_on(throttle.handover_draws(source_ip=request.source_ip, now_epoch_s=now)):
        return _entry(request, "wait")
    place = class_store.handover(code, now_epoch_s=now)
    found = _substitute(*place, now) if place else None
    if found is None:
        logger.info("hand-over code refused")
        return _entry(request, "wrong")
    member, grant = found
    secret = ids.new_secret()
    try:
        store.start_session(
            _session(request, member, grant, secret, now),
            _event(member.account_id, member, "sign_in", now, request.source_ip),
            ends=sessions.hash_of_cookie(request),
            with_changes=class_store.handover_used(code, now_epoch_s=now),
        )
    except TransactionRefused:
        return _entry(request, "wrong")
    logger.info("substitute in", extra={"scope": member.scope})
    groups = sorted(grant.group_ids)
    path = f"/groups/{groups[0]}" if len(groups) == 1 else "/groups"
    return redirect(path).with_cookie(cookie(sessions.COOKIE_NAME, secret))


def _substitute(account_id: str, scope: str, now_epoch_s: int) -> tuple[Membership, Grant] | None:
    """Return somebody who stands in today by a colleague's word, or None."""
    key = {"account_id": account_id or "-", "scope": scope}
    item = dynamodb.get(settings.require("ACCOUNTS_TABLE"), key, consistent=True)
    member = memberships.from_item(item) if item else None
    grant = member.grants.get(_ROLE) if member else None
    if member is None or grant is None or _ROLE not in member.roles:
        return None
    return (member, grant) if grant.ends_at_epoch_s and grant.holds_at(now_epoch_s) else None


def _has_password(member: Membership) -> bool:
    credential = credentials.find(credentials.staff_key(member.address))
    return credential is not None and credential.password_hash is not None


def _session(
    request: Request, member: Membership, grant: Grant, secret: str, now_epoch_s: int
) -> dict[str, Any]:
    who = SignedIn(
        account_id=member.account_id,
        display_name=member.display_name,
        scope=member.scope,
        person_id=None,
        language=request.language,
        browser=browsers.name_of(request.headers.get("user-agent", "")),
        idle_life_s=sessions.IDLE_LIFE_AT_SCHOOL_S,
    )
    made = session_item(
        who,
        session_hash=ids.sha256_hex(secret),
        stage=settings.require("STAGE"),
        now_epoch_s=now_epoch_s,
    )
    ends = min(made["expires_at_epoch_s"], grant.ends_at_epoch_s or now_epoch_s)
    return {**made, "expires_at_epoch_s": ends, "confirmed_at_epoch_s": 0}


def _event(
    by: str, member: Membership, action: Action, now_epoch_s: int, source_ip: str
) -> Mapping[str, Any]:
    return audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome="done",
        reason="handover",
        account_id=by,
        scope=member.scope,
        subject=member.account_id,
        at_epoch_s=now_epoch_s,
        source_ip=source_ip,
    )


def _entry(request: Request, problem: str) -> Response:
    return page(request, "login/handover_entry.html", status=_STATUS[problem], problem=problem)
