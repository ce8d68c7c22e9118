"""What waits is shown person by person, and a coordinator's word is carried out."""

import html
import re
from typing import Any

import pytest

from infra.local import rosters
from infra.local.stand_ins import las
from infra.local.visitor import Answer, Visitor
from roster_sync import roster_store
from roster_sync.runs import Outcome
from schoolpoort import clock, dynamodb
from schoolpoort import rosters as reader
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6, YEAR
from tests.roster_sync.school import SCHOOL_ID, School

_WAITING = "/console/roster/waiting"


@pytest.fixture
def held(school: School) -> School:
    """Let eight pupils of seventy leave in one night, which waits."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "many_left")
    assert school.night().result.outcome == Outcome.HELD
    return school


def _gone() -> set[str]:
    rows = [one for one in rosters.of_school(BRIN6, YEAR).pupils if one.year_group == "7"]
    return {" ".join(f"{one.given_name} {one.prefix} {one.surname}".split()) for one in rows}


def _tokens(page: Answer) -> list[str]:
    return re.findall(r'name="change" type="checkbox" value="([^"]+)"', page.text)


def _say(visitor: Visitor, word: str, **more: Any) -> Answer:
    return visitor.post(_WAITING, {"word": word, **more})


def _whole_part(page: Answer) -> dict[str, str]:
    found = page.hidden_fields()
    return {"part": found["part"], "version": found["version"]}


def _pupils() -> int:
    return len(reader.pupils(SCHOOL_ID))


def test_everybody_who_waits_is_named_with_what_is_likely(held: School) -> None:
    """The page lists the eight, says why they probably go and offers both answers."""
    page = held.coordinator().get(_WAITING)
    text = html.unescape(page.text)
    for name in _gone():
        assert name in text
    assert "8 leerlingen staan niet meer in de gegevens" in text
    assert "In koppelingen beschikbaar" in text
    assert len(_tokens(page)) == 8
    roster = held.coordinator().get("/console/roster")
    assert "Er wacht iets op jou" in roster.text
    assert _WAITING in roster.text


def test_whole_part_is_accepted_in_one_press(held: School) -> None:
    """All eight leave at once, their group ends with them, and the report says it."""
    coordinator = held.coordinator()
    page = coordinator.get(_WAITING)
    answer = _say(coordinator, "accept_all", **_whole_part(page))
    assert answer.status == 303
    report = coordinator.get(answer.location)
    assert "8 van school" in report.text
    assert "Goedgekeurd" in report.text
    assert _pupils() == 62
    assert "Er wacht niets op jou" in coordinator.get(_WAITING).text
    held.next_day()
    run = held.night()
    assert (run.result.outcome, run.result.counts["total"]["pupils"]) == (Outcome.UNCHANGED, 62)


def test_some_are_accepted_and_the_rest_waits_on(held: School) -> None:
    """Only who is ticked leaves; the others wait the next night too."""
    coordinator = held.coordinator()
    tokens = _tokens(coordinator.get(_WAITING))
    assert _say(coordinator, "accept", change=tokens[0]).status == 303
    assert _pupils() == 69
    assert len(_tokens(coordinator.get(_WAITING))) == 7
    held.next_day()
    run = held.night()
    assert run.result.held == {"left_pupil": 7}


def test_refused_stays_and_can_be_asked_again(held: School) -> None:
    """A refused pupil stays night after night, and refusing can be taken back."""
    coordinator = held.coordinator()
    page = coordinator.get(_WAITING)
    assert (
        _say(coordinator, "refuse_all", **_whole_part(page)).location == f"{_WAITING}?said=refuse"
    )
    held.next_day()
    assert held.night().result.outcome == Outcome.UNCHANGED
    assert _pupils() == 70
    coordinator = held.coordinator()
    refused = coordinator.get(f"{_WAITING}?said=refuse")
    assert "Wat je hebt geweigerd" in refused.text
    first = _tokens(refused)[0]
    assert _say(coordinator, "ask", change=first).location == f"{_WAITING}?said=ask"
    again = coordinator.get(_WAITING)
    assert "1 leerling staat niet meer in de gegevens" in again.text
    held.next_day()
    assert held.night().result.held == {"left_pupil": 1}


def test_pupil_who_comes_back_waits_no_more_and_is_whole(held: School) -> None:
    """Accepted leavers reappear with the same id and everything that hangs on it."""
    before = {one.person_id: one for one in reader.pupils(SCHOOL_ID)}
    coordinator = held.coordinator()
    _say(coordinator, "accept_all", **_whole_part(coordinator.get(_WAITING)))
    gone = before.keys() - {one.person_id for one in reader.pupils(SCHOOL_ID)}
    assert len(gone) == 8
    las.clear_fixtures()
    held.next_day()
    held.night()
    assert {one.person_id: one for one in reader.pupils(SCHOOL_ID)} == before


def test_word_about_what_is_no_longer_so_is_refused_kindly(held: School) -> None:
    """After the administration was repaired, an old page does nothing and says so."""
    coordinator = held.coordinator()
    page = coordinator.get(_WAITING)
    las.set_fixture(BRIN6, "normal")
    held.next_day()
    held.night()
    coordinator = held.coordinator()
    for form in (
        {"word": "accept_all", **_whole_part(page)},
        {"word": "accept", "change": _tokens(page)[0]},
    ):
        answer = coordinator.post(_WAITING, form)
        assert answer.status == 409
        assert "Dit is niet wat je zag" in answer.text
    assert _pupils() == 70


def test_second_coordinator_is_told_that_the_first_was_first(held: School) -> None:
    """Two people with the same page open do not undo each other."""
    one, two = held.coordinator(), held.coordinator(account_id="8")
    page = two.get(_WAITING)
    _say(one, "refuse", change=_tokens(page)[0])
    assert _say(two, "accept_all", **_whole_part(page)).status == 409
    assert _pupils() == 70


def test_word_during_a_sync_waits_a_minute(held: School) -> None:
    """While a run changes the school nothing else does."""
    coordinator = held.coordinator()
    token = _tokens(coordinator.get(_WAITING))[0]
    roster_store.take_lease(SCHOOL_ID, "another", clock.now_epoch_s())
    answer = _say(coordinator, "accept", change=token)
    assert answer.status == 409
    assert "Probeer het over een minuut opnieuw" in answer.text


def test_nothing_ticked_and_unknown_words_are_refused(held: School) -> None:
    """A press without a tick asks for one, and a made-up button is no button."""
    coordinator = held.coordinator()
    answer = _say(coordinator, "accept")
    assert answer.status == 422
    assert "niemand aangevinkt" in answer.text
    assert _say(coordinator, "maybe").status == 400


def test_without_an_agreement_nothing_is_decided(held: School) -> None:
    """What came in before may be read, but nothing more is taken over."""
    coordinator = held.coordinator()
    page = coordinator.get(_WAITING)
    held.cover("2020-01-01", until="2021-01-01")
    answer = _say(coordinator, "accept_all", **_whole_part(page))
    assert answer.status == 409
    assert "nog geen overeenkomst" in answer.text
    assert "accept_all" not in answer.text
    assert _pupils() == 70


def test_other_schools_tokens_decide_nothing(held: School) -> None:
    """A coordinator of another school, with this school's form, changes nobody."""
    page = held.coordinator().get(_WAITING)
    stranger = held.coordinator("teacher")
    assert stranger.post(_WAITING, {"word": "accept", "change": _tokens(page)[0]}).status == 403
    assert _pupils() == 70


@pytest.mark.parametrize("write", ["unsettle", "write_plan", "write_held", "put_feed"])
def test_word_that_is_cut_off_is_finished_by_saying_it_again_or_by_the_night(
    held: School, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """After whichever write it ends, the school comes to the same, and nothing is left waiting."""
    coordinator = held.coordinator()
    page = coordinator.get(_WAITING)
    real = getattr(roster_store, write)

    def last_one(*arguments: Any) -> None:
        real(*arguments)
        raise StoreUnavailable

    monkeypatch.setattr(roster_store, write, last_one)
    assert _say(coordinator, "accept_all", **_whole_part(page)).status == 503
    monkeypatch.setattr(roster_store, write, real)
    again = coordinator.get(_WAITING)
    if _tokens(again):
        assert _say(coordinator, "accept_all", **_whole_part(again)).status == 303
    assert _pupils() == 62
    held.next_day()
    run = held.night()
    assert run.result.held == {}
    assert run.result.counts["total"]["pupils"] == 62
    held.next_day()
    assert held.night().result.outcome == Outcome.UNCHANGED


def test_somebody_who_cannot_be_told_from_another_is_a_task(school: School) -> None:
    """Two with one key change nobody; the page names them and says what to repair."""
    school.link()
    school.night()
    before = {one.person_id for one in reader.pupils(SCHOOL_ID)}
    school.next_day()
    las.set_fixture(BRIN6, "key_twice")
    run = school.night()
    assert (run.result.outcome, run.result.held) == (Outcome.HELD, {"apart": 2})
    page = school.coordinator().get(_WAITING)
    assert "Te herstellen in je administratiesysteem" in page.text
    assert "hetzelfde nummer" in page.text
    assert {one.person_id for one in reader.pupils(SCHOOL_ID)} == before
    las.clear_fixtures()
    school.next_day()
    assert school.night().result.outcome == Outcome.APPLIED
    assert "Er wacht niets op jou" in school.coordinator().get(_WAITING).text


def test_leavers_are_forgotten_after_the_school_year(school: School) -> None:
    """A leaver carries the moment at which he is removed, and is not read after it."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "some_left")
    school.night()
    [item] = [
        item
        for item in school.roster_items().values()
        if item["item_key"].startswith("person#") and not item["active"]
    ]
    assert item["expires_at_epoch_s"] == 1_819_749_600  # 1 September 2027, midnight
    person_id = item["item_key"].removeprefix("person#")
    assert reader.person(SCHOOL_ID, person_id) is not None
    school.house.move_clock(
        item["expires_at_epoch_s"] + 1 - (clock.now_epoch_s() - school.house.clock_offset_s)
    )
    assert reader.person(SCHOOL_ID, person_id) is None
    now = clock.now_epoch_s()
    assert person_id not in roster_store.contents(SCHOOL_ID, now).people.people


def test_what_waits_costs_a_write_only_when_it_changes(held: School) -> None:
    """A second night that says the same reads no people and writes only its record."""
    las.set_fixture(BRIN6, "many_left")
    before = held.roster_items()
    held.next_day()
    held.house.run_schedules()
    held.calls.clear()
    held.work()
    assert [call for call in held.calls if call != "Query"] == [
        "BatchGetItem",
        "Decrypt",
        "UpdateItem",
    ]
    assert held.roster_items() == before
    assert dynamodb.get(require("ROSTER_TABLE"), {"school_id": SCHOOL_ID, "item_key": "feed"})
