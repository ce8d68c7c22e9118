"""Opening the code of somebody who cannot sign in, for a coordinator and for the helpdesk."""

import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from login import audit, store, trouble, trouble_store
from login.trouble import Viewer
from schoolpoort import authority, clock, ids, memberships
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.memberships import Membership
from schoolpoort.web import Request, Response, page

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def show_console(request: Request) -> Response:
    """GET /console/trouble: the form for a code."""
    return _page(request, authority.require_school_role(request, "ict_coordinator"))


def receive_console(request: Request) -> Response:
    """POST /console/trouble: what a code stands for, as far as it is about this school."""
    return _opened(request, authority.require_school_role(request, "ict_coordinator"))


def show_helpdesk(request: Request) -> Response:
    """GET /helpdesk/trouble: the form for a code, and the attempts that belong to no school."""
    return _page(request, authority.require_role(request, "helpdesk"))


def receive_helpdesk(request: Request) -> Response:
    """POST /helpdesk/trouble: what a code stands for, whoever it is about."""
    return _opened(request, authority.require_role(request, "helpdesk"))


def _opened(request: Request, actor: Actor) -> Response:
    """Show what a code stands for; that somebody looked is recorded first."""
    now = clock.now_epoch_s()
    code = trouble.read_code(request.form().get("code", ""))
    found = trouble_store.find(code, now_epoch_s=now) if code else None
    logger.info("trouble opened", extra={"is_known": found is not None})
    store.record(
        audit.event(
            nonce=ids.new_nonce(),
            action="trouble_read",
            outcome="done" if found else "refused",
            reason="asked" if found else "code_unknown",
            account_id=actor.account_id,
            scope=actor.scope,
            at_epoch_s=now,
        )
    )
    if found is None:
        return _page(request, actor, is_unknown=True, status=404)
    checks, trace = found
    events = trouble_store.events_of(trace, now_epoch_s=now)
    tries = trouble.tries(events, _viewer(actor, events))
    return _page(request, actor, checks=checks, findings=checks.findings(), tries=tries)


def _viewer(actor: Actor, events: list[dict[str, Any]]) -> Viewer:
    if actor.school_id is not None:
        members = memberships.in_scope(actor.scope)
    else:
        members = [
            member
            for account_id in trouble_store.accounts_in(events)
            for member in memberships.of_account(account_id)
        ]
    return Viewer(
        school_id=actor.school_id,
        names={one.account_id: _name(one, actor) for one in members},
        without_password=frozenset(
            one.account_id for one in members if one.activated_at_epoch_s is None
        ),
    )


def _name(member: Membership, actor: Actor) -> str:
    """Return who it is; the helpdesk needs the place too."""
    if actor.school_id is not None:
        return member.display_name
    return f"{member.display_name}, {member.scope_name}"


def _page(request: Request, actor: Actor, *, status: int = 200, **values: Any) -> Response:
    is_helpdesk = actor.school_id is None
    now = clock.now_epoch_s()
    strays = trouble_store.without_school(now_epoch_s=now) if is_helpdesk else []
    recent = [event for event in strays if event["at_epoch_s"] > now - trouble.LOOK_BACK_S]
    given = {"checks": None, "findings": [], "tries": [], "is_unknown": False} | values
    return page(
        request,
        "login/trouble_desk.html",
        status=status,
        session=actor.session,
        is_helpdesk=is_helpdesk,
        strays=strays[:100],
        refusals=Counter((one["action"], one["reason"]) for one in recent).most_common(),
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, _AMSTERDAM),
        **given,
    )
