"""The brake: what changes nothing at all, what waits, and what the turn of the year brings."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_sync import brake, held, plan, records
from roster_sync.brake import MEASURES, Verdict, judge
from roster_sync.causes import Cause
from roster_sync.held import Waiting
from roster_sync.likely import Likely, likely
from roster_sync.matching import match
from roster_sync.model import Group, GroupKind, Person, PersonKind, Roster, School
from roster_sync.plan import Change
from roster_sync.records import FILE, Snapshot
from tests.amounts import often
from tests.roster_sync.samples import DAY, YEAR, difference, stored

_SUMMER = dt.date(2027, 8, 20)
_LEFT_PUPIL = (Change.LEFT, PersonKind.PUPIL)
_ADDED_PUPIL = (Change.ADDED, PersonKind.PUPIL)


def _pupil(number: int, group: str | None = "5", year_group: str | None = None) -> Person:
    groups = ((GroupKind.BASE, group),) if group else ()
    name = f"Bos{number}"
    return Person(PersonKind.PUPIL, f"{number:03d}", "Jip", "", name, year_group, groups=groups)


def _staff(number: int) -> Person:
    return Person(PersonKind.STAFF, f"{number:03d}", "Saskia", "", "Smit")


def _pupils(*numbers: range, group: str = "5") -> list[Person]:
    return [_pupil(number, group) for part in numbers for number in part]


def _roster(*people: Person, year: str = YEAR, staff_known: bool = True) -> Roster:
    groups = tuple(Group(GroupKind.BASE, key, f"Groep {key}", key) for key in ("5", "6", "8"))
    return Roster(year, groups, people, staff_known)


def _judged(
    before: Snapshot, roster: Roster, day: dt.date = DAY, refused: tuple[Waiting, ...] = ()
) -> Verdict:
    whole = difference(before, roster)
    return judge(before, whole, day=day, school_year=roster.school_year, refused=refused)


def _too_little(before: Snapshot, roster: Roster, day: dt.date = DAY) -> Cause | None:
    return brake.too_little(before, match(before, roster, FILE), day)


def test_feed_of_another_school_or_year_is_named() -> None:
    """The school and the year must be those that were asked for."""
    expected = brake.Expected("00AA00", YEAR)
    assert brake.wrong_sender(School(YEAR, "00AA00"), expected) is None
    assert brake.wrong_sender(School(YEAR, "00AA01"), expected) == Cause.WRONG_SCHOOL
    assert brake.wrong_sender(School(YEAR, None), expected) == Cause.WRONG_SCHOOL
    assert brake.wrong_sender(School("2025-2026", "00AA00"), expected) == Cause.WRONG_YEAR
    assert brake.wrong_sender(School(None, "00AA00"), expected) == Cause.WRONG_YEAR


def test_trap_16_under_four_fifths_of_yesterdays_people_is_too_few() -> None:
    """80 of 100 people pass, 79 do not; new people make up for nobody."""
    before = stored(_roster(*_pupils(range(90)), *map(_staff, range(10))))
    kept = [*_pupils(range(70)), *map(_staff, range(10))]
    assert _too_little(before, _roster(*kept)) is None
    new = _pupils(range(500, 530))
    assert _too_little(before, _roster(*kept[1:], *new)) == Cause.TOO_FEW_PEOPLE


def test_trap_16_no_pupils_or_suddenly_no_groups_is_too_little() -> None:
    """An empty feed is refused from the first day, one without groups when there were some."""
    before = stored(_roster(_pupil(1, None)))
    assert _too_little(records.EMPTY, _roster(_staff(1))) == Cause.EMPTY
    assert _too_little(before, Roster(YEAR, (), (_pupil(1, None),))) == Cause.NO_GROUPS
    assert _too_little(records.EMPTY, Roster(YEAR, (), (_pupil(1, None),))) is None


@pytest.mark.parametrize(
    ("part", "sizes", "most"),
    [
        ((Change.LEFT, PersonKind.PUPIL), (10, 60, 79, 80, 200, 2000), (3, 3, 3, 4, 10, 10)),
        ((Change.LEFT, PersonKind.STAFF), (1, 29, 30, 100), (2, 2, 3, 10)),
        ((Change.ADDED, PersonKind.PUPIL), (10, 109, 110, 5000), (10, 10, 11, 50)),
        ((Change.ADDED, PersonKind.STAFF), (4, 24, 40), (5, 6, 10)),
        ((Change.MOVED, PersonKind.PUPIL), (20, 54, 500), (10, 10, 100)),
    ],
)
def test_each_sort_of_change_has_its_measure(
    part: held.Part, sizes: tuple[int, ...], most: tuple[int, ...]
) -> None:
    """The numbers that the decisions name, at and around their turning points."""
    assert tuple(map(MEASURES[part], sizes)) == most


def test_only_the_sort_above_its_measure_waits() -> None:
    """Of 40 pupils four leave, which waits; two leaving colleagues and a new pupil do not."""
    before = stored(_roster(*_pupils(range(40)), *map(_staff, range(10))))
    three = _roster(*_pupils(range(37)), *map(_staff, range(8)))
    assert _judged(before, three).waiting == ()
    four = _roster(*_pupils(range(36)), _pupil(99), *map(_staff, range(8)))
    verdict = _judged(before, four)
    assert {(one.change, one.after.kind) for one in verdict.waiting} == {_LEFT_PUPIL}
    done = plan.apply(before, verdict.tonight)
    assert (len(done.active(PersonKind.PUPIL)), len(done.active(PersonKind.STAFF))) == (41, 8)


def test_first_feed_of_a_school_is_not_measured() -> None:
    """Two hundred new pupils are no surprise where nobody was."""
    assert _judged(records.EMPTY, _roster(*_pupils(range(200)))).waiting == ()


def test_many_new_and_many_moved_wait_apart() -> None:
    """Eleven new pupils wait, and eleven who move; who only changes does not."""
    before = stored(_roster(*_pupils(range(40))))
    new = _judged(before, _roster(*_pupils(range(40), range(100, 111))))
    assert {one.change for one in new.waiting} == {Change.ADDED}
    moved = _judged(before, _roster(*_pupils(range(29)), *_pupils(range(29, 40), group="6")))
    assert {one.change for one in moved.waiting} == {Change.MOVED}
    assert len(moved.waiting) == 11


def test_trap_17_turn_of_the_year_is_expected() -> None:
    """In August group 8 is gone, all others go up and the youngest come: nothing waits."""
    eights = [_pupil(number, "8", "8") for number in range(12)]
    fives = [_pupil(number, "5", "5") for number in range(20, 45)]
    before = stored(_roster(*eights, *fives))
    up = [_pupil(number, "6", "6") for number in range(20, 45)]
    youngest = [_pupil(number, "5", "1") for number in range(60, 80)]
    after = _roster(*up, *youngest, year="2027-2028")
    assert _too_little(before, after, _SUMMER) is None
    verdict = _judged(before, after, _SUMMER)
    assert verdict.waiting == ()
    done = plan.apply(before, verdict.tonight)
    assert {one.person_id for one in done.active(PersonKind.PUPIL)} >= {
        one.person_id for one in before.people.values() if one.year_group == "5"
    }
    assert {group.school_year for group in done.active_groups()} == {"2027-2028"}


def test_trap_17_outside_the_summer_the_same_waits_or_is_refused() -> None:
    """In March a vanished group 8 is no graduation."""
    eights = [_pupil(number, "8", "8") for number in range(12)]
    before = stored(_roster(*eights, *_pupils(range(20, 120))))
    after = _roster(*_pupils(range(20, 120)))
    march = dt.date(2027, 3, 1)
    assert len(_judged(before, after, march).waiting) == 12
    few = stored(_roster(*eights, *_pupils(range(20, 45))))
    assert _too_little(few, _roster(*_pupils(range(20, 45))), march) == Cause.TOO_FEW_PEOPLE


@pytest.mark.parametrize(
    ("day", "turns"),
    [((6, 30), False), ((7, 1), True), ((9, 30), True), ((10, 1), False)],
)
def test_year_turns_from_july_to_september(day: tuple[int, int], *, turns: bool) -> None:
    """The first and the last day, and the days around them."""
    assert brake.year_turns(dt.date(2027, *day)) is turns


def test_leavers_of_other_groups_wait_in_summer_too() -> None:
    """The turn of the year excuses group 8, not a group 5 that vanishes."""
    before = stored(_roster(*_pupils(range(60))))
    assert len(_judged(before, _roster(*_pupils(range(50))), _SUMMER).waiting) == 10


def test_refused_stays_until_the_feed_says_otherwise() -> None:
    """Who was refused to leave stays, is not counted again, and is missed by nobody."""
    before = stored(_roster(*_pupils(range(20))))
    gone = _roster(*_pupils(range(16)))
    first = _judged(before, gone)
    refused = tuple(Waiting(one.change, one.after, 1) for one in first.waiting)
    verdict = _judged(before, gone, refused=refused)
    assert (verdict.waiting, len(verdict.refused), verdict.tonight.is_empty) == ((), 4, True)
    more = _roster(*_pupils(range(13)))
    again = _judged(before, more, refused=refused)
    assert (len(again.waiting), len(again.refused)) == (0, 4)
    assert len(again.tonight.people) == 3
    matched = match(before, more, FILE)
    assert brake.too_little(before, matched, DAY) == Cause.TOO_FEW_PEOPLE
    assert brake.too_little(before, matched, DAY, refused) is None
    back = _judged(before, _roster(*_pupils(range(20))), refused=refused)
    assert back.refused == ()


@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 30), st.sampled_from([DAY, _SUMMER]))
@settings(max_examples=often(60), deadline=None)
def test_nothing_above_a_measure_is_ever_applied(
    here: int, leaving: int, coming: int, day: dt.date
) -> None:
    """Whatever a feed says, one night changes at most the measure of each sort."""
    before = stored(_roster(*_pupils(range(here))))
    after = _roster(*_pupils(range(min(leaving, here), here), range(100, 100 + coming)))
    verdict = _judged(before, after, day)
    for part, measure in MEASURES.items():
        applied = verdict.tonight.of(*part)
        assert not here or len(applied) <= measure(here)
    assert len(verdict.tonight.people) + len(verdict.waiting) == len(
        difference(before, after).people
    )


def _explained(before: Snapshot, after: Roster, part: held.Part, *, summer: bool = False) -> Likely:
    waiting = held.held(difference(before, after).people, (), ()).waiting
    own = [one for one in waiting if one.part == part]
    return likely(part, own, waiting, before, year_turns=summer)


def test_likely_causes_are_told_from_each_other() -> None:
    """New numbers, a group that vanished, another location and plain leavers look different."""
    before = stored(_roster(*_pupils(range(20)), *_pupils(range(20, 30), group="6")))
    everybody = [*_pupils(range(20)), *_pupils(range(20, 30), group="6")]
    numbered = [
        Person(one.kind, f"9{one.key}", one.given_name, "", one.surname, groups=one.groups)
        for one in everybody
    ]
    assert _explained(before, _roster(*numbered), _LEFT_PUPIL) == Likely.NUMBERS_CHANGED
    assert _explained(before, _roster(*numbered), _ADDED_PUPIL) == Likely.NUMBERS_CHANGED
    assert _explained(before, _roster(*everybody[:20]), _LEFT_PUPIL) == Likely.GROUP_GONE
    assert _explained(before, _roster(*everybody[6:]), _LEFT_PUPIL) == Likely.MANY_LEFT
    summer = _explained(before, _roster(*everybody[6:]), _LEFT_PUPIL, summer=True)
    assert summer == Likely.YEAR_TURNS
    strangers = _pupils(range(100, 120), group="8")
    assert _explained(before, _roster(*everybody, *strangers), _ADDED_PUPIL) == (
        Likely.OTHER_LOCATION
    )
    newcomers = _pupils(range(100, 120))
    assert _explained(before, _roster(*everybody, *newcomers), _ADDED_PUPIL) == Likely.MANY_NEW
    up = [*_pupils(range(10)), *_pupils(range(10, 30), group="6")]
    moved = (Change.MOVED, PersonKind.PUPIL)
    assert _explained(before, _roster(*up), moved) == Likely.REGROUPED


def test_what_waits_reads_back_from_its_stored_form() -> None:
    """Changes, people kept apart and groups are the same after a way through the store."""
    before = stored(_roster(*_pupils(range(20))))
    twins = (_pupil(1), Person(PersonKind.PUPIL, "001", "Pim", "van", "Dam"))
    matched = match(before, _roster(*twins, _pupil(50)), FILE)
    whole = difference(before, _roster(*twins, _pupil(50)))
    refused = [Waiting(one.change, one.after, 7) for one in whole.people[:2]]
    found = held.held(whole.people[2:], refused, matched.apart, {"4"})
    assert found.apart
    assert held.held_of(held.held_items("s", found).values()) == found
