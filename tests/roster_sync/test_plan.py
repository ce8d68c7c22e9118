"""What a feed changes, for any two rosters that can be."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from roster_sync import brake, plan, records, report
from roster_sync.causes import Cause
from roster_sync.model import Group, GroupKind, Person, PersonKind, Roster, School
from roster_sync.plan import Change
from roster_sync.records import group_item, group_of, person_item, person_of
from roster_sync.school_year import midnight_epoch_s, school_year
from tests.amounts import often
from tests.roster_sync.samples import YEAR, as_roster, ids, stored

_KEYS = st.sampled_from([str(number) for number in range(12)])
_NAMES = st.sampled_from(["Groep 1", "Groep 2", "Groep 10", "Zon"])
_WORDS = st.sampled_from(["", "Zoë", "Noé", "van den", "Müller"])


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Draw a usable roster: sorted, with unique keys and known groups."""
    group_keys = sorted(draw(st.sets(st.tuples(st.sampled_from(GroupKind), _KEYS), max_size=4)))
    groups = tuple(
        Group(kind, key, draw(_NAMES), draw(st.sampled_from([None, "1", "8"])))
        for kind, key in group_keys
    )
    people = []
    for kind, key in sorted(draw(st.sets(st.tuples(st.sampled_from(PersonKind), _KEYS)))):
        memberships = draw(st.sets(st.sampled_from(group_keys))) if group_keys else set()
        is_staff = kind == PersonKind.STAFF
        people.append(
            Person(
                kind=kind,
                key=key,
                given_name=draw(_WORDS),
                prefix=draw(_WORDS),
                surname=draw(_WORDS),
                year_group=None if is_staff else draw(st.sampled_from([None, "1", "8"])),
                address=draw(st.sampled_from([None, "a@b.example"])) if is_staff else None,
                roles=("LRK",) if is_staff else (),
                groups=tuple(sorted(memberships)),
            )
        )
    return Roster(YEAR, groups, tuple(people))


@given(rosters(), rosters())
@settings(max_examples=often(150), deadline=None)
def test_applying_the_difference_gives_the_other_roster(before: Roster, after: Roster) -> None:
    """apply(a, diff(a, b)) is b, and then there is nothing more to do."""
    school = stored(before)
    done = plan.apply(school, plan.diff(school, after, ids()))
    assert as_roster(done) == after
    assert plan.diff(done, after, ids()).is_empty


@given(rosters(), rosters())
@settings(max_examples=often(100), deadline=None)
def test_people_keep_their_ids_and_come_back_whole(before: Roster, after: Roster) -> None:
    """Who leaves is kept, and gets the same id and groups back with the old roster."""
    school = stored(before)
    left = plan.apply(school, plan.diff(school, after, ids()))
    back = plan.apply(left, plan.diff(left, before, ids()))
    assert set(school.people) <= set(left.people)
    assert as_roster(back) == before
    for identity, person in school.people.items():
        assert back.people[identity] == person


@given(rosters())
@settings(max_examples=often(50), deadline=None)
def test_stored_forms_read_back(roster: Roster) -> None:
    """Every record is the same after a way through its stored form."""
    school = stored(roster)
    for person in school.people.values():
        assert person_of(person_item("s", person)) == person
    for group in school.groups.values():
        assert group_of(group_item("s", group)) == group


@given(rosters(), rosters())
@settings(max_examples=often(100), deadline=None)
def test_without_leavers_nobody_leaves(before: Roster, after: Roster) -> None:
    """A plan without leavers keeps everybody active, and every active person's groups too."""
    school = stored(before)
    held = plan.without_leavers(plan.diff(school, after, ids()), PersonKind)
    done = plan.apply(school, held)
    assert all(done.people[identity].active for identity in school.people)
    active = {group.group_id for group in done.active_groups()}
    for person in done.people.values():
        assert {group.group_id for group in person.groups} <= active


def _pupil(number: int, group: str | None = "5", surname: str = "Bos") -> Person:
    groups = ((GroupKind.BASE, group),) if group else ()
    return Person(PersonKind.PUPIL, f"{number:03d}", "Jip", "", surname, groups=groups)


def _staff(number: int) -> Person:
    return Person(PersonKind.STAFF, f"{number:03d}", "Saskia", "", "Smit")


def _roster(*people: Person, staff_known: bool = True) -> Roster:
    groups = tuple(Group(GroupKind.BASE, key, f"Groep {key}", key) for key in ("5", "6"))
    return Roster(YEAR, groups, tuple(people), staff_known)


def test_report_says_per_group_what_changes() -> None:
    """Three new pupils and one who moves up stand with the group where that happens."""
    before = stored(_roster(*(_pupil(number) for number in range(10))))
    after = _roster(
        *(_pupil(number) for number in range(8)),
        _pupil(8, surname="Maas"),
        _pupil(9, "6"),
        *(_pupil(number) for number in range(20, 23)),
    )
    lines = [line.as_item() for line in report.per_group(plan.diff(before, after, ids()))]
    moved = [{"to": "Groep 6", "count": 1}]
    assert lines == [{"name": "Groep 5", "added": 3, "changed": 1, "left": 0, "moved": moved}]


def test_next_school_year_moves_pupils_and_keeps_them() -> None:
    """With new groups of a new year the same pupils move up; the old groups are over."""
    before = stored(_roster(*(_pupil(number) for number in range(4))))
    groups = (Group(GroupKind.BASE, "5", "Groep 6", "6"),)
    after = Roster("2027-2028", groups, tuple(_pupil(number) for number in range(4)))
    found = plan.diff(before, after, ids())
    assert {one.change for one in found.people} == {Change.MOVED}
    done = plan.apply(before, found)
    assert [group.school_year for group in done.active_groups()] == ["2027-2028"]


def test_feed_that_knows_no_staff_leaves_them_alone() -> None:
    """A pupils-only file does not make the staff leave."""
    before = stored(_roster(_pupil(1), _staff(1)))
    assert plan.diff(before, _roster(_pupil(1), staff_known=False), ids()).is_empty


def test_ids_are_never_given_out_twice() -> None:
    """An id that somebody has or had is passed over."""
    before = stored(_roster(_pupil(1)))
    after = _roster(_pupil(1), _pupil(2))
    taken = {group.group_id for group in before.groups.values()}
    taken |= {one.person_id for one in before.people.values()}
    added = plan.diff(before, after, ids()).people[0].after
    assert added.person_id not in taken


def test_feed_of_another_school_or_year_is_named() -> None:
    """The school and the year must be those that were asked for."""
    expected = brake.Expected("00AA00", YEAR)
    assert brake.wrong_sender(School(YEAR, "00AA00"), expected) is None
    assert brake.wrong_sender(School(YEAR, "00AA01"), expected) == Cause.WRONG_SCHOOL
    assert brake.wrong_sender(School(YEAR, None), expected) == Cause.WRONG_SCHOOL
    assert brake.wrong_sender(School("2025-2026", "00AA00"), expected) == Cause.WRONG_YEAR
    assert brake.wrong_sender(School(None, "00AA00"), expected) == Cause.WRONG_YEAR


def test_under_four_fifths_of_yesterdays_people_is_too_few() -> None:
    """80 of 100 people pass, 79 do not; new people make up for nobody."""
    before = stored(_roster(*(_pupil(number) for number in range(90)), *map(_staff, range(10))))
    kept = [*(_pupil(number) for number in range(70)), *map(_staff, range(10))]
    new = [_pupil(number) for number in range(500, 530)]
    assert brake.too_little(before, _roster(*kept)) is None
    assert brake.too_little(before, _roster(*kept[1:], *new)) == Cause.TOO_FEW_PEOPLE


def test_no_pupils_or_suddenly_no_groups_is_too_little() -> None:
    """An empty feed is refused from the first day, one without groups when there were some."""
    before = stored(_roster(_pupil(1, None)))
    assert brake.too_little(records.EMPTY, _roster(_staff(1))) == Cause.EMPTY
    assert brake.too_little(before, Roster(YEAR, (), (_pupil(1, None),))) == Cause.NO_GROUPS
    assert brake.too_little(records.EMPTY, Roster(YEAR, (), (_pupil(1, None),))) is None


def test_measures_of_leavers() -> None:
    """5 % of the pupils between 3 and 10, and 10 % of the staff but at least 2."""
    assert [brake.most_pupils_leaving(size) for size in (10, 60, 79, 80, 200, 2000)] == [
        3, 3, 3, 4, 10, 10
    ]  # fmt: skip
    assert [brake.most_staff_leaving(size) for size in (1, 29, 30, 100)] == [2, 2, 3, 10]


def test_more_leavers_than_the_measure_wait_and_all_else_does_not() -> None:
    """Of 40 pupils three may leave; when four are gone, they are held by themselves."""
    before = stored(_roster(*(_pupil(number) for number in range(40)), *map(_staff, range(10))))
    three = _roster(*(_pupil(number) for number in range(37)), *map(_staff, range(8)))
    four = _roster(*(_pupil(number) for number in range(36)), *map(_staff, range(8)))
    assert brake.leavers_held(before, plan.diff(before, three, ids())) == frozenset()
    whole = plan.diff(before, four, ids())
    assert brake.leavers_held(before, whole) == {PersonKind.PUPIL}
    done = plan.apply(before, plan.without_leavers(whole, {PersonKind.PUPIL}))
    assert (len(done.active(PersonKind.PUPIL)), len(done.active(PersonKind.STAFF))) == (40, 8)


def test_school_year_turns_on_the_first_of_august() -> None:
    """31 July is still the old school year."""
    assert school_year(dt.date(2027, 7, 31)) == "2026-2027"
    assert school_year(dt.date(2027, 8, 1)) == "2027-2028"


def test_days_begin_at_midnight_in_amsterdam() -> None:
    """A day in July begins two hours before that of UTC, one in January one hour."""
    assert midnight_epoch_s(dt.date(2026, 7, 1)) == 1_782_856_800
    assert midnight_epoch_s(dt.date(2027, 1, 1)) == 1_798_758_000
