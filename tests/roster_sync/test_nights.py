"""The helpdesk's page of all schools' nights: counted once from the runs, and told to all alike."""

import datetime as dt
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.stand_ins import las
from infra.local.visitor import Visitor
from roster_sync import bars, runs, store, tally, tally_store
from roster_sync.causes import Cause
from roster_sync.runs import Outcome, Result, Run
from schoolpoort import clock, dynamodb, roster_nights
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6
from tests.roster_sync.school import SCHOOL_ID, School
from tests.signed_in import signed_in

_PAGE = "/helpdesk/roster/nights"
_ENDS: list[tuple[Outcome, Cause | None]] = [
    (Outcome.APPLIED, None),
    (Outcome.UNCHANGED, None),
    (Outcome.HELD, Cause.MANY_LEAVERS),
    (Outcome.FAILED, Cause.LAS_UNREACHABLE),
    (Outcome.REFUSED, Cause.NO_AGREEMENT),
    (Outcome.FAILED, Cause.KEY_NEEDED),
    (Outcome.RUNNING, None),
]


def _end(
    school: School, school_id: str, supplier: str, outcome: Outcome, cause: Cause | None
) -> None:
    """Let a listed school's run of tonight have ended so."""
    listed = {"school_id": "links", "item_key": f"school#{school_id}", "supplier": supplier}
    dynamodb.put(require("ROSTER_TABLE"), listed | {"has_valid_key": True})
    result = Result(outcome, cause)
    run_id = runs.night_run_id(school.today())
    store.begin_run(school_id, Run(run_id, "night", clock.now_epoch_s(), None, result))


def _helpdesk(school: School) -> Visitor:
    return signed_in(school.house, "70", "helpdesk", "helpdesk")


def _morning(school: School) -> None:
    school.house.invoke("RosterKeyWatchFunction", {"job": "keys"})


def _some_schools(school: School, number: int) -> None:
    for index in range(number):
        supplier = "esis" if index % 3 else "parnassys"
        _end(school, str(1000 + index), supplier, *_ENDS[index % len(_ENDS)])


def test_a_night_is_counted_by_state_cause_and_supplier(school: School) -> None:
    """Each of the ways a run can end has its place, and a school without a run is not visited."""
    school.at_noon()
    _some_schools(school, 7)
    listed = {"school_id": "links", "item_key": "school#1", "supplier": "unilogic"}
    dynamodb.put(require("ROSTER_TABLE"), listed | {"has_valid_key": True})
    _morning(school)
    [counted] = tally_store.latest(school.today())
    assert counted.totals == {
        "fine": 1,
        "unchanged": 1,
        "held": 1,
        "failed": 2,
        "no_link": 1,
        "missed": 2,
    }
    assert counted.suppliers["unilogic"] == {"missed": 1}
    assert counted.causes == {
        "many_leavers": 1,
        "las_unreachable": 1,
        "no_agreement": 1,
        "key_needed": 1,
    }
    assert counted.acting == 6


def test_the_page_of_status_and_the_helpdesk_count_alike(school: School) -> None:
    """What /status calls good is what the helpdesk sees as updated, unchanged or waiting."""
    school.at_noon()
    _some_schools(school, 20)
    counted = tally_store.count_night(school.today(), clock.now_epoch_s())
    told = roster_nights.of_night(school.today())
    good = ("fine", "unchanged", "held")
    assert {name: one.good for name, one in told.items()} == {
        name: sum(own.get(state, 0) for state in good) for name, own in counted.suppliers.items()
    }
    assert sum(one.schools for one in told.values()) == counted.schools == 20
    assert sum(one.good for one in told.values()) == 9


def test_a_night_that_was_worked_off_is_seen_by_the_reader_of_others(school: School) -> None:
    """The key of a run as the worker writes it is the one that /status looks for."""
    school.link()
    school.night()
    assert roster_nights.of_night(school.today()) == {
        "parnassys": roster_nights.Night(schools=1, visited=1, good=1)
    }


def test_helpdesk_sees_the_cause_its_owner_and_the_next_step(school: School) -> None:
    """A LAS that is down overnight is named with the school, and who must act."""
    school.link()
    las.set_fixture(BRIN6, "interne_fout")
    school.night()
    _morning(school)
    text = _helpdesk(school).get(_PAGE).text
    [run] = store.latest_runs(SCHOOL_ID, 1)
    assert run.result.cause == Cause.LAS_INTERNAL
    assert "De Vlieger, Vliegerdam (00AA00)" in text
    assert "De leverancier" in text
    assert "Er ging iets mis in je administratiesysteem" in text
    assert "Niets gaf het op" in text


def test_the_chart_has_no_style_or_script_and_says_the_same_as_its_table(school: School) -> None:
    """The drawing is named and described, and every night stands in the table too."""
    school.at_noon()
    _some_schools(school, 7)
    _morning(school)
    text = _helpdesk(school).get(_PAGE + "?lang=en").text
    svg = text[text.index('<svg viewBox="0 0 300 82"') : text.index("</figure>")]
    assert 'role="img" aria-labelledby="trend-title trend-about"' in svg
    assert '<title id="trend-title">' in svg
    assert '<desc id="trend-about">' in svg
    assert "style" not in svg
    assert "<script" not in svg
    for state in tally.NEED_SOMEBODY:
        assert f'<rect class="chart-{state}" x="290.0"' in svg
    table = text[text.index("The newest night first") :]
    assert len(re.findall(r'<th scope="row">\d\d-\d\d-2026</th>', table)) == tally.NIGHTS_SHOWN
    assert table.count("Not counted") == tally.NIGHTS_SHOWN - 1


def test_the_schools_that_need_somebody_come_a_page_at_a_time(school: School) -> None:
    """Sixty schools are three pages, each once; a page that is not there is not found."""
    school.at_noon()
    for index in range(60):
        _end(school, str(1000 + index), "esis", Outcome.FAILED, Cause.LAS_SLOW)
    _morning(school)
    helpdesk = _helpdesk(school)
    seen = [len(tally_store.acting(school.today(), page)) for page in range(4)]
    assert seen == [25, 25, 10, 0]
    every = {one.school_id for page in range(3) for one in tally_store.acting(school.today(), page)}
    assert len(every) == 60
    assert "Pagina 2 van 3" in helpdesk.get(f"{_PAGE}?page=2").text
    for wrong in ("0", "4", "x", "-1", "99999", "²"):
        assert helpdesk.get(f"{_PAGE}?page={wrong}").status == 404


def test_counting_again_replaces_the_numbers(school: School) -> None:
    """After the messages were handed out again the helpdesk presses once and sees it."""
    school.at_noon()
    _end(school, "1000", "esis", Outcome.FAILED, Cause.LAS_SLOW)
    _morning(school)
    _end(school, "1000", "esis", Outcome.APPLIED, None)
    helpdesk = _helpdesk(school)
    answer = helpdesk.post(_PAGE)
    assert answer.location == f"{_PAGE}?counted=1"
    text = helpdesk.get(answer.location).text
    assert "Opnieuw geteld" in text
    assert "Niemand" in text
    assert [one.acting for one in tally_store.latest(school.today())] == [0]


def test_before_the_first_count_the_page_says_when_it_comes(school: School) -> None:
    """A house that was opened today shows no zeros as if they were counted."""
    text = _helpdesk(school).get(_PAGE).text
    assert "Er is nog geen nacht geteld" in text
    assert "<rect" not in text


def test_the_page_costs_no_read_per_linked_school(school: School) -> None:
    """Its calls are the same with three hundred fine schools as with ten."""
    school.at_noon()
    calls = []
    for number in (10, 300):
        for index in range(number):
            _end(school, str(1000 + index), "esis", Outcome.APPLIED, None)
        _morning(school)
        helpdesk = _helpdesk(school)
        school.calls.clear()
        assert helpdesk.get(_PAGE).status == 200
        calls.append(Counter(school.calls))
    assert calls[0] == calls[1]


def test_a_coordinator_does_not_see_other_schools(school: School) -> None:
    """The page is the helpdesk's alone."""
    assert school.coordinator().get(_PAGE).status == 403


@given(
    st.lists(
        st.fixed_dictionaries({state: st.integers(0, 9000) for state in tally.NEED_SOMEBODY}),
        min_size=1,
        max_size=tally.NIGHTS_SHOWN,
    )
)
def test_every_number_but_nought_has_a_piece_within_the_drawing(
    columns: list[dict[str, int]],
) -> None:
    """Whatever a night counted, its bar stays inside and one school among thousands is seen."""
    pieces = bars.stacked(columns)
    assert len(pieces) == sum(value > 0 for column in columns for value in column.values())
    for piece in pieces:
        assert piece.height >= 1
        assert piece.y >= 0
        assert piece.x + piece.width <= bars.WIDTH


@pytest.mark.parametrize("day", [dt.date(2026, 3, 30), dt.date(2026, 11, 24)])
def test_thirty_nights_end_with_today(day: dt.date) -> None:
    """The trend has each day once, also over the change of the clock."""
    days = [night for night, _ in tally.nights(day, [])]
    assert days == sorted(set(days))
    assert (len(days), days[-1]) == (30, day)
