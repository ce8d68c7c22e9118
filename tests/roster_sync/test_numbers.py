"""A school whose administration gave everybody other numbers links its people by hand."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.stand_ins import las
from infra.local.visitor import Answer
from roster_sync import renumbering, roster_store, side_by_side, store
from roster_sync.causes import Cause
from roster_sync.held import NOTHING
from roster_sync.matching import match
from roster_sync.model import Roster
from roster_sync.plan import apply
from roster_sync.renumbering import Unlinked
from roster_sync.runs import Outcome
from schoolpoort import clock
from tests.amounts import often
from tests.roster_sync.samples import BRIN6, stored
from tests.roster_sync.school import SCHOOL_ID, School
from tests.roster_sync.test_plan import rosters

_PAGE = "/console/roster/numbers"


@pytest.fixture
def renumbered(school: School) -> School:
    """Let a school without ECK iDs get other numbers for all pupils."""
    las.set_fixture(BRIN6, "without_eck_ids")
    school.link()
    assert school.night().result.outcome == Outcome.APPLIED
    school.next_day()
    las.set_fixture(BRIN6, "other_numbers")
    return school


def _people() -> dict[str, str]:
    people = roster_store.contents(SCHOOL_ID, clock.now_epoch_s()).people.people
    return {one.person_id: one.display_name for one in people.values() if one.active}


def _certain(page: Answer) -> dict[str, str]:
    return {"word": "certain", "version": page.hidden_fields()["version"]}


def test_everybody_keeps_their_id_when_all_numbers_change(renumbered: School) -> None:
    """The feed changes nothing; two words of the coordinator later all are who they were."""
    before = _people()
    run = renumbered.night()
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, Cause.NUMBERS_CHANGED)
    assert _people() == before
    coordinator = renumbered.coordinator()
    page = coordinator.get(_PAGE)
    assert page.status == 200
    answer = coordinator.post(_PAGE, _certain(page))
    assert answer.location.startswith(f"{_PAGE}?linked="), answer.text
    rest = coordinator.get(_PAGE)
    chosen = re.findall(r'type="checkbox" value="([^"]+)"', rest.text)
    options = re.findall(r'<option value="([^"]+)">([^<]*)', rest.text)
    chosen += [value for value, name in options if "Anders" in html.unescape(name)]
    assert len(chosen) == 2
    coordinator.post(_PAGE, {"word": "chosen", "pair": chosen[0]})
    last = coordinator.post(_PAGE, {"word": "chosen", "pair": chosen[1]})
    assert last.location.startswith("/console/roster/runs/"), last.text
    done = renumbered.work()
    assert done.result.outcome == Outcome.APPLIED
    after = _people()
    assert after.keys() == before.keys()
    assert sum(after[one] != before[one] for one in before) == 1
    assert renumbered.coordinator().get(_PAGE).text.count("<option") == 0


def test_a_page_that_is_out_of_date_links_nobody(renumbered: School) -> None:
    """Who presses the button of yesterday's page is shown today's, and nothing is written."""
    renumbered.night()
    coordinator = renumbered.coordinator()
    page = coordinator.get(_PAGE)
    coordinator.post(_PAGE, _certain(page))
    before = renumbered.roster_items()
    assert coordinator.post(_PAGE, _certain(page)).status == 409
    assert renumbered.roster_items() == before


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"word": "chosen"}, 422),
        ({"word": "chosen", "pair": "1.a"}, 409),
        ({"word": "chosen", "pair": "a"}, 409),
        ({"word": "perhaps"}, 400),
        ({}, 400),
    ],
)
def test_bad_pairs_are_refused(renumbered: School, form: dict[str, str], status: int) -> None:
    """Nothing chosen, somebody who is not there and no word: nothing is done."""
    renumbered.night()
    before = renumbered.roster_items()
    assert renumbered.coordinator().post(_PAGE, form).status == status
    assert renumbered.roster_items() == before


def test_a_school_that_simply_shrinks_is_not_asked_who_is_who(school: School) -> None:
    """Half a school missing has no other numbers: the page stays empty."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "half")
    assert school.night().result.cause == Cause.TOO_FEW_PEOPLE
    assert roster_store.unlinked(SCHOOL_ID, clock.now_epoch_s()) == Unlinked()


def test_linking_is_taken_back_like_any_run(renumbered: School) -> None:
    """A wrong link is one press from being undone."""
    renumbered.night()
    before = renumbered.roster_items()
    coordinator = renumbered.coordinator()
    coordinator.post(_PAGE, _certain(coordinator.get(_PAGE)))
    run = next(one for one in store.latest_runs(SCHOOL_ID, 5) if one.trigger == "link")
    coordinator.post(f"/console/roster/runs/{run.run_id}/restore", {})
    people = {key: item for key, item in renumbered.roster_items().items() if "person#" in key[:7]}
    assert people == {key: item for key, item in before.items() if "person#" in key[:7]}


def test_one_person_in_two_pairs_is_noticed() -> None:
    """Neither side of a pair may stand in a second one."""
    assert side_by_side.has_somebody_twice(["1.a", "1.b"])
    assert side_by_side.has_somebody_twice(["1.a", "2.a"])
    assert not side_by_side.has_somebody_twice(["1.a", "2.b"])


@given(rosters(), st.booleans())
@settings(max_examples=often(100), deadline=None)
def test_certain_pairs_are_the_same_people_whatever_the_numbers(
    roster: Roster, turned: bool
) -> None:
    """Linking never joins two names, keeps every id, and leaves nobody of a pair to be linked."""
    school = stored(roster)
    people = reversed(roster.people) if turned else roster.people
    renumbered = [replace(one, key=f"n{at}", eck_mark=None) for at, one in enumerate(people)]
    other = replace(roster, people=tuple(renumbered))
    unlinked = renumbering.unlinked_of(school, match(school, other, "another"))
    found = side_by_side.rows(school, unlinked)
    pairs = [(row.person, row.same_name) for row in found if row.is_certain and row.same_name]
    assert all(old.full_name == new.full_name and old.kind == new.kind for old, new in pairs)
    after = apply(school, renumbering.linked(pairs))
    assert after.people.keys() == school.people.keys()
    again = renumbering.still_unlinked(after, NOTHING, unlinked)
    assert not again.missing & {old.person_id for old, _ in pairs}
    items = list(renumbering.unlinked_items("1", "000000000001-night", unlinked, 0))
    assert renumbering.unlinked_from(items, 0) == unlinked
    assert renumbering.unlinked_from(items, renumbering.KEPT_S) == Unlinked()
