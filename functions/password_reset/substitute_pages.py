"""Adding a substitute for today, and the one tap with which a coordinator stops it."""

from dataclasses import dataclass

from password_reset import appointing, appointments, people_store, substitutes
from password_reset.appointments import Appointment
from password_reset.people_store import ChangedMeanwhile
from schoolpoort import authority, clock, coverage, credentials, mail_requests, memberships, rosters
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.memberships import Membership
from schoolpoort.rosters import Group
from schoolpoort.web import NotFound, Request, Response, page, redirect

_ROLES = "/console/people/roles"


@dataclass(frozen=True, slots=True)
class _Opened:
    """Who gives, the groups to choose from, those that are ticked at first, and the day's end."""

    actor: Actor
    groups: list[Group]
    own: frozenset[str]
    ends_at_epoch_s: int | None


def show(request: Request) -> Response:
    """GET /substitute: the form; with `given`, how that substitute comes in."""
    opened = _opened(request)
    given = request.query.get("given", "")
    if given:
        return _given(request, opened, given)
    terms = appointments.Terms(substitutes.ROLE, _first(request, opened), "", None, {})
    return _form(request, opened, Appointment("", "", "", terms, {}), status=200)


def receive(request: Request) -> Response:
    """POST /substitute: give the role until 18:00, tell the coordinators, or say what is wrong."""
    opened = _opened(request)
    now, actor = clock.now_epoch_s(), opened.actor
    today = coverage.amsterdam_day(now)
    fields = {**request.form(), "until": today.isoformat()}
    known = {group.group_id for group in opened.groups}
    chosen = request.form_list("group_ids")
    terms = appointments.read_terms(
        substitutes.ROLE, fields, chosen, known_groups=known, today=today
    )
    wanted = appointments.read_person(fields, terms)
    if wanted.errors or opened.ends_at_epoch_s is None:
        return _form(request, opened, wanted, status=400)
    scope_name = next((one.scope_name for one in memberships.in_scope(actor.scope)), "")
    try:
        account_id = appointing.appoint(
            actor, wanted, scope_name, now_epoch_s=now, ends_at_epoch_s=opened.ends_at_epoch_s
        )
    except ChangedMeanwhile:
        return _form(request, opened, wanted, status=409, error="changed")
    except appointing.LongerAlready:
        return _form(request, opened, wanted, status=409, error="longer")
    named = [group.name for group in opened.groups if group.group_id in terms.group_ids]
    _tell_coordinators(actor, account_id, named, now)
    logger.info("substitute for today", extra={"school": actor.school_id})
    return redirect(f"/substitute?given={account_id}")


def stop(request: Request) -> Response:
    """POST /console/people/stop: a substitute of today stops at once; nothing more is asked."""
    actor = authority.require_school_role(request, "ict_coordinator")
    known = people_store.find(request.form().get("account_id", ""), actor.scope)
    now = clock.now_epoch_s()
    grant = memberships.grants_of(known).get(substitutes.ROLE) if known else None
    if known is None or not substitutes.is_for_today(grant, now):
        return redirect(f"{_ROLES}?done=changed")
    try:
        appointing.remove(actor, known, substitutes.ROLE, now_epoch_s=now)
    except ChangedMeanwhile:
        return redirect(f"{_ROLES}?done=changed")
    logger.info("substitute stopped", extra={"school": actor.school_id})
    return redirect(f"{_ROLES}?done=stopped")


def _opened(request: Request) -> _Opened:
    actor = authority.require_school_role(request, *authority.SUBSTITUTE_GIVERS)
    own = authority.group_rights(actor).kept
    school_id = str(actor.school_id)
    offered = substitutes.offered(rosters.groups(school_id), rosters.pupils(school_id), own)
    return _Opened(actor, offered, own or frozenset(), substitutes.ends_at(clock.now_epoch_s()))


def _first(request: Request, opened: _Opened) -> frozenset[str]:
    """Return what is ticked when the form opens: the group of the page, or the only own one."""
    asked = frozenset({request.query.get("group", "")}) & {one.group_id for one in opened.groups}
    return asked or (opened.own if len(opened.own) == 1 else frozenset())


def _tell_coordinators(actor: Actor, account_id: str, groups: list[str], now_epoch_s: int) -> None:
    for one in memberships.in_scope(actor.scope):
        if appointments.COORDINATOR in one.roles and one.account_id != actor.account_id:
            mail_requests.enqueue(
                "substitute",
                request_id=f"substitute-{one.account_id}-{account_id}-{now_epoch_s // 60}",
                address=one.address,
                scope=actor.scope,
                about=account_id,
                groups=", ".join(groups),
            )


def _form(
    request: Request, opened: _Opened, wanted: Appointment, *, status: int, error: str = ""
) -> Response:
    return page(
        request,
        "password_reset/substitute.html",
        status=status,
        session=opened.actor.session,
        wanted=wanted,
        error=error,
        groups=opened.groups,
        is_over=opened.ends_at_epoch_s is None,
    )


def _given(request: Request, opened: _Opened, account_id: str) -> Response:
    """Say how somebody comes in whom this person added today."""
    known = people_store.find(account_id, opened.actor.scope)
    member: Membership | None = memberships.from_item(known) if known else None
    grant = member.grants.get(substitutes.ROLE) if member else None
    is_own = grant is not None and grant.given_by == opened.actor.account_id
    if member is None or not is_own or not substitutes.is_for_today(grant, clock.now_epoch_s()):
        raise NotFound("substitute_unknown")
    credential = credentials.find(credentials.staff_key(member.address))
    return page(
        request,
        "password_reset/substitute_given.html",
        session=opened.actor.session,
        member=member,
        has_password=credential is not None and credential.password_hash is not None,
    )
