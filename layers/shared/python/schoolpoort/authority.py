"""What a signed-in person may do, read freshly at every request.

A session says who somebody is; the membership says what he may do, so a role that was taken away
stops working at once, and one with a last day when that day is over. That costs two calls: the
session and one consistent GetItem.

Roles that see or decide about many people work only in a session with a second factor. Whoever
gets such a role while signed in is asked for one at the next page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from schoolpoort import clock, dynamodb, memberships, rosters, sessions, settings
from schoolpoort.memberships import Grant
from schoolpoort.web import (
    ConfirmationRequired,
    Forbidden,
    Request,
    SecondFactorRequired,
    SignInRequired,
)

Role = Literal[
    "teacher",
    "ict_coordinator",
    "school_head",
    "internal_support",
    "support_staff",
    "trainee",
    "substitute",
    "board",
    "above_school_ict",
    "privacy_officer",
    "helpdesk",
    "publisher",
]

CLASS_ROLES: tuple[Role, ...] = (
    "teacher",
    "ict_coordinator",
    "school_head",
    "internal_support",
    "substitute",
    "support_staff",
    "trainee",
)
"""Roles that work with groups of pupils: some with those that they were given, some with all."""

_ALL_GROUPS: frozenset[Role] = frozenset({"ict_coordinator", "school_head", "internal_support"})
_LOOK_AFTER: frozenset[Role] = _ALL_GROUPS | {"teacher", "substitute"}
"""Who answers for the pupils of a group; support staff and trainees help there and look on."""

STRONG_ROLES: frozenset[Role] = frozenset({"ict_coordinator", "board", "helpdesk"})
"""Roles that need a second factor (OWASP ASVS 5.0, 6.3.3; docs/decisions)."""

SUBSTITUTE_GIVERS: tuple[Role, ...] = (
    "teacher",
    "school_head",
    "internal_support",
    "ict_coordinator",
)
"""Who may let somebody stand in for a group today."""

CONFIRMATION_LIFE_S = 15 * 60
"""How long after showing who one is sensitive acts are open."""

_SCHOOL = "school#"
_BOARD = "board#"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person and all roles that the membership of his session gives him.

    `scope` is "school#<id>", "board#<number>" or "helpdesk"; the id or number stands apart too.
    """

    session: sessions.Session
    scope: str
    roles: frozenset[str]
    school_id: str | None
    board_number: str | None
    account_id: str
    person_id: str | None = None
    grants: Mapping[str, Grant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupRights:
    """The groups that somebody of a school works with; None for all of them.

    `seen` are those whose pupils he sees. `kept` are those of them where he answers for how pupils
    come in: PINs, pictures, home addresses and their cards.
    """

    seen: frozenset[str] | None
    kept: frozenset[str] | None

    def sees(self, group_id: str) -> bool:
        """Say whether a group may be looked at."""
        return self.seen is None or group_id in self.seen

    def keeps(self, group_id: str) -> bool:
        """Say whether what is settled for the pupils of a group may be changed."""
        return self.kept is None or group_id in self.kept


def group_rights(actor: Actor) -> GroupRights:
    """Return what somebody of a school may do with its groups.

    Several roles are a union: what the roster gives a teacher today, and what each role was given
    by hand. One GetItem for a teacher of the roster, none for all others.
    """
    if sees_all_groups(actor.roles):
        return GroupRights(seen=None, kept=None)
    own = _groups_of_roster(actor)
    return GroupRights(
        seen=own | given_groups(actor.roles, actor.grants),
        kept=own | given_groups(actor.roles & _LOOK_AFTER, actor.grants),
    )


def _groups_of_roster(actor: Actor) -> frozenset[str]:
    if "teacher" not in actor.roles or actor.person_id is None:
        return frozenset()
    person = rosters.person(str(actor.school_id), actor.person_id)
    if person is None or not person.active:
        return frozenset()
    return frozenset(group.group_id for group in person.groups)


def sees_all_groups(roles: frozenset[str]) -> bool:
    """Say whether a role is about every group of a school."""
    return not _ALL_GROUPS.isdisjoint(roles)


def given_groups(roles: frozenset[str], grants: Mapping[str, Grant]) -> frozenset[str]:
    """Return the groups that came with roles that were given by hand and hold today."""
    return frozenset(
        group_id for role in roles if role in grants for group_id in grants[role].group_ids
    )


def require_role(request: Request, *roles: Role) -> Actor:
    """Return the actor who has at least one of these roles.

    Raises SignInRequired without a session and Forbidden without such a role.
    """
    return _actor_with(request, sessions.require(request), roles)


def require_school_role(request: Request, *roles: Role) -> Actor:
    """Return the actor who has at least one of these roles at a school.

    Raises SignInRequired without a session, Forbidden without such a role or outside a school.
    """
    session = sessions.require(request)
    if not session.scope.startswith(_SCHOOL):
        raise Forbidden(code="not_at_a_school")
    return _actor_with(request, session, roles)


def require_person_of_school(request: Request, *roles: Role) -> Actor:
    """Return who is signed in at a school: staff with one of these roles, or a pupil.

    A pupil has the role "pupil" as long as the roster has him; raises SignInRequired and Forbidden.
    """
    session = sessions.of_anybody(request)
    if session is None:
        raise SignInRequired(sessions.return_address(request))
    if session.kind == "pupil":
        return _pupil(session)
    if not session.scope.startswith(_SCHOOL):
        raise Forbidden(code="not_at_a_school")
    return _actor_with(request, session, roles)


def _pupil(session: sessions.Session) -> Actor:
    person = rosters.person(str(session.school_id), str(session.person_id))
    if person is None or not person.active or person.kind != "pupil":
        raise Forbidden(code="not_at_this_school")
    return Actor(
        session=session,
        scope=session.scope,
        roles=frozenset({"pupil"}),
        school_id=session.school_id,
        board_number=None,
        account_id=session.account_id,
    )


def require_confirmed(request: Request, session: sessions.Session, back_to: str) -> None:
    """Let only somebody pass who showed lately who he is; raises ConfirmationRequired.

    `back_to` is the page where he presses the button again: a sent form is not kept.
    """
    if clock.now_epoch_s() - session.confirmed_at_epoch_s >= CONFIRMATION_LIFE_S:
        raise ConfirmationRequired(sessions.return_address(request) or back_to)


def _actor_with(request: Request, session: sessions.Session, roles: tuple[Role, ...]) -> Actor:
    item = _fresh_membership(session)
    held = memberships.roles_of(item) if item else frozenset()
    if held.isdisjoint(roles):
        raise Forbidden(code="role_missing" if held else "no_membership")
    if session.proved_at_epoch_s is None and STRONG_ROLES & held & set(roles):
        raise SecondFactorRequired(sessions.return_address(request))
    scope = session.scope
    return Actor(
        session=session,
        scope=scope,
        roles=held,
        school_id=scope.removeprefix(_SCHOOL) if scope.startswith(_SCHOOL) else None,
        board_number=scope.removeprefix(_BOARD) if scope.startswith(_BOARD) else None,
        account_id=session.account_id,
        person_id=item.get("person_id") if item else None,
        grants=memberships.grants_of(item) if item else {},
    )


def _fresh_membership(session: sessions.Session) -> dynamodb.Item | None:
    key = {"account_id": session.account_id, "scope": session.scope}
    return dynamodb.get(settings.require("ACCOUNTS_TABLE"), key, consistent=True)
