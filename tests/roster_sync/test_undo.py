"""Taking back what a run applied: for any two rosters, and for a coordinator by one button."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.stand_ins import las
from roster_sync import decide, plan, roster_store, store, undo
from roster_sync.decide import Decision, Word
from roster_sync.model import Roster
from roster_sync.runs import Outcome
from schoolpoort import clock
from schoolpoort import rosters as reader
from tests.amounts import often
from tests.roster_sync.samples import BRIN6, as_roster, difference, stored
from tests.roster_sync.school import SCHOOL_ID, School
from tests.roster_sync.test_plan import rosters


@given(rosters(), rosters())
@settings(max_examples=often(100), deadline=None)
def test_taking_back_is_the_school_of_before(before: Roster, after: Roster) -> None:
    """apply, then reverse: who and what is at the school is as it was, to the letter."""
    school = stored(before)
    whole = difference(school, after)
    done = plan.apply(school, whole)
    back = undo.restored(done, undo.undo_of(school, whole), erased_at_epoch_s=1)
    again = plan.apply(done, back.plan)
    assert as_roster(again) == before
    assert back.changed_since == 0


@given(rosters(), rosters(), rosters(), st.data())
@settings(max_examples=often(100), deadline=None)
def test_what_changed_since_is_left_alone(
    before: Roster, after: Roster, later: Roster, data: st.DataObject
) -> None:
    """Whoever a later run touched stays as that run made him; all others go back."""
    school = stored(before)
    first = difference(school, after)
    done = plan.apply(school, first)
    second = difference(done, later)
    second = plan.without(second, [one for one in second.people if data.draw(st.booleans())])
    now = plan.apply(done, second)
    back = undo.restored(now, undo.undo_of(school, first), erased_at_epoch_s=1)
    again = plan.apply(now, back.plan)
    touched = {one.after.person_id for one in second.people}
    for one in first.people:
        found = again.people[one.after.person_id]
        if one.after.person_id in touched:
            assert found == now.people[one.after.person_id]
        elif one.before is not None:
            assert found == one.before
        else:
            assert not found.active


@given(rosters(), rosters())
@settings(max_examples=often(50), deadline=None)
def test_reverses_read_back_from_their_stored_form_until_they_expire(
    before: Roster, after: Roster
) -> None:
    """A reverse is the same after a way through the store, and empty after thirty days."""
    school = stored(before)
    found = undo.undo_of(school, difference(school, after))
    items = list(undo.undo_items("s", "r", found, 1000))
    read = undo.undo_from(items, 1000)
    assert set(map(repr, read.people)) == set(map(repr, found.people))
    assert set(map(repr, read.groups)) == set(map(repr, found.groups))
    assert undo.undo_from(items, 1000 + undo.KEPT_S) == undo.Undo()


def _pupils() -> dict[str, reader.Person]:
    return {one.person_id: one for one in reader.pupils(SCHOOL_ID)}


def test_last_night_is_taken_back_by_one_button_and_stays_so(school: School) -> None:
    """Three new and one moved are undone, refused from then on, and can still be accepted."""
    school.link()
    school.night()
    before = _pupils()
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    run = school.night()
    coordinator = school.coordinator()
    page = coordinator.get(f"/console/roster/runs/{run.run_id}")
    assert "Deze verwerking terugdraaien" in page.text
    answer = coordinator.post(f"/console/roster/runs/{run.run_id}/restore")
    assert "Teruggedraaid" in coordinator.get(answer.location).text
    assert _pupils() == before
    assert "Wat je hebt geweigerd" in coordinator.get("/console/roster/waiting").text
    school.next_day()
    assert school.night().result.outcome == Outcome.UNCHANGED
    assert _pupils() == before


def test_taken_back_twice_or_too_late_says_that_nothing_is_left(school: School) -> None:
    """The second press does nothing, and neither does one after thirty days."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "some_left")
    run = school.night()
    coordinator = school.coordinator()
    address = f"/console/roster/runs/{run.run_id}"
    assert coordinator.post(f"{address}/restore").location.startswith("/console/roster/runs/")
    assert len(_pupils()) == 70
    again = coordinator.post(f"{address}/restore")
    assert again.location == f"{address}?not=stale"
    assert "Er is niets gedaan" in coordinator.get(again.location).text
    school.house.move_clock(school.house.clock_offset_s + undo.KEPT_S)
    late = school.coordinator()
    assert "terugdraaien" not in late.get(address).text
    assert late.post(f"{address}/restore").location == f"{address}?not=stale"


def test_taking_back_can_itself_be_taken_back_or_accepted(school: School) -> None:
    """What was undone comes in after all, as soon as the coordinator accepts it."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    run = school.night()
    after = _pupils()
    coordinator = school.coordinator()
    restored = coordinator.post(f"/console/roster/runs/{run.run_id}/restore").location
    assert _pupils() != after
    coordinator.post(f"{restored}/restore")
    assert _pupils() == after
    waiting = coordinator.get("/console/roster/waiting")
    assert "Er wacht niets op jou" in waiting.text
    school.next_day()
    assert school.night().result.outcome == Outcome.UNCHANGED


def test_what_was_taken_back_can_be_accepted_after_all(school: School) -> None:
    """Each person of a restored run is listed as refused; asked again and accepted, he is in."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    run = school.night()
    after = _pupils()
    coordinator = school.coordinator()
    coordinator.post(f"/console/roster/runs/{run.run_id}/restore")
    for word in ("ask", "accept"):
        page = coordinator.get("/console/roster/waiting")
        tokens = re.findall(r'name="change" type="checkbox" value="([^"]+)"', page.text)
        assert len(tokens) == 4
        for token in tokens:
            answer = coordinator.post("/console/roster/waiting", {"word": word, "change": token})
            assert answer.status == 303
    assert _pupils() == after


def test_restored_first_night_can_be_accepted_with_its_groups(school: School) -> None:
    """Taking back a whole school empties it; accepting brings people and groups back."""
    school.link()
    run = school.night()
    everybody, groups = _pupils(), reader.groups(SCHOOL_ID)
    coordinator = school.coordinator()
    coordinator.post(f"/console/roster/runs/{run.run_id}/restore")
    assert (_pupils(), reader.groups(SCHOOL_ID)) == ({}, [])
    contents = roster_store.contents(SCHOOL_ID, clock.now_epoch_s())
    assert len(contents.held.refused) == 86
    now, feed = clock.now_epoch_s(), store.state(SCHOOL_ID).feed
    assert feed is not None
    words: tuple[Word, ...] = ("ask", "accept")
    for word in words:
        held = roster_store.contents(SCHOOL_ID, now).held
        tokens = [one.token for one in held.changes.values()]
        word_now = Decision(SCHOOL_ID, "r", word, frozenset(tokens), now, school.today(), now + 1)
        decide.decide(word_now, feed)
    assert (_pupils(), reader.groups(SCHOOL_ID)) == (everybody, groups)
