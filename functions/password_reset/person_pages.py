"""The coordinator's page of one colleague: roles, groups, last days, mails, and what was done."""

import datetime as dt
from collections.abc import Mapping

from password_reset import appointing, appointments, people_store, roles_pages
from password_reset.appointments import RULES, Terms
from password_reset.people_store import ChangedMeanwhile, NoSuccessor
from schoolpoort import authority, clock, coverage, memberships, rosters
from schoolpoort.authority import Actor
from schoolpoort.dynamodb import Item
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect


def show(request: Request) -> Response:
    """GET /console/people/{account_id}."""
    actor, known = _opened(request)
    return _page(request, actor, known, None, status=200)


def change(request: Request) -> Response:
    """POST /console/people/{account_id}: change a role's terms, take it away, or mail again."""
    actor, known = _opened(request)
    path = f"/console/people/{known['account_id']}"
    authority.require_confirmed(request, actor.session, path)
    fields = request.form()
    role = fields.get("role", "")
    if role not in RULES or role not in memberships.roles_of(known):
        return redirect(f"{path}?done=changed")
    now = clock.now_epoch_s()
    try:
        match fields.get("action"):
            case "change":
                terms = _terms(request, actor, role, now)
                if terms.errors:
                    return _page(request, actor, known, terms, status=400)
                _refuse_roster_teacher(known, role)
                appointing.change_terms(actor, known, terms, now_epoch_s=now)
            case "remove":
                _refuse_roster_teacher(known, role)
                appointing.remove(actor, known, role, now_epoch_s=now)
            case "mail":
                account_id, address = known["account_id"], known["address"]
                appointing.send_mail(actor, account_id, address, role, now_epoch_s=now)
            case _:
                raise BadRequest("action_unknown")
    except NoSuccessor:
        return redirect(f"{path}?done=last_coordinator")
    except ChangedMeanwhile:
        return redirect(f"{path}?done=changed")
    logger.info("role changed", extra={"school": actor.school_id, "action": fields["action"]})
    return redirect(f"{path}?done={fields['action']}&role={role}")


def _refuse_roster_teacher(known: Item, role: str) -> None:
    """Whom the administration names as a teacher is changed there, not here."""
    if role == "teacher" and role not in memberships.grants_of(known):
        raise BadRequest("teacher_of_roster")


def _terms(request: Request, actor: Actor, role: str, now_epoch_s: int) -> Terms:
    return appointments.read_terms(
        role,
        request.form(),
        request.form_list("group_ids"),
        known_groups={group.group_id for group in rosters.groups(str(actor.school_id))},
        today=coverage.amsterdam_day(now_epoch_s),
    )


def _opened(request: Request) -> tuple[Actor, Item]:
    """Return the coordinator and the colleague, who has or had a place at the same school."""
    actor = authority.require_school_role(request, "ict_coordinator")
    known = people_store.find(request.path_parameters["account_id"], actor.scope)
    if known is None:
        raise NotFound("person_unknown")
    return actor, known


def _page(
    request: Request, actor: Actor, known: Item, wrong: Terms | None, *, status: int
) -> Response:
    member = memberships.from_item(known)
    groups = rosters.groups(str(actor.school_id))
    today = coverage.amsterdam_day(clock.now_epoch_s())
    return page(
        request,
        "password_reset/person.html",
        status=status,
        session=actor.session,
        member=member,
        lines=roles_pages.lines_of(member, {one.group_id: one.name for one in groups}, today),
        rules=RULES,
        groups=groups,
        wrong=wrong,
        is_roster_teacher="teacher" in member.roles and "teacher" not in member.grants,
        today=today,
        last_days={
            role: appointments.last_day(rule, today)
            for role, rule in RULES.items()
            if rule.longest_days
        },
        happened=_happened(actor, known["account_id"]),
        done=request.query.get("done", ""),
        done_role=request.query.get("role", ""),
        help_article="appoint-people",
    )


def _happened(actor: Actor, about: str) -> list[tuple[dt.date, str, str, str]]:
    """Return what was done to somebody: day, act, role, and the name of who did it."""
    names: Mapping[str, str] = {
        member.account_id: member.display_name
        for member in memberships.in_scope(actor.scope, also_ended=True)
    }
    return [
        (
            coverage.amsterdam_day(item["at_epoch_s"]),
            item["action"],
            item["role"],
            names.get(item["by"], ""),
        )
        for item in people_store.events(actor.scope, about=about)
    ]
