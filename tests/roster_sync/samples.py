"""Feeds and rosters that the tests of roster_sync begin with; every person is invented."""

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

from roster_sync import edexml_file, plan, records, screening
from roster_sync.matching import match
from roster_sync.model import Group, Person, Roster
from roster_sync.plan import Plan
from roster_sync.records import FILE, Snapshot

DATA = Path(__file__).parent / "data"
DAY = dt.date(2026, 11, 24)
YEAR = "2026-2027"
BRIN6 = "00AA00"


def roster_of(content: bytes, day: dt.date = DAY, year: str = YEAR) -> Roster:
    """Return the usable roster of an EDEXML file's bytes."""
    return screening.screen(edexml_file.read_file(content), year, day).roster


def ids() -> Callable[[], str]:
    """Return a source of ids that counts."""
    numbers = itertools.count(1)
    return lambda: str(next(numbers))


def difference(school: Snapshot, roster: Roster, source: str = FILE) -> Plan:
    """Return what makes a school equal to a roster."""
    return plan.diff(school, match(school, roster, source), ids())


def stored(roster: Roster, source: str = FILE) -> Snapshot:
    """Return a school that has applied one roster."""
    return plan.apply(records.EMPTY, difference(records.EMPTY, roster, source))


def as_roster(school: Snapshot, school_year: str = YEAR) -> Roster:
    """Return what is active at a school as the roster that would say exactly this."""
    keys = {group.group_id: (group.kind, group.key) for group in school.groups.values()}
    groups = [
        Group(group.kind, group.key, group.name, group.year_group)
        for group in school.active_groups()
    ]
    people = [
        Person(
            kind=one.kind,
            key=one.key,
            given_name=one.given_name,
            prefix=one.prefix,
            surname=one.surname,
            year_group=one.year_group,
            address=one.address,
            roles=one.roles,
            groups=tuple(sorted(keys[group.group_id] for group in one.groups)),
            eck_mark=one.eck_mark,
        )
        for one in school.people.values()
        if one.active
    ]
    return Roster(
        school_year=school_year,
        groups=tuple(sorted(groups, key=lambda group: (group.kind, group.key))),
        people=tuple(sorted(people, key=lambda one: (one.kind, one.key or "", one.eck_mark or ""))),
    )
