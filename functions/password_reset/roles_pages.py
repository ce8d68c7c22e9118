"""The coordinator's page of who may do what, and the form that gives somebody a role."""

import datetime as dt
from dataclasses import dataclass

from password_reset import appointing, appointments, people_store, reviews, substitutes
from password_reset.appointments import RULES, Appointment
from password_reset.people_store import ChangedMeanwhile, NoSuccessor
from schoolpoort import authority, clock, coverage, credentials, memberships, rosters
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.memberships import Membership
from schoolpoort.web import NotFound, Request, Response, page, redirect

_PLACE = "/console/people/roles"


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role of somebody: its last day, the names of its groups, whether it waits for a yes."""

    role: str
    until: dt.date | None
    groups: tuple[str, ...]
    is_to_confirm: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who was given a role by hand; `idle_since` once he is warned that it ends."""

    membership: Membership
    lines: tuple[RoleLine, ...]
    idle_since: dt.date | None = None

    @property
    def is_to_confirm(self) -> bool:
        """Say whether one of the roles waits to be confirmed, or was not used for long."""
        return self.idle_since is not None or any(line.is_to_confirm for line in self.lines)


def show(request: Request) -> Response:
    """GET /console/people/roles: who has which role until when, and who is to be confirmed."""
    actor = authority.require_school_role(request, "ict_coordinator")
    names = {group.group_id: group.name for group in rosters.groups(str(actor.school_id))}
    today = coverage.amsterdam_day(clock.now_epoch_s())
    members = memberships.in_scope(actor.scope)
    members.sort(key=lambda member: member.display_name.casefold())
    used = credentials.last_used([credentials.staff_key(one.address) for one in members])
    rows = [
        Row(member, lines, _idle_since(member, day, today))
        for member, day in zip(members, used, strict=True)
        if (lines := lines_of(member, names, today))
    ]
    return page(
        request,
        "password_reset/roles.html",
        session=actor.session,
        rows=rows,
        of_today=substitutes.of_today(members, names, clock.now_epoch_s()),
        coordinators=_coordinators(members),
        done=request.query.get("done", ""),
        help_article="appoint-people",
    )


def _idle_since(member: Membership, noted: str, today: dt.date) -> dt.date | None:
    """Return since when somebody did not come in, where that is so long that a role ends soon."""
    if not (noted and member.activated_at_epoch_s):
        return None
    day = dt.date.fromisoformat(noted)
    is_idle = any(reviews.is_idle(grant, day, today) for grant in member.grants.values())
    return day if is_idle else None


def lines_of(
    member: Membership, group_names: dict[str, str], today: dt.date
) -> tuple[RoleLine, ...]:
    """Return the roles of somebody that a coordinator can change, in the order of the rules."""
    return tuple(
        RoleLine(
            role=role,
            until=grant.until if grant else None,
            groups=tuple(
                sorted(group_names[name] for name in grant.group_ids if name in group_names)
                if grant
                else ()
            ),
            is_to_confirm=grant is not None and reviews.is_to_confirm(grant, today),
        )
        for role in RULES
        if role in member.roles
        for grant in [member.grants.get(role)]
        if grant is not None or role != "teacher"
    )


def _coordinators(members: list[Membership]) -> int:
    """Return how many coordinators can come in and have no last day."""
    return sum(
        bool(member.activated_at_epoch_s)
        and appointments.coordinates_without_end(member.roles, member.grants)
        for member in members
    )


def confirm(request: Request) -> Response:
    """POST /console/people/roles: the ticked people keep their roles for another year."""
    actor = authority.require_school_role(request, "ict_coordinator")
    authority.require_confirmed(request, actor.session, _PLACE)
    chosen = request.form_list("account_id")
    now = clock.now_epoch_s()
    for account_id in dict.fromkeys(chosen):
        known = people_store.find(account_id, actor.scope)
        if known is not None and memberships.grants_of(known):
            try:
                appointing.confirm(actor, known, now_epoch_s=now)
            except ChangedMeanwhile:
                return redirect(f"{_PLACE}?done=changed")
    logger.info("roles confirmed", extra={"school": actor.school_id, "count": len(chosen)})
    return redirect(f"{_PLACE}?done={'confirmed' if chosen else 'none'}")


def show_form(request: Request) -> Response:
    """GET /console/people/new: which role; with `role`, the form that gives it.

    Who must show who he is does so before the form, because a sent form is not kept.
    """
    actor = authority.require_school_role(request, "ict_coordinator")
    role = request.query.get("role", "")
    if role not in RULES:
        return page(
            request,
            "password_reset/choose_role.html",
            session=actor.session,
            roles=list(RULES),
            person=request.query.get("person", ""),
            help_article="appoint-people",
        )
    authority.require_confirmed(request, actor.session, _form_address(role))
    return _form(request, actor, role, _prefilled(actor, role, request), status=200)


def _form_address(role: str) -> str:
    return f"/console/people/new?role={role}"


def _prefilled(actor: Actor, role: str, request: Request) -> Appointment:
    """Return the form as it opens: empty, or with a colleague whom the school knows already."""
    known = people_store.find(request.query.get("person", ""), actor.scope)
    name, address = (known["display_name"], known["address"]) if known else ("", "")
    terms = appointments.Terms(role, frozenset(), "", None, {})
    return Appointment(name, address, address, terms, {})


def appoint(request: Request) -> Response:
    """POST /console/people/new: give the role, or say on the form what is the matter."""
    actor = authority.require_school_role(request, "ict_coordinator")
    fields = request.form()
    role = fields.get("role", "")
    if role not in RULES:
        raise NotFound("role_unknown")
    authority.require_confirmed(request, actor.session, _form_address(role))
    now = clock.now_epoch_s()
    terms = appointments.read_terms(
        role,
        fields,
        request.form_list("group_ids"),
        known_groups={group.group_id for group in rosters.groups(str(actor.school_id))},
        today=coverage.amsterdam_day(now),
    )
    wanted = appointments.read_person(fields, terms)
    if wanted.errors:
        return _form(request, actor, role, wanted, status=400)
    error = _appointed(actor, wanted, now)
    if error:
        return _form(request, actor, role, wanted, status=409, error=error)
    logger.info("appointed", extra={"school": actor.school_id, "role": role})
    return redirect(f"{_PLACE}?done=appointed")


def _appointed(actor: Actor, wanted: Appointment, now_epoch_s: int) -> str:
    """Give the role; return why not, or nothing when it is done."""
    scope_name = next((one.scope_name for one in memberships.in_scope(actor.scope)), "")
    try:
        appointing.appoint(actor, wanted, scope_name, now_epoch_s=now_epoch_s)
    except ChangedMeanwhile:
        return "changed"
    except NoSuccessor:
        return "last_coordinator"
    except appointing.TeachesAlready:
        return "teaches_already"
    return ""


def _form(
    request: Request,
    actor: Actor,
    role: str,
    wanted: Appointment,
    *,
    status: int,
    error: str = "",
) -> Response:
    today = coverage.amsterdam_day(clock.now_epoch_s())
    rule = RULES[role]
    return page(
        request,
        "password_reset/appoint.html",
        status=status,
        session=actor.session,
        role=role,
        rule=rule,
        wanted=wanted,
        error=error,
        groups=rosters.groups(str(actor.school_id)) if rule.groups != "all" else [],
        today=today,
        last_day=appointments.last_day(rule, today) if rule.longest_days else None,
        help_article=HELP_OF.get(role, "appoint-people"),
    )


HELP_OF = {"substitute": "substitutes", "trainee": "trainees"}
"""The article of roles that have one of their own."""
