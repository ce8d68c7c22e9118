"""What stands between a right password and the house, as a declared table.

    password ──► code ─────────┐
        │  └───► enrolment ────┤
        │                      ▼
        └──────────────────► choice ──► in

A session that is not in yet ("half") opens no page but that of its step: every reader of sessions
refuses it. Each step gives the browser another secret.

    step        asked when                                             leads to
    code        the account has a second factor                        choice or in
    enrolment   it has none, and a role of it needs one                choice or in
    choice      it has more than one place to work                     in
"""

import enum
from collections.abc import Sequence

from schoolpoort.authority import STRONG_ROLES
from schoolpoort.memberships import Membership


class Step(enum.StrEnum):
    """Where somebody is on the way in."""

    CODE = "code"
    ENROLMENT = "enrolment"
    CHOICE = "choice"
    IN = "in"


PAGE_OF = {
    Step.CODE: "/login/code",
    Step.ENROLMENT: "/login/second-factor",
    Step.CHOICE: "/login/choice",
}


def first_step(members: Sequence[Membership], *, has_second_factor: bool) -> Step:
    """Return the step after a right password."""
    if has_second_factor:
        return Step.CODE
    return Step.ENROLMENT if needs_second_factor(members) else after_proof(members)


def after_proof(members: Sequence[Membership]) -> Step:
    """Return the step after a second factor, or after a password where none is asked."""
    return Step.CHOICE if len(members) > 1 else Step.IN


def needs_second_factor(members: Sequence[Membership]) -> bool:
    """Say whether a role of an account works only with a second factor."""
    return any(STRONG_ROLES & member.roles for member in members)


def in_order(members: Sequence[Membership]) -> list[Membership]:
    """Return places to work in the order to show them: schools, boards, the helpdesk."""

    def rank(member: Membership) -> tuple[bool, str, str]:
        return not member.scope.startswith("school#"), member.scope_name.casefold(), member.scope

    return sorted(members, key=rank)
