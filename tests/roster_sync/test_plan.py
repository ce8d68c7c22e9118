"""What a feed changes, for any two rosters that can be."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from roster_sync import plan, report
from roster_sync.model import Group, GroupKind, Person, PersonKind, Roster
from roster_sync.plan import Change
from roster_sync.records import group_item, group_of, person_item, person_of
from roster_sync.school_year import forgotten_at_epoch_s, midnight_epoch_s, school_year
from tests.amounts import often
from tests.roster_sync.samples import YEAR, as_roster, difference, stored

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
    done = plan.apply(school, difference(school, after))
    assert as_roster(done) == after
    assert difference(done, after).is_empty


@given(rosters(), rosters())
@settings(max_examples=often(100), deadline=None)
def test_people_keep_their_ids_and_come_back_whole(before: Roster, after: Roster) -> None:
    """Who leaves is kept, and gets the same id and groups back with the old roster."""
    school = stored(before)
    left = plan.apply(school, difference(school, after))
    back = plan.apply(left, difference(left, before))
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


@given(rosters(), rosters(), st.data())
@settings(max_examples=often(100), deadline=None)
def test_who_is_withheld_stays_as_he_was(
    before: Roster, after: Roster, data: st.DataObject
) -> None:
    """A plan without some changes does all the others, and every active person has his groups."""
    school = stored(before)
    whole = difference(school, after)
    held = data.draw(
        st.lists(st.sampled_from(whole.people), unique_by=id) if whole.people else st.just([])
    )
    done = plan.apply(school, plan.without(whole, held))
    for one in whole.people:
        expected = one.before if one in held else one.after
        assert done.people.get(one.after.person_id) == expected
    active = {group.group_id for group in done.active_groups()}
    for person in done.people.values():
        if person.active:
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
    lines = [line.as_item() for line in report.per_group(difference(before, after))]
    moved = [{"to": "Groep 6", "count": 1}]
    assert lines == [{"name": "Groep 5", "added": 3, "changed": 1, "left": 0, "moved": moved}]


def test_next_school_year_moves_pupils_and_keeps_them() -> None:
    """With new groups of a new year the same pupils move up; the old groups are over."""
    before = stored(_roster(*(_pupil(number) for number in range(4))))
    groups = (Group(GroupKind.BASE, "5", "Groep 6", "6"),)
    after = Roster("2027-2028", groups, tuple(_pupil(number) for number in range(4)))
    found = difference(before, after)
    assert {one.change for one in found.people} == {Change.MOVED}
    done = plan.apply(before, found)
    assert [group.school_year for group in done.active_groups()] == ["2027-2028"]


def test_feed_that_knows_no_staff_leaves_them_alone() -> None:
    """A pupils-only file does not make the staff leave."""
    before = stored(_roster(_pupil(1), _staff(1)))
    assert difference(before, _roster(_pupil(1), staff_known=False)).is_empty


def test_ids_are_never_given_out_twice() -> None:
    """An id that somebody has or had is passed over."""
    before = stored(_roster(_pupil(1)))
    after = _roster(_pupil(1), _pupil(2))
    taken = {group.group_id for group in before.groups.values()}
    taken |= {one.person_id for one in before.people.values()}
    added = difference(before, after).people[0].after
    assert added.person_id not in taken


def test_school_year_turns_on_the_first_of_august() -> None:
    """31 July is still the old school year."""
    assert school_year(dt.date(2027, 7, 31)) == "2026-2027"
    assert school_year(dt.date(2027, 8, 1)) == "2027-2028"


def test_days_begin_at_midnight_in_amsterdam() -> None:
    """A day in July begins two hours before that of UTC, one in January one hour."""
    assert midnight_epoch_s(dt.date(2026, 7, 1)) == 1_782_856_800
    assert midnight_epoch_s(dt.date(2027, 1, 1)) == 1_798_758_000


def test_leavers_are_forgotten_a_month_after_their_school_year() -> None:
    """In June that is in September of the same year; from 1 August on it is a year later."""
    june, august = dt.date(2027, 6, 30), dt.date(2027, 8, 1)
    assert forgotten_at_epoch_s(june, 1) == midnight_epoch_s(dt.date(2027, 9, 1))
    assert forgotten_at_epoch_s(august, 1) == midnight_epoch_s(dt.date(2028, 9, 1))
    assert forgotten_at_epoch_s(june, 0) == midnight_epoch_s(dt.date(2027, 8, 1))
    assert forgotten_at_epoch_s(june, 6) == midnight_epoch_s(dt.date(2028, 2, 1))


def test_renamed_group_moves_nobody() -> None:
    """When a group is called otherwise its pupils change, but do not move."""
    before = stored(_roster(_pupil(1)))
    groups = (
        Group(GroupKind.BASE, "5", "De Uilen", "5"),
        Group(GroupKind.BASE, "6", "Groep 6", "6"),
    )
    found = difference(before, Roster(YEAR, groups, (_pupil(1),)))
    assert [one.change for one in found.people] == [Change.CHANGED]
