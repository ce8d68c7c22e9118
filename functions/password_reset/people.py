"""The coordinator's page of people: who would be invited, who not and why, who is in."""

from dataclasses import dataclass

from password_reset import invitable, store
from password_reset.invitable import Candidate, Kept
from schoolpoort import authority, ids, mail_requests, memberships, rosters
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.memberships import Membership
from schoolpoort.web import Request, Response, page, redirect

_TEACHER = "teacher"
_ENOUGH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who was invited: the membership and how the mail went."""

    membership: Membership
    mail_state: str


@dataclass(frozen=True, slots=True)
class People:
    """The staff of a school, sorted by what happens to them next."""

    to_invite: list[Candidate]
    kept: list[Kept]
    members: list[Member]


def show(request: Request) -> Response:
    """GET /console/people."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return page(
        request,
        "password_reset/people.html",
        session=actor.session,
        people=_people(actor),
        invited=request.query.get("invited", ""),
        help_article="invite-staff",
    )


def invite(request: Request) -> Response:
    """POST /console/people/invite: ask for one mail a person; pressing again sends none twice."""
    actor = authority.require_school_role(request, "ict_coordinator")
    members = memberships.in_scope(actor.scope)
    scope_name = next((member.scope_name for member in members), "")
    candidates = _people(actor).to_invite
    for candidate in candidates:
        mail_requests.enqueue(
            "invitation",
            request_id=_request_id(actor, candidate.staff.person_id, candidate.address),
            address=candidate.address,
            display_name=candidate.staff.display_name,
            language="",
            scope=actor.scope,
            scope_name=scope_name,
            roles=[_TEACHER],
            person_id=candidate.staff.person_id,
        )
    logger.info("staff invited", extra={"school": actor.school_id, "count": len(candidates)})
    return redirect(f"/console/people?invited={len(candidates)}")


def _request_id(actor: Actor, person_id: str, address: str) -> str:
    """Return one id for a person at an address: a corrected address is another mail."""
    return f"invite-{actor.school_id}-{person_id}-{ids.sha256_hex(address)[:_ENOUGH_DIGITS]}"


def _people(actor: Actor) -> People:
    candidates, kept = invitable.sort_out(rosters.staff(actor.school_id or ""))
    members = memberships.in_scope(actor.scope)
    are_in = {member.address for member in members if _TEACHER in member.roles}
    requests = {
        member.account_id: _request_id(actor, member.person_id, member.address)
        for member in members
        if member.person_id
    }
    states = store.mail_states(list(requests.values()))
    return People(
        to_invite=[entry for entry in candidates if entry.address not in are_in],
        kept=kept,
        members=[
            Member(member, states.get(requests.get(member.account_id, ""), ""))
            for member in sorted(members, key=lambda member: member.display_name.casefold())
        ],
    )
