"""The release gate: what may leave to a publisher about a signed-in person, or why nothing may.

Everybody has a say: the person's role, our agreement with the board, the board's declaration of
its own agreement with the publisher, the school's link and what the publisher declared to need.
A field leaves only when all of them allow it; without one of them nothing leaves at all.
"""

import enum
from dataclasses import dataclass

BASE_FIELDS = ("sub", "role", "school_ref")
"""What every sign-on tells: a name for this publisher alone, the role and the school."""

OPTIONAL_FIELDS = ("given_name", "groups")
"""What a publisher may declare to need on top; fields outside both tuples never leave."""

_ROLES = {
    "staff": (
        "teacher",
        "substitute",
        "internal_support",
        "support_staff",
        "trainee",
        "school_head",
        "ict_coordinator",
    ),
    "pupil": ("pupil",),
}
"""Roles that sign on, by kind of session, the one that tells a publisher most first."""


class Reason(enum.StrEnum):
    """Why nothing leaves, in the order in which the reasons are told."""

    NO_ROLE = "no_role"
    NO_AGREEMENT = "no_agreement"
    NO_DECLARATION = "no_declaration"
    NO_LINK = "no_link"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the gate looks at, on one day for one person and one publisher.

    `linked_fields` are the optional fields that the school allowed when it made the link, or None
    without a link. `needed_fields` is what the publisher declares to need today.
    """

    session_kind: str
    roles: frozenset[str]
    is_covered: bool
    is_declared: bool
    linked_fields: frozenset[str] | None
    needed_fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Release:
    """Yes: these fields may leave, `role` being the value of the field of that name."""

    role: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """No: nothing leaves."""

    reason: Reason


def decide(situation: Situation) -> Release | Refusal:
    """Return the fields that all parties allow, or the first reason against any."""
    known = _ROLES.get(situation.session_kind, ())
    role = next((role for role in known if role in situation.roles), None)
    if role is None:
        return Refusal(Reason.NO_ROLE)
    if not situation.is_covered:
        return Refusal(Reason.NO_AGREEMENT)
    if not situation.is_declared:
        return Refusal(Reason.NO_DECLARATION)
    if situation.linked_fields is None:
        return Refusal(Reason.NO_LINK)
    allowed = situation.linked_fields & situation.needed_fields
    extra = tuple(field for field in OPTIONAL_FIELDS if field in allowed)
    return Release(role, BASE_FIELDS + extra)
