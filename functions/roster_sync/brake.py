"""The brake: no feed can empty a school (rule 8 of the design).

A feed that cannot be this school's of this year, or that lacks more than a fifth of yesterday's
people, changes nothing at all. In any other feed each sort of change has a measure: when there
are more of a sort than its measure, all of that sort wait for a coordinator; all else is applied.

From 1 July to 30 September a school turns its year: leavers of year group 8, moves from a group
of the old year and new pupils in the youngest groups are expected then, and counted nowhere.

Everything here is arithmetic over what is stored and what the plan says.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from roster_sync.causes import Cause
from roster_sync.held import Part, Waiting
from roster_sync.matching import Matched
from roster_sync.model import PersonKind, School
from roster_sync.plan import Change, PersonChange, Plan, without
from roster_sync.records import Snapshot, StoredPerson

_PEOPLE_KEPT_PERCENT = 80
_CLOCKS_APART_S = 3 * 60 * 60
"""Systems leave out the zone, and their clocks differ: less than this says nothing of age."""

_TURN_BEGINS = (7, 1)
_TURN_ENDS = (9, 30)
_LAST_YEAR_GROUP = "8"
_FIRST_YEAR_GROUPS = frozenset({"0", "1"})


def _share(percent: int, fewest: int, most: int | None = None) -> Callable[[int], int]:
    """Return a measure: a share of those present, at least and at most so many."""

    def measure(present: int) -> int:
        found = max(present * percent // 100, fewest)
        return found if most is None else min(found, most)

    return measure


MEASURES: dict[Part, Callable[[int], int]] = {
    (Change.LEFT, PersonKind.PUPIL): _share(5, fewest=3, most=10),
    (Change.LEFT, PersonKind.STAFF): _share(10, fewest=2),
    (Change.ADDED, PersonKind.PUPIL): _share(10, fewest=10, most=50),
    (Change.ADDED, PersonKind.STAFF): _share(25, fewest=5),
    (Change.MOVED, PersonKind.PUPIL): _share(20, fewest=10),
}
"""How many of a sort may be applied in one night, given how many of the kind are present."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Which school and year a feed must be of."""

    brin6: str
    school_year: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is applied at once, what waits, and which earlier refusals still stand."""

    tonight: Plan
    waiting: tuple[PersonChange, ...]
    refused: tuple[Waiting, ...]


def wrong_sender(school: School, expected: Expected) -> Cause | None:
    """Return why a feed cannot be of this school and year, or None when it is."""
    if school.brin6 != expected.brin6:
        return Cause.WRONG_SCHOOL
    if school.school_year != expected.school_year:
        return Cause.WRONG_YEAR
    return None


def is_older(made_at_epoch_s: int | None, applied_made_at_epoch_s: int | None) -> bool:
    """Say whether a feed was made before the one that was last applied.

    A feed that does not say when it was made is as new as any.
    """
    if made_at_epoch_s is None or applied_made_at_epoch_s is None:
        return False
    return made_at_epoch_s + _CLOCKS_APART_S < applied_made_at_epoch_s


def year_turns(day: dt.date) -> bool:
    """Say whether a day lies in the weeks in which schools turn their year."""
    return _TURN_BEGINS <= (day.month, day.day) <= _TURN_ENDS


def too_little(
    stored: Snapshot, matched: Matched, day: dt.date, refused: Iterable[Waiting] = ()
) -> Cause | None:
    """Return why a feed holds too little to be this school's, or None when it holds enough.

    Who was refused to leave is missed on purpose, and so are the leavers of a turning year.
    """
    roster = matched.roster
    if not any(person.kind == PersonKind.PUPIL for person in roster.people):
        return Cause.EMPTY
    if stored.active_groups() and not roster.groups:
        return Cause.NO_GROUPS
    kinds = PersonKind if roster.staff_known else (PersonKind.PUPIL,)
    here = matched.present | matched.doubted
    spared = {one.after.person_id for one in refused if one.change == Change.LEFT}
    yesterday = [
        one
        for kind in kinds
        for one in stored.active(kind)
        if one.person_id in here or not (one.person_id in spared or _goes_up(one, day))
    ]
    kept = sum(one.person_id in here for one in yesterday)
    if kept * 100 < len(yesterday) * _PEOPLE_KEPT_PERCENT:
        return Cause.TOO_FEW_PEOPLE
    return None


def judge(
    stored: Snapshot,
    whole: Plan,
    *,
    day: dt.date,
    school_year: str,
    refused: Collection[Waiting] = (),
    is_first: bool = False,
) -> Verdict:
    """Return what of a plan, made of a feed of a school year, is applied at once and what waits.

    A school's first people are not measured: there is nothing to compare them with. Its first feed
    stays the first until it was applied whole, also when it was cut off before.
    """
    standing = _still_refused(whole, refused)
    over = {group.group_id for group in stored.groups.values() if group.school_year != school_year}
    waiting: list[PersonChange] = []
    for part, measure in MEASURES.items():
        change, kind = part
        present = len(stored.active(kind))
        counted = [
            one
            for one in whole.of(change, kind)
            if id(one) not in standing and not _is_expected(one, day, over)
        ]
        if present and not is_first and len(counted) > measure(present):
            waiting += counted
    withheld = [one for one in whole.people if id(one) in standing] + waiting
    return Verdict(without(whole, withheld), tuple(waiting), tuple(standing.values()))


def _still_refused(whole: Plan, refused: Iterable[Waiting]) -> dict[int, Waiting]:
    """Return the refusals of what a feed still asks for, by the identity of the change."""
    before = {one.after.person_id: one for one in refused}
    return {
        id(one): said_no
        for one in whole.people
        if (said_no := before.get(one.after.person_id)) is not None and said_no.is_of(one)
    }


def _is_expected(one: PersonChange, day: dt.date, over: Collection[str]) -> bool:
    """Say whether the turn of the year brings a change; `over` are groups of other years."""
    if not year_turns(day) or one.after.kind != PersonKind.PUPIL:
        return False
    if one.change == Change.LEFT:
        return _goes_up(one.after, day)
    if one.change == Change.ADDED:
        return one.after.year_group in _FIRST_YEAR_GROUPS
    was = one.before.base_group if one.before else None
    return was is not None and was.group_id in over


def _goes_up(person: StoredPerson, day: dt.date) -> bool:
    """Say whether somebody of year group 8 may leave for secondary school about now."""
    group = person.base_group
    year_group = person.year_group or (group.year_group if group else None)
    is_pupil = person.kind == PersonKind.PUPIL
    return is_pupil and year_turns(day) and year_group == _LAST_YEAR_GROUP
