"""From what a feed says to what can be used of it: the checks that no schema makes.

UWLR's own uniqueness rules never fire (they are written without its namespace), so keys and
references are checked here, for files and answers alike. Oddities of one person never stop a
school: they are counted and told.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from roster_sync.model import Feed, Group, GroupKey, Person, Roster


@dataclass(frozen=True, slots=True)
class Screened:
    """The usable roster, with the reader's warnings and the screening's own, counted by code."""

    roster: Roster
    warnings: dict[str, int]


def screen(feed: Feed, school_year: str, day: dt.date) -> Screened:
    """Return what of a feed can be used on a day.

    Left out: who left, and memberships of groups that the feed does not have. Of equals the choice
    never depends on the order of the feed.
    """
    warnings = Counter(feed.warnings)
    groups = _unique_groups(feed.groups, warnings)
    people = [*feed.pupils, *(feed.staff or ())]
    present = [person for person in people if not _has_left(person, day)]
    if len(people) > len(present):
        warnings["former_pupils"] += len(people) - len(present)
    known = {(group.kind, group.key) for group in groups}
    roster = Roster(
        school_year=school_year,
        groups=groups,
        people=tuple(
            _with_known_groups(person, known, warnings) for person in sorted(present, key=_order)
        ),
        staff_known=feed.staff is not None,
    )
    return Screened(roster, dict(warnings))


def _has_left(person: Person, day: dt.date) -> bool:
    return person.former or (person.leaves_on is not None and person.leaves_on < day)


def _unique_groups(groups: Iterable[Group], warnings: Counter[str]) -> tuple[Group, ...]:
    chosen: dict[GroupKey, Group] = {}
    for group in groups:
        key = (group.kind, group.key)
        if key in chosen:
            warnings["group_key_twice"] += 1
            chosen[key] = min(chosen[key], group, key=repr)
        else:
            chosen[key] = group
    return tuple(chosen[key] for key in sorted(chosen))


def _order(person: Person) -> tuple[object, ...]:
    return (
        person.kind,
        person.key or "",
        person.eck_id or "",
        person.surname,
        person.given_name,
        person.prefix,
        person.groups,
    )


def _with_known_groups(person: Person, known: set[GroupKey], warnings: Counter[str]) -> Person:
    if known.issuperset(person.groups):
        return person
    groups = tuple(key for key in person.groups if key in known)
    warnings["group_unknown"] += len(person.groups) - len(groups)
    return replace(person, groups=groups)
