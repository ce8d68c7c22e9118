"""The brake: no feed can empty a school (rule 8 of the design).

A feed that cannot be this school's of this year, or that lacks more than a fifth of yesterday's
people, changes nothing at all. In any other feed more leavers than usual wait for a person; all
else is applied. Everything here is arithmetic over what is stored and what the plan says.
"""

from dataclasses import dataclass

from roster_sync.causes import Cause
from roster_sync.model import PersonKind, Roster, School
from roster_sync.plan import Plan
from roster_sync.records import Snapshot

_PEOPLE_KEPT_PERCENT = 80
_PUPILS_LEAVING_PERCENT = 5
_FEWEST_PUPILS_LEAVING = 3
_MOST_PUPILS_LEAVING = 10
_STAFF_LEAVING_PERCENT = 10
_FEWEST_STAFF_LEAVING = 2


@dataclass(frozen=True, slots=True)
class Expected:
    """Which school and year a feed must be of."""

    brin6: str
    school_year: str


def wrong_sender(school: School, expected: Expected) -> Cause | None:
    """Return why a feed cannot be of this school and year, or None when it is."""
    if school.brin6 != expected.brin6:
        return Cause.WRONG_SCHOOL
    if school.school_year != expected.school_year:
        return Cause.WRONG_YEAR
    return None


def too_little(stored: Snapshot, roster: Roster) -> Cause | None:
    """Return why a roster holds too little to be this school's, or None when it holds enough."""
    pupils = [person for person in roster.people if person.kind == PersonKind.PUPIL]
    if not pupils:
        return Cause.EMPTY
    if stored.active_groups() and not roster.groups:
        return Cause.NO_GROUPS
    kinds = PersonKind if roster.staff_known else (PersonKind.PUPIL,)
    yesterday = {one.identity for kind in kinds for one in stored.active(kind)}
    kept = yesterday & {(person.kind, person.key) for person in roster.people}
    if len(kept) * 100 < len(yesterday) * _PEOPLE_KEPT_PERCENT:
        return Cause.TOO_FEW_PEOPLE
    return None


def leavers_held(stored: Snapshot, plan: Plan) -> frozenset[PersonKind]:
    """Return the kinds of people of whom more would leave than may without a person's word."""
    most = {
        PersonKind.PUPIL: most_pupils_leaving(len(stored.active(PersonKind.PUPIL))),
        PersonKind.STAFF: most_staff_leaving(len(stored.active(PersonKind.STAFF))),
    }
    return frozenset(kind for kind in PersonKind if len(plan.leavers(kind)) > most[kind])


def most_pupils_leaving(pupils: int) -> int:
    """Return how many pupils may leave in one night: 5 %, at least 3 and at most 10."""
    share = pupils * _PUPILS_LEAVING_PERCENT // 100
    return min(max(share, _FEWEST_PUPILS_LEAVING), _MOST_PUPILS_LEAVING)


def most_staff_leaving(staff: int) -> int:
    """Return how many members of staff may leave in one night: 10 %, at least 2."""
    return max(_FEWEST_STAFF_LEAVING, staff * _STAFF_LEAVING_PERCENT // 100)
