"""The coordinator's page of people: whom to invite, whom not and why, and how mails went."""

from dataclasses import dataclass

from password_reset import invitable, link_store, lives
from password_reset.address_record import AddressRecord
from password_reset.invitable import Candidate, Kept
from schoolpoort import authority, clock, ids, mail_requests, memberships, rosters
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.memberships import Membership
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_TEACHER = "teacher"
_ENOUGH_DIGITS = 16
_AN_HOUR_S = 60 * 60
_A_DAY_S = 24 * _AN_HOUR_S


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who was invited, and how the newest mail with a link went.

    `is_stopped` says that there is no such mailbox, so that nothing more is sent to it.
    """

    membership: Membership
    mail_state: str
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class People:
    """The staff of a school, sorted by what happens to them next."""

    to_invite: list[Candidate]
    kept: list[Kept]
    members: list[Member]

    @property
    def without_password(self) -> list[Member]:
        """Return who was invited and has not chosen a password."""
        return [one for one in self.members if one.membership.activated_at_epoch_s is None]


def show(request: Request) -> Response:
    """GET /console/people."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return page(
        request,
        "password_reset/people.html",
        session=actor.session,
        people=_people(actor),
        invited=request.query.get("invited", ""),
        done=request.query.get("done", ""),
        leaves_at=lives.next_opening(clock.now_epoch_s()),
        days=lives.activation_days(),
        help_article="invite-staff",
    )


def invite(request: Request) -> Response:
    """POST /console/people/invite: ask for one mail a person; pressing again sends none twice."""
    actor = authority.require_school_role(request, "ict_coordinator")
    scope_name = _scope_name(memberships.in_scope(actor.scope))
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
            leaves=mail_requests.SCHOOL_HOURS,
        )
    logger.info("staff invited", extra={"school": actor.school_id, "count": len(candidates)})
    return redirect(f"/console/people?invited={len(candidates)}")


def mail(request: Request) -> Response:
    """POST /console/people/mail: a link for one colleague, or for all without a password."""
    actor = authority.require_school_role(request, "ict_coordinator")
    form = request.form()
    members = {one.account_id: one for one in memberships.in_scope(actor.scope)}
    now = clock.now_epoch_s()
    match form.get("action", ""):
        case "remind":
            whom = [
                one
                for one in members.values()
                if one.activated_at_epoch_s is None and one.account_id != actor.account_id
            ]
            for member in whom:
                _remind(actor, member, now)
            logger.info("staff reminded", extra={"school": actor.school_id, "count": len(whom)})
            return redirect(f"/console/people?invited={len(whom)}")
        case "link" | "try_again" as action:
            colleague = members.get(form.get("account_id", ""))
            if colleague is None:
                raise NotFound("member_unknown")
            _send_link(colleague, action, now)
            logger.info("link sent", extra={"school": actor.school_id, "action": action})
            return redirect("/console/people?done=link")
        case _:
            raise BadRequest("action_unknown")


def _remind(actor: Actor, member: Membership, now_epoch_s: int) -> None:
    """Invite somebody once more, at most once a day."""
    mail_requests.enqueue(
        "invitation",
        request_id=f"remind-{actor.school_id}-{member.account_id}-{now_epoch_s // _A_DAY_S}",
        address=member.address,
        display_name=member.display_name,
        language="",
        scope=member.scope,
        scope_name=member.scope_name,
        roles=sorted(member.roles),
        person_id=member.person_id,
        account_id=member.account_id,
        leaves=mail_requests.SCHOOL_HOURS,
    )


def _send_link(member: Membership, action: str, now_epoch_s: int) -> None:
    """Mail a link to the staff account of a colleague, at once, at most one an hour."""
    whom = ids.sha256_hex(f"{member.account_id}#{member.address}")[:_ENOUGH_DIGITS]
    mail_requests.enqueue(
        "password_reset",
        request_id=f"{action}-{whom}-{now_epoch_s // _AN_HOUR_S}",
        address=member.address,
        at="staff",
        scope=member.scope,
        insists=action == "try_again",
    )


def _scope_name(members: list[Membership]) -> str:
    return next((member.scope_name for member in members), "")


def _request_id(actor: Actor, person_id: str, address: str) -> str:
    """Return one id for a person at an address: a corrected address is another mail."""
    return f"invite-{actor.school_id}-{person_id}-{ids.sha256_hex(address)[:_ENOUGH_DIGITS]}"


def _people(actor: Actor) -> People:
    candidates, kept = invitable.sort_out(rosters.staff(actor.school_id or ""))
    members = memberships.in_scope(actor.scope)
    are_in = {member.address for member in members if _TEACHER in member.roles}
    return People(
        to_invite=[entry for entry in candidates if entry.address not in are_in],
        kept=kept,
        members=_with_mails(sorted(members, key=lambda one: one.display_name.casefold())),
    )


def _with_mails(members: list[Membership]) -> list[Member]:
    """Return people with how their newest mail with a link went; two calls per hundred."""
    records = link_store.records_of([member.address for member in members])
    asked = {address: record.last_request_id for address, record in records.items()}
    states = mail_requests.states(list(asked.values()))
    return [
        _member(member, records[member.address], states.get(asked[member.address], ""))
        for member in members
    ]


def _member(member: Membership, record: AddressRecord, mail_state: str) -> Member:
    return Member(member, mail_state, is_stopped=record.bounced_at_epoch_s > 0)
