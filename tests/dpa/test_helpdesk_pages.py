"""At the helpdesk one person records an agreement and another confirms it."""

import datetime as dt

import pytest

from dpa import agreement as agreements
from dpa import effects, event_chain, store
from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, dynamodb
from schoolpoort.coverage import CoverageState
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, CONFIRMER, RECORDER, moment

_PLACE = "/helpdesk/agreements"


# --- the way it goes ------------------------------------------------------------------------


def test_a_recorded_agreement_waits_and_covers_nothing(desk: Desk) -> None:
    """The schools of the board hear that it is being checked."""
    answer = desk.record()
    assert (answer.status, answer.location) == (303, f"{_PLACE}?done=recorded")
    (stored,) = desk.agreements()
    assert (stored["state"], stored["recorded_by"]) == ("verifying", RECORDER)
    assert desk.state("41") is CoverageState.PENDING
    assert not desk.state("41").is_covered


def test_a_confirmed_agreement_covers_every_school_of_the_board(desk: Desk) -> None:
    """And none of another board."""
    desk.record()
    answer = desk.confirm()
    assert (answer.status, answer.location) == (303, f"{_PLACE}?done=activated")
    assert desk.state("41") is desk.state("42") is CoverageState.COVERED_BOARD
    assert desk.state("43") is CoverageState.UNCOVERED
    assert desk.coverage("42").board_number == BOARD


def test_an_agreement_of_next_august_covers_from_next_august(desk: Desk) -> None:
    """From 00:00 in Amsterdam, with nobody doing anything that night."""
    desk.sign(effective_from="2027-08-01")
    (stored,) = desk.agreements()
    assert stored["state"] == "scheduled"
    assert desk.state("41", dt.date(2027, 7, 31)) is CoverageState.UNCOVERED
    assert desk.state("41", dt.date(2027, 8, 1)) is CoverageState.COVERED_BOARD
    desk.at(moment(2027, 7, 31, 23, 59))
    assert not desk.state("41").is_covered
    desk.at(moment(2027, 8, 1, 0, 0))
    assert desk.state("41").is_covered


def test_a_board_number_with_a_leading_zero_stays_text(desk: Desk) -> None:
    """Board 04002 is not board 4002."""
    desk.sign(board_number=OTHER_BOARD)
    assert desk.state("43") is CoverageState.COVERED_BOARD


def test_two_agreements_of_a_board_stand_side_by_side(desk: Desk) -> None:
    """A newer model is recorded while the old one runs on."""
    desk.sign(model="3.0", effective_from="2020-08-01")
    (old,) = desk.agreements()
    desk.record(model="4.0", effective_from="2024-08-01")
    assert desk.state("41") is CoverageState.COVERED_BOARD
    (new,) = [item for item in desk.agreements() if item != old]
    assert desk.confirm(agreement_id=new["agreement_id"]).status == 303
    assert desk.coverage("41").periods[0].agreement_id == new["agreement_id"]
    assert desk.coverage("41").periods[1].agreement_id == old["agreement_id"]


# --- four eyes ------------------------------------------------------------------------------


def test_the_recorder_cannot_confirm(desk: Desk) -> None:
    """The page says that a colleague is needed, and nothing changes."""
    desk.record()
    before = desk.everything()
    answer = desk.confirm(desk.helpdesk(RECORDER))
    assert answer.status == 409
    assert "twee verschillende mensen" in answer.text
    assert desk.everything() == before


def test_the_recorder_sees_no_button_and_a_colleague_does(desk: Desk) -> None:
    """Who cannot confirm is not asked to."""
    desk.record()
    assert "/activate" not in desk.helpdesk(RECORDER).get(_PLACE).text
    assert "/activate" in desk.helpdesk(CONFIRMER).get(_PLACE).text


def test_the_second_person_sees_all_that_must_be_on_the_paper(desk: Desk) -> None:
    """Board, model, director, evidence, place of the paper and first day stand side by side."""
    desk.record(evidence="central_service", model="3.0", signatory="Sjoukje d’Łord")
    shown = desk.helpdesk(CONFIRMER).get(_PLACE).text
    for fact in ("Stichting De Vlieger", BOARD, "3.0", "Sjoukje d’Łord", "VO-2024-001"):
        assert fact in shown
    assert "01-08-2024" in shown
    assert "dienst van Kennisnet" in shown


def test_a_second_confirmation_changes_nothing(desk: Desk) -> None:
    """A double click, or two colleagues at once, confirm once."""
    desk.record()
    desk.confirm()
    before = desk.everything()
    answer = desk.confirm(desk.helpdesk("8003"))
    assert answer.status == 409
    assert "wacht niet meer" in answer.text
    assert desk.everything() == before


# --- what is kept ---------------------------------------------------------------------------


def test_the_events_of_an_agreement_are_one_whole_chain(desk: Desk) -> None:
    """Four moves, each by whom it was, ending in the hash on the agreement."""
    desk.sign()
    (stored,) = desk.agreements()
    events = store.events(BOARD, stored["agreement_id"])
    assert [event["move"] for event in events] == ["A01", "A05", "A06", "A08"]
    assert [event["account_id"] for event in events] == [RECORDER, "", "", CONFIRMER]
    assert event_chain.is_whole(events, stored["last_event_hash"])
    facts = agreements.facts_of(agreements.of_item(stored))
    assert events[-1]["agreement_sha256"] == event_chain.digest(facts)


def test_what_is_confirmed_leaves_the_queue_and_is_shown_below(desk: Desk) -> None:
    """The queue is empty again; the list of confirmed agreements has the newest first."""
    desk.sign()
    desk.at(clock.now_epoch_s() + 60)
    desk.sign(board_number=OTHER_BOARD)
    shown = desk.helpdesk().get(_PLACE).text
    assert "Er wacht niets" in shown
    assert desk.items("waiting") == []
    assert shown.rindex("Ús Skoalle") < shown.rindex("Stichting De Vlieger")


def test_no_name_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the director nor the board is in the log, only the agreement's id."""
    desk.sign()
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert desk.agreements()[0]["agreement_id"] in logged
    assert "Buis" not in logged
    assert "Vlieger" not in logged


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"board_number": "99999"}, "staat niet in de besturenlijst"),
        ({"board_number": "12"}, "vijf cijfers"),
        ({"signatory": ""}, "naam van de bestuurder"),
        ({"reference": ""}, "waar het papier te vinden is"),
        ({"effective_from": "2051-01-01"}, "hoogstens twee jaar vooruit"),
        ({"effective_from": "31 juli"}, "hoogstens twee jaar vooruit"),
        ({"model": "2.0"}, "Maak een keuze"),
        ({"evidence": "mondeling"}, "Maak een keuze"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    desk: Desk, changes: dict[str, str], words: str
) -> None:
    """The page comes back with what was typed and one sentence at the field."""
    answer = desk.record(None, **changes)
    assert answer.status == 400
    assert words in answer.text
    typed = {"signatory": "Bas Buis", **changes}["signatory"]
    assert f'value="{typed}"' in answer.text
    assert desk.items() == desk.items("waiting") == []


def test_what_was_typed_comes_back_escaped(desk: Desk) -> None:
    """A name with markup in it is a name."""
    answer = desk.record(board_number="12", signatory='"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("agreement_id", "board_number", "status"),
    [
        ("123", BOARD, 404),
        ("abc", BOARD, 404),
        ("²", BOARD, 404),
        ("123", "waiting", 400),
        ("123", "", 400),
        ("123", "99999", 404),
    ],
)
def test_an_agreement_that_is_not_there_is_not_confirmed(
    desk: Desk, agreement_id: str, board_number: str, status: int
) -> None:
    """Neither by a wrong id nor by the name of a list of ours."""
    answer = desk.confirm(agreement_id=agreement_id, board_number=board_number)
    assert answer.status == status


def test_an_agreement_is_not_confirmed_under_another_board(desk: Desk) -> None:
    """The number in the form is part of the key, never a change of it."""
    desk.record()
    (stored,) = desk.agreements()
    answer = desk.confirm(agreement_id=stored["agreement_id"], board_number=OTHER_BOARD)
    assert answer.status == 404
    assert desk.agreements() == [stored]


# --- who may --------------------------------------------------------------------------------


def test_strangers_are_sent_to_the_sign_in(desk: Desk) -> None:
    """Reading and writing both ask for a session."""
    stranger = Visitor(desk.house.call)
    for answer in (stranger.get(_PLACE), desk.record(stranger)):
        assert answer.status == 303
        assert answer.location.startswith("/login")


@pytest.mark.parametrize(
    ("scope", "role"),
    [(f"board#{BOARD}", "board"), ("school#41", "ict_coordinator"), ("school#41", "teacher")],
)
def test_only_the_helpdesk_works_here(desk: Desk, scope: str, role: str) -> None:
    """Not even the board itself confirms its own agreement."""
    desk.record()
    before = desk.everything()
    visitor = desk.person("7001", scope, role)
    assert visitor.get(_PLACE).status == 403
    assert desk.record(visitor).status == 403
    assert desk.confirm(visitor).status == 403
    assert desk.everything() == before


def test_a_form_of_another_site_is_refused(desk: Desk) -> None:
    """Somebody's page elsewhere cannot press our buttons."""
    desk.record()
    (stored,) = desk.agreements()
    path = f"{_PLACE}/{stored['agreement_id']}/activate"
    visitor = desk.helpdesk(CONFIRMER)
    answer = visitor.post(path, {"board_number": BOARD}, sec_fetch_site="cross-site")
    assert answer.status == 403
    assert desk.agreements() == [stored]


# --- crashes and races ----------------------------------------------------------------------


def _fail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next write of coverage rows fail as an unreachable store does."""
    real = store.write_coverage

    def broken(_: object) -> None:
        monkeypatch.setattr(store, "write_coverage", real)
        raise StoreUnavailable

    monkeypatch.setattr(store, "write_coverage", broken)


def test_a_crash_after_the_confirmation_is_mended_by_trying_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second press says that it was confirmed, and the schools are covered."""
    desk.record()
    _fail_once(monkeypatch)
    assert desk.confirm().status == 503
    assert desk.agreements()[0]["state"] == "active"
    assert desk.state("41") is CoverageState.PENDING
    assert desk.confirm().status == 409
    assert desk.state("41") is desk.state("42") is CoverageState.COVERED_BOARD


def test_a_crash_after_the_confirmation_is_mended_by_the_boards_own_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks first makes it right."""
    desk.record()
    _fail_once(monkeypatch)
    desk.confirm()
    desk.director().get("/board/agreements")
    assert desk.state("41") is CoverageState.COVERED_BOARD


def test_a_refused_transaction_writes_nothing_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two colleagues who read the same version: one writes, the other hears so."""
    desk.record()
    (stored,) = desk.agreements()
    stale = agreements.of_item(stored)
    desk.confirm()
    before = desk.everything()
    monkeypatch.setattr(store, "find", lambda *_: stale)
    answer = desk.confirm(desk.helpdesk("8003"))
    assert answer.status == 409
    assert "wacht niet meer" in answer.text
    assert desk.everything() == before


def test_a_query_that_lags_behind_a_write_does_not_hide_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB may show a query the state before the transaction; coverage is right even then."""
    desk.record()
    lagging = store.of_board(BOARD)
    monkeypatch.setattr(store, "of_board", lambda _: lagging)
    assert desk.confirm().status == 303
    assert desk.state("41") is CoverageState.COVERED_BOARD


def test_settling_again_writes_nothing(desk: Desk) -> None:
    """Only rows that changed are written."""
    desk.sign()
    assert "BatchWriteItem" in desk.calls
    desk.calls.clear()
    assert effects.settle(BOARD, clock.now_epoch_s()).rows_written == 0
    assert "BatchGetItem" in desk.calls
    assert "BatchWriteItem" not in desk.calls


def test_a_row_that_was_lost_comes_back(desk: Desk) -> None:
    """The coverage table can be rebuilt from what was agreed."""
    desk.sign()
    key = {"school_id": "42"}
    before = dynamodb.get(require("COVERAGE_TABLE"), key)
    dynamodb.delete(require("COVERAGE_TABLE"), key)
    assert effects.settle(BOARD, clock.now_epoch_s()).rows_written == 1
    assert dynamodb.get(require("COVERAGE_TABLE"), key) == before


def test_a_school_that_the_board_gets_later_is_covered_too(desk: Desk) -> None:
    """An agreement for all schools is not a list of those of that day."""
    desk.sign()
    desk.put_school("44", "14EF00", "De Nieuwe")
    assert desk.state("44") is CoverageState.UNCOVERED
    assert effects.settle(BOARD, clock.now_epoch_s()).rows_written == 1
    assert desk.state("44") is CoverageState.COVERED_BOARD


def test_a_school_that_another_board_takes_over_loses_the_old_boards_agreement(
    desk: Desk,
) -> None:
    """The new board has signed nothing, so nothing covers its new school."""
    desk.sign()
    desk.put_school("42", "12AB01", "’t Kompas", board_number=OTHER_BOARD)
    effects.settle(OTHER_BOARD, clock.now_epoch_s())
    assert desk.state("42") is CoverageState.UNCOVERED
    effects.settle(BOARD, clock.now_epoch_s())
    assert desk.coverage("42").board_number == OTHER_BOARD


def test_a_board_of_150_locations_is_covered_whole(desk: Desk) -> None:
    """Reads and writes go in parts, and no part is forgotten."""
    for number in range(150):
        desk.put_school(f"5{number:03d}", f"20{number // 100:02d}{number % 100:02d}", "S")
    desk.sign()
    assert all(desk.state(f"5{number:03d}").is_covered for number in range(150))


def test_the_seeded_house_has_a_confirmed_agreement(house: House) -> None:
    """Whoever starts the house finds a board whose agreement two people have seen."""
    partition = dynamodb.query(
        require("AGREEMENTS_TABLE"), "board_number = :c", values={":c": "confirmed"}
    )
    assert [item["agreement"]["state"] for item in partition] == ["active"]
