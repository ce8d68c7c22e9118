"""Puts the gate's question: gathers what each party says about one person and one publisher."""

from dataclasses import dataclass

from schoolpoort import authority, coverage
from schoolpoort.web import Forbidden, Request
from sso import release_gate, store
from sso.registration import Publisher
from sso.release_gate import Reason, Refusal, Release, Situation


@dataclass(frozen=True, slots=True)
class Permission:
    """A yes of the gate: who is told about, to which school he belongs, what, and under what."""

    who: authority.Actor
    school_id: str
    release: Release
    agreement_id: str


def actor(request: Request) -> authority.Actor | None:
    """Return who is signed in at a school, with his roles of this moment; two calls.

    None for who is signed in without a role that signs on; raises SignInRequired for nobody.
    """
    try:
        return authority.require_person_of_school(request, *authority.CLASS_ROLES)
    except Forbidden:
        return None


def decide(
    who: authority.Actor | None, publisher: Publisher, *, now_epoch_s: int
) -> Permission | Refusal:
    """Ask the gate about a person and a publisher on the day of a moment; two calls."""
    if who is None or who.school_id is None:
        return Refusal(Reason.NO_ROLE)
    link = store.link(who.school_id, publisher.client_id)
    known = coverage.of_school(who.school_id)
    day = coverage.amsterdam_day(now_epoch_s)
    situation = Situation(
        session_kind=who.session.kind,
        roles=who.roles,
        is_covered=coverage.is_covered(known, day),
        is_declared=coverage.declaration_on(known, publisher.client_id, day),
        linked_fields=None if link is None else frozenset(link.get("fields", ())),
        needed_fields=publisher.needed_fields,
    )
    outcome = release_gate.decide(situation)
    if isinstance(outcome, Refusal):
        return outcome
    period = coverage.period_on(known, day)
    return Permission(who, who.school_id, outcome, period.agreement_id if period else "")
