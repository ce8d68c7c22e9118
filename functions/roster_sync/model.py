"""What a feed says, in our own words: one model for UWLR answers and EDEXML files.

What the product does not need is not here: a reader drops it while it parses and only counts it.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class PersonKind(enum.StrEnum):
    """Keys are unique within a kind only: a pupil and a teacher may share one."""

    PUPIL = "pupil"
    STAFF = "staff"

    # An Enum's own is written in Python, and keys are looked up thousands of times a school.
    __hash__ = str.__hash__


class GroupKind(enum.StrEnum):
    """A pupil is in at most one base group (stamgroep) and in any number of composed ones."""

    BASE = "base"
    COMPOSED = "composed"

    __hash__ = str.__hash__


GroupKey = tuple[GroupKind, str]
PersonKey = tuple[PersonKind, str]


@dataclass(frozen=True, slots=True)
class School:
    """Which school and school year a feed says it is of, and when it was made.

    `brin6` is BRIN plus location code.
    """

    school_year: str | None
    brin6: str | None
    made_at_epoch_s: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of one school year; `year_group` is None for combinations and unknown codes."""

    kind: GroupKind
    key: str
    name: str
    year_group: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil or a member of staff as the feed has him.

    `key` is None where the feed promises no lasting one. `address` and `roles` are of staff only,
    `year_group` of pupils only. `leaves_on` never reaches the roster, `eck_id` never the
    people's table: before people are compared, `eck_mark` takes its place (`marks`).
    """

    kind: PersonKind
    key: str | None
    given_name: str
    prefix: str
    surname: str
    year_group: str | None = None
    address: str | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[GroupKey, ...] = ()
    former: bool = field(default=False, compare=False)
    leaves_on: dt.date | None = field(default=None, compare=False)
    eck_id: str | None = field(default=None, repr=False, compare=False)
    eck_mark: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Feed:
    """Everything of one feed, as it was delivered.

    `staff` is None when the feed has no part for staff at all: then it says nothing about them.
    `dropped` counts values that were thrown away unread, by kind; `warnings` counts oddities.
    """

    school: School
    groups: tuple[Group, ...]
    pupils: tuple[Person, ...]
    staff: tuple[Person, ...] | None
    dropped: Mapping[str, int]
    warnings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Roster:
    """What of a feed can be used: who is present, known groups, sorted; equal content is equal.

    Two people may still claim one key or one ECK iD here: `matching` keeps them apart.

    `staff_known` is False when the feed said nothing about staff.
    """

    school_year: str
    groups: tuple[Group, ...]
    people: tuple[Person, ...]
    staff_known: bool = True
