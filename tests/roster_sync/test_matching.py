"""Who in a feed is who at the school, by the traps that real feeds set."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster_sync import marks, plan, records
from roster_sync.matching import Doubt, Matched, match
from roster_sync.model import Group, GroupKind, Person, PersonKind, Roster
from roster_sync.plan import Change
from roster_sync.records import FILE, Snapshot
from tests.amounts import often
from tests.roster_sync.samples import YEAR, as_roster, difference, stored

_KEY = bytes(32)
_ECK_ID = "https://ketenid.nl/pilot/" + "0123456789abcdef" * 8


def _pupil(key: str | None, eck: str | None = None, name: str = "Jip Bos") -> Person:
    given_name, _, surname = name.partition(" ")
    return Person(PersonKind.PUPIL, key, given_name, "", surname, eck_mark=eck)


def _staff(key: str | None, eck: str | None = None, address: str | None = None) -> Person:
    return Person(PersonKind.STAFF, key, "Saskia", "", "Smit", address=address, eck_mark=eck)


def _roster(*people: Person, year: str = YEAR) -> Roster:
    return Roster(year, (), people)


def _doubts(found: Matched) -> list[Doubt]:
    return sorted(one.doubt for one in found.apart)


def _id_of(school: Snapshot, **having: object) -> str:
    [found] = [
        one.person_id
        for one in school.people.values()
        if all(getattr(one, name) == value for name, value in having.items())
    ]
    return found


def test_marks_are_of_the_lower_cased_eck_id_under_a_key() -> None:
    """Capitals make no difference, the key does, and the ECK iD is nowhere in the mark."""
    found = marks.mark(_KEY, _ECK_ID)
    assert found == marks.mark(_KEY, _ECK_ID.upper())
    assert found != marks.mark(b"\x01" * 32, _ECK_ID)
    assert len(found) == 32
    person = replace(_pupil("1"), eck_id=_ECK_ID)
    [marked] = marks.marked(_roster(person), _KEY).people
    assert (marked.eck_id, marked.eck_mark) == (None, found)
    assert "0123456789abcdef" not in repr(marked)


def test_trap_8_pupil_in_two_base_groups_is_one_pupil() -> None:
    """Somebody who stands in the feed once for each of his groups is added once."""
    rows = [replace(_pupil("1"), groups=((GroupKind.BASE, key),)) for key in ("a", "b")]
    found = match(records.EMPTY, _roster(*rows), FILE)
    assert (len(found.pairs), found.apart) == (1, ())
    assert match(records.EMPTY, _roster(*reversed(rows)), FILE).pairs == found.pairs


def test_trap_8_own_year_group_goes_before_that_of_the_group() -> None:
    """A pupil of year 5 in a combination group is of year 5."""
    groups = (Group(GroupKind.BASE, "56", "Groep 5/6", None),)
    person = replace(_pupil("1"), year_group="5", groups=((GroupKind.BASE, "56"),))
    [kept] = stored(Roster(YEAR, groups, (person,))).people.values()
    assert (kept.year_group, kept.groups[0].year_group) == ("5", None)


def test_trap_9_group_key_used_again_next_year_is_another_group() -> None:
    """Groups live one school year: the same key and name in the next is a new group."""
    groups = (Group(GroupKind.BASE, "5", "Groep 5", "5"),)
    before = stored(Roster(YEAR, groups, (_pupil("1"),)))
    done = plan.apply(before, difference(before, Roster("2027-2028", groups, (_pupil("1"),))))
    assert len({group.group_id for group in done.groups.values()}) == 2
    assert [group.school_year for group in done.active_groups()] == ["2027-2028"]


def test_trap_10_pupil_and_teacher_may_share_a_key() -> None:
    """Keys are unique within a kind only."""
    school = stored(_roster(_pupil("1"), _staff("1")))
    assert len(school.people) == 2
    assert difference(school, _roster(_pupil("1"), _staff("1"))).is_empty


def test_trap_11_person_without_a_lasting_key_needs_an_eck_id() -> None:
    """With an ECK iD a "#" key is not missed; with neither the person is kept apart."""
    school = stored(_roster(_pupil("1", "m1")))
    found = match(school, _roster(_pupil(None, "m1"), _pupil(None, name="Wie Dan")), FILE)
    assert [person_id for _, person_id in found.pairs] == [_id_of(school, key="1")]
    assert _doubts(found) == [Doubt.NO_IDENTITY]


def test_trap_12_eck_id_goes_before_the_key() -> None:
    """A pupil with a known ECK iD and a new key is the same pupil, with the new key."""
    school = stored(_roster(_pupil("1", "m1")))
    done = plan.apply(school, difference(school, _roster(_pupil("77", "m1"))))
    [person] = done.people.values()
    assert (person.person_id, person.key) == (_id_of(school, key="1"), "77")


def test_trap_12_what_a_feed_leaves_out_is_not_forgotten() -> None:
    """UWLR 2.3 may leave the key out, and 2.1 the ECK iD: both stay known."""
    school = stored(_roster(_pupil("1", "m1")))
    assert difference(school, _roster(_pupil(None, "m1"))).is_empty
    assert difference(school, _roster(_pupil("1"))).is_empty


def test_trap_12_eck_id_of_one_with_the_key_of_another_is_kept_apart() -> None:
    """Neither of both changes, neither leaves, and both are named."""
    school = stored(_roster(_pupil("1", "m1", "Jip Bos"), _pupil("2", "m2", "Pim Dam")))
    mixed = _roster(_pupil("2", "m1", "Jip Bos"))
    found = match(school, mixed, FILE)
    assert _doubts(found) == [Doubt.TWO_PEOPLE]
    assert set(found.apart[0].about) == set(school.people)
    assert difference(school, mixed).is_empty


@pytest.mark.parametrize("name", ["key", "eck"])
def test_trap_12_two_with_one_identity_are_kept_apart(name: str) -> None:
    """Two different people under one key, or one ECK iD, change nobody."""
    school = stored(_roster(_pupil("1", "m1", "Jip Bos"), _pupil("2", "m2", "Pim Dam")))
    other = _pupil("1", "m9", "Noor Vos") if name == "key" else _pupil("9", "m1", "Noor Vos")
    roster = _roster(_pupil("1", "m1", "Jip Bos"), _pupil("2", "m2", "Pim Dam"), other)
    found = match(school, roster, FILE)
    doubt = Doubt.KEY_TWICE if name == "key" else Doubt.ECK_ID_TWICE
    assert _doubts(found) == [doubt, doubt]
    assert difference(school, roster).is_empty


def test_trap_12_key_of_a_pupil_with_another_eck_id_and_name_is_kept_apart() -> None:
    """A key that suddenly is another child's was given out twice; a mended ECK iD was not."""
    school = stored(_roster(_pupil("1", "m1", "Jip Bos")))
    assert _doubts(match(school, _roster(_pupil("1", "m2", "Noor Vos")), FILE)) == [
        Doubt.OTHER_ECK_ID
    ]
    mended = difference(school, _roster(_pupil("1", "m2", "Jip Bos")))
    assert [(one.change, one.after.eck_mark) for one in mended.people] == [(Change.RELINKED, "m2")]


def test_trap_13_addresses_match_nobody() -> None:
    """A teacher whose address is another's, or a placeholder, is still only himself."""
    school = stored(_roster(_staff("1", address="email"), _staff("2", address="email")))
    assert len(school.people) == 2
    found = match(school, _roster(_staff("3", address="email")), FILE)
    assert [person_id for _, person_id in found.pairs] == [None]


def test_eck_id_of_staff_follows_their_address() -> None:
    """It is made of it, so another ECK iD under the same key is the same colleague."""
    school = stored(_roster(_staff("1", "m1")))
    [(_, person_id)] = match(school, _roster(_staff("1", "m2")), FILE).pairs
    assert person_id == _id_of(school, key="1")


def test_trap_15_eck_id_that_comes_later_makes_no_second_pupil() -> None:
    """A new pupil has none until it is checked; then he gets it."""
    school = stored(_roster(_pupil("1")))
    found = difference(school, _roster(_pupil("1", "m1")))
    assert [(one.change, one.after.person_id) for one in found.people] == [
        (Change.RELINKED, _id_of(school, key="1"))
    ]
    done = plan.apply(school, found)
    assert difference(done, _roster(_pupil(None, "m1"))).is_empty


def test_trap_22_twins_stay_two() -> None:
    """Two children with one name are two, also when they get new keys."""
    twins = _roster(_pupil("1", "m1"), _pupil("2", "m2"))
    school = stored(twins)
    assert len(school.people) == 2
    found = match(school, _roster(_pupil("8"), _pupil("9")), FILE)
    assert [person_id for _, person_id in found.pairs] == [None, None]


def test_trap_26_same_child_at_two_schools_is_one_at_each() -> None:
    """Schools are compared with their own feeds only: nothing of one is known at the other."""
    here, there = stored(_roster(_pupil("1", "m1"))), stored(_roster(_pupil("1", "m1")))
    assert len(here.people) == len(there.people) == 1
    assert difference(here, _roster()).people
    assert len(there.active(PersonKind.PUPIL)) == 1


def test_trap_30_other_system_with_eck_ids_keeps_everybody() -> None:
    """When all keys are dealt out anew, ECK iDs keep every pupil the same, even crosswise."""
    school = stored(
        _roster(_pupil("1", "m1", "Jip Bos"), _pupil("2", "m2", "Pim Dam")), "parnassys"
    )
    crossed = _roster(_pupil("2", "m1", "Jip Bos"), _pupil("1", "m2", "Pim Dam"))
    done = plan.apply(school, difference(school, crossed, "esis"))
    assert {one.person_id: one.eck_mark for one in done.people.values()} == {
        one.person_id: one.eck_mark for one in school.people.values()
    }
    assert {(one.key, one.source) for one in done.people.values()} == {("2", "esis"), ("1", "esis")}


def test_trap_30_key_of_another_system_needs_the_same_name() -> None:
    """Number 1 of the one is not number 1 of the other, unless it is the same name."""
    school = stored(_roster(_pupil("1", name="Jip Bos"), _pupil("2", name="Pim Dam")), "parnassys")
    roster = _roster(_pupil("1", name="jip bos"), _pupil("2", name="Noor Vos"))
    found = match(school, roster, "esis")
    assert [person_id for _, person_id in found.pairs] == [_id_of(school, key="1"), None]


def test_key_that_a_leaver_had_in_another_system_brings_nobody_back() -> None:
    """A new child of the new system never becomes somebody who left the old one."""
    school = stored(_roster(_pupil("1", name="Jip Bos"), _pupil("2", name="Pim Dam")), "parnassys")
    gone = plan.apply(school, difference(school, _roster(_pupil("2", name="Pim Dam")), "parnassys"))
    found = difference(gone, _roster(_pupil("1", name="Noor Vos")), "esis")
    assert Change.RETURNED not in {one.change for one in found.people}


_numbers = st.lists(st.integers(0, 9), unique=True, max_size=8)


@st.composite
def identified(draw: st.DrawFn) -> Roster:
    """Draw people who each have a key, an ECK iD or both, by a number of their own."""
    people = []
    for number in sorted(draw(_numbers)):
        has = draw(st.sampled_from(["key", "eck", "both"]))
        key = None if has == "eck" else str(number)
        eck = None if has == "key" else f"m{number}"
        people.append(_pupil(key, eck, draw(st.sampled_from(["Jip Bos", "Pim Dam"]))))
    order = sorted(people, key=lambda one: (one.kind, one.key or "", one.eck_mark or ""))
    return _roster(*order)


def _number(person: Person) -> str:
    return person.key or (person.eck_mark or "").removeprefix("m")


def _with_what_is_known(before: Roster, after: Roster) -> Roster:
    """Return a roster with the keys and ECK iDs that an earlier one links to its people."""
    known = {_number(one): one for one in before.people}
    people = [_linked(one, known.get(_number(one))) for one in after.people]
    order = sorted(people, key=lambda one: (one.kind, one.key or "", one.eck_mark or ""))
    return replace(after, people=tuple(order))


def _linked(one: Person, old: Person | None) -> Person:
    if old is None:
        return one
    by_key = one.key is not None and one.key == old.key
    by_mark = one.eck_mark is not None and one.eck_mark == old.eck_mark
    if not (by_key or by_mark):
        return one
    return replace(one, key=one.key or old.key, eck_mark=one.eck_mark or old.eck_mark)


@given(identified(), identified())
@settings(max_examples=often(200), deadline=None)
def test_any_feed_is_taken_over_whole_and_then_changes_nothing(
    before: Roster, after: Roster
) -> None:
    """With keys and ECK iDs coming and going, the school becomes the feed and stays it."""
    school = stored(before)
    done = plan.apply(school, difference(school, after))
    assert as_roster(done) == _with_what_is_known(before, after)
    assert difference(done, after).is_empty


@given(identified(), identified(), st.data())
@settings(max_examples=often(200), deadline=None)
def test_nobody_is_ever_two_and_two_are_never_one(
    before: Roster, after: Roster, data: st.DataObject
) -> None:
    """However keys and ECK iDs are mixed up, no two of a feed become one person."""
    school = stored(before)
    mixed = [
        replace(one, eck_mark=data.draw(st.sampled_from([one.eck_mark, "m1", "m2", None])))
        for one in after.people
    ]
    found = match(school, _roster(*mixed), data.draw(st.sampled_from([FILE, "esis"])))
    matched = [person_id for _, person_id in found.pairs if person_id is not None]
    assert len(matched) == len(set(matched))
    assert len(found.pairs) + len(found.apart) <= len(mixed)
