"""A board sees what it signed and what follows from it, and states its own agreements."""

import datetime as dt

import pytest

from dpa import effects, event_chain, store
from dpa.coverage_rules import Declared
from infra.local.visitor import Visitor
from schoolpoort import clock, coverage
from schoolpoort.coverage import CoverageState
from tests.dpa.desk import DIRECTOR, OTHER_BOARD, PUBLISHER, Desk
from tests.dpa.samples import BOARD, moment

_PLACE = "/board/agreements"


def _declared(desk: Desk, school_id: str, day: str = "2026-11-24", party: str = PUBLISHER) -> bool:
    return coverage.declaration_on(desk.coverage(school_id), party, dt.date.fromisoformat(day))


# --- what a board sees ----------------------------------------------------------------------


def test_a_board_without_an_agreement_hears_what_to_do(desk: Desk) -> None:
    """The page says what does not work and how to get one."""
    shown = desk.director().get(_PLACE)
    assert shown.status == 200
    assert "Nog geen overeenkomst" in shown.text
    assert "Eén handtekening is genoeg" in shown.text
    assert "/board/agreements/offer" in shown.text
    assert "Valt er niet onder" in shown.text


def test_a_board_sees_its_agreement_and_its_schools(desk: Desk) -> None:
    """Model, director, kind of evidence, first day and every school with its state."""
    desk.sign(model="3.0")
    shown = desk.director().get(_PLACE).text
    for words in ("3.0", "Bas Buis", "tekenblad gezien op een scan", "01-08-2024", "Actief"):
        assert words in shown
    for words in ("De Vlieger (12AB00)", "’t Kompas (12AB01)", "al jullie scholen"):
        assert words in shown
    assert shown.count("Valt eronder") == 2
    assert "De Wilgen" not in shown


def test_the_words_of_the_law_are_on_the_page(desk: Desk) -> None:
    """The board is controller and we are processor, in Dutch and in English."""
    director = desk.director()
    dutch = director.get(_PLACE).text
    assert "verwerkingsverantwoordelijke" in dutch
    assert "verwerker" in dutch
    assert "The board is the controller" in director.get(f"{_PLACE}?lang=en").text


def test_a_board_sees_that_its_paper_is_being_checked(desk: Desk) -> None:
    """Waiting is shown as waiting, not as covered."""
    desk.record()
    shown = desk.director().get(_PLACE).text
    assert "Wij controleren de overeenkomst" in shown
    assert shown.count("Wordt gecontroleerd") == 2
    assert "Valt eronder" not in shown


def test_a_board_sees_nothing_of_another_board(desk: Desk) -> None:
    """The number comes from the membership, never from the request."""
    desk.sign()
    shown = desk.director(OTHER_BOARD).get(f"{_PLACE}?board_number={BOARD}").text
    assert "Bas Buis" not in shown
    assert "De Vlieger (12AB00)" not in shown
    assert "De Wilgen (13CD00)" in shown


def test_a_board_without_schools_has_a_page_too(desk: Desk) -> None:
    """DUO's list may name no school yet, or may not be imported."""
    shown = desk.director("40009")
    assert "Nog geen scholen" in shown.get(_PLACE).text


def test_an_agreement_begins_on_its_day_when_somebody_looks(desk: Desk) -> None:
    """Scheduled becomes active, by the system, once, with its event."""
    desk.sign(effective_from="2027-08-01")
    assert "Begint later" in desk.director().get(_PLACE).text
    desk.at(moment(2027, 8, 1, 0, 1))
    for _ in range(2):
        assert "Actief" in desk.director().get(_PLACE).text
    (stored,) = desk.agreements()
    events = store.events(BOARD, stored["agreement_id"])
    assert [event["move"] for event in events] == ["A01", "A05", "A06", "A08", "A09"]
    assert event_chain.is_whole(events, stored["last_event_hash"])


def test_beginning_twice_at_once_is_no_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people open the page at midnight; the second finds it done."""
    desk.sign(effective_from="2027-08-01")
    lagging = store.of_board(BOARD)
    desk.at(moment(2027, 8, 1, 0, 1))
    effects.settle(BOARD, clock.now_epoch_s())
    monkeypatch.setattr(store, "of_board", lambda _: lagging)
    settled = effects.settle(BOARD, clock.now_epoch_s())
    assert settled.rows_written == 0
    assert desk.agreements()[0]["version"] == 5


def test_the_page_costs_a_fixed_number_of_calls(desk: Desk) -> None:
    """However many schools a board has; 56 schools are not 56 reads."""
    desk.sign()
    director = desk.director()
    director.get(_PLACE)
    desk.calls.clear()
    director.get(_PLACE)
    few = list(desk.calls)
    for number in range(56):
        desk.put_school(f"6{number:02d}", f"21AB{number:02d}", "School")
    director.get(_PLACE)
    desk.calls.clear()
    director.get(_PLACE)
    assert desk.calls == few
    assert 0 < len(few) <= 12


# --- declarations ---------------------------------------------------------------------------


def test_a_declaration_holds_for_every_school_of_the_board(desk: Desk) -> None:
    """From the day of the signature, and for no school of another board."""
    answer = desk.declare()
    assert (answer.status, answer.location) == (303, f"{_PLACE}?done=declared")
    assert _declared(desk, "41")
    assert _declared(desk, "42")
    assert not _declared(desk, "41", "2024-07-31")
    assert _declared(desk, "41", "2024-08-01")
    assert not _declared(desk, "43")


def test_a_declaration_covers_nothing_by_itself(desk: Desk) -> None:
    """Our agreement and the board's own are two different things."""
    desk.declare()
    assert desk.state("41") is CoverageState.UNCOVERED


def test_a_declaration_ends_on_its_end_day(desk: Desk) -> None:
    """The end day is outside; the page says that it ended."""
    desk.declare(valid_until="2026-11-25")
    assert _declared(desk, "41", "2026-11-24")
    assert not _declared(desk, "41", "2026-11-25")
    desk.at(moment(2026, 11, 25, 0, 0))
    shown = desk.director().get(_PLACE).text
    assert "Beëindigd" in shown
    assert "25-11-2026" in shown


def test_a_newer_declaration_takes_the_place_of_the_older(desk: Desk) -> None:
    """One per party stands; the chain of events keeps every one that was made."""
    desk.declare(valid_until="2026-12-01")
    desk.declare(valid_until="2028-08-01")
    (stored,) = desk.items(prefix="declaration#")
    assert (stored["until"], stored["version"]) == ("2028-08-01", 2)
    events = store.events(BOARD, stored["item_key"])
    assert [(event["until"], event["account_id"]) for event in events] == [
        ("2026-12-01", DIRECTOR),
        ("2028-08-01", DIRECTOR),
    ]
    assert event_chain.is_whole(events, stored["last_event_hash"])
    assert _declared(desk, "41", "2027-01-01")


def test_a_board_declares_its_las_and_the_advice_goes_away(desk: Desk) -> None:
    """The advice is no gate: the schools are covered with it and without it."""
    desk.sign()
    advice = "nog niet verklaard met welke leverancier"
    assert advice in desk.director().get(_PLACE).text
    assert desk.state("41").is_covered
    assert desk.declare(party_id="las:parnassys").status == 303
    shown = desk.director().get(_PLACE).text
    assert advice not in shown
    assert "ParnasSys" in shown


def test_the_advice_comes_back_when_the_las_declaration_ends(desk: Desk) -> None:
    """An agreement that ran out is none."""
    desk.declare(party_id="las:esis", valid_until="2026-11-25")
    desk.at(moment(2026, 11, 25))
    assert "nog niet verklaard met welke leverancier" in desk.director().get(_PLACE).text


def test_a_board_declares_a_party_that_we_do_not_know(desk: Desk) -> None:
    """Such as a network environment, by its own name."""
    assert desk.declare(party_id="other", party_name="Klasnet ’t Wad BV").status == 303
    assert "Klasnet ’t Wad BV" in desk.director().get(_PLACE).text
    assert not _declared(desk, "41")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"party_id": "nobody"}, "Maak een keuze"),
        ({"party_id": "other"}, "Vul de naam van de partij in"),
        ({"signed_on": "2026-11-25"}, "niet in de toekomst"),
        ({"valid_until": "2020-01-01"}, "na de ondertekening"),
    ],
)
def test_a_wrong_declaration_is_named_and_not_written(
    desk: Desk, changes: dict[str, str], words: str
) -> None:
    """The page comes back with one sentence at the field, and nothing is stored."""
    answer = desk.declare(None, **changes)
    assert answer.status == 400
    assert words in answer.text
    assert "Er is niets vastgelegd" in answer.text
    assert desk.items() == []


def test_two_directors_at_once_do_not_overwrite_each_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second hears so, and what the first stated stands."""
    desk.declare(valid_until="2028-08-01")
    before = desk.everything()
    monkeypatch.setattr(store, "declaration", lambda *_: None)
    answer = desk.declare(desk.director(account_id="9002"), valid_until="2027-08-01")
    assert answer.status == 409
    assert "op hetzelfde moment" in answer.text
    assert desk.everything() == before


def test_a_query_that_lags_behind_a_declaration_does_not_hide_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schools have it at once, whatever the query still shows."""
    desk.declare(valid_until="2027-01-01")
    lagging = store.of_board(BOARD)
    monkeypatch.setattr(store, "of_board", lambda _: lagging)
    desk.declare(valid_until="2028-01-01")
    assert _declared(desk, "41", "2027-06-01")


def test_what_a_declaration_says_is_what_comes_back(desk: Desk) -> None:
    """Stored and read, a declaration is the same, with its version and head."""
    made = Declared("klas", "Klas", "2026-01-01", None)
    stored = store.declare(BOARD, made, DIRECTOR, now_epoch_s=clock.now_epoch_s())
    assert store.declaration(BOARD, "klas") == stored
    assert (stored.version, stored.party_name) == (1, "Klas")


# --- who may --------------------------------------------------------------------------------


def test_strangers_are_sent_to_the_sign_in(desk: Desk) -> None:
    """Reading and stating both ask for a session."""
    stranger = Visitor(desk.house.call)
    for answer in (stranger.get(_PLACE), desk.declare(stranger)):
        assert answer.status == 303
        assert answer.location.startswith("/login")


@pytest.mark.parametrize(
    ("scope", "role"),
    [("helpdesk", "helpdesk"), ("school#41", "ict_coordinator"), ("school#41", "teacher")],
)
def test_only_the_board_itself_speaks_for_the_board(desk: Desk, scope: str, role: str) -> None:
    """Not the helpdesk, and not the coordinator of a school."""
    visitor = desk.person("7001", scope, role)
    assert visitor.get(_PLACE).status == 403
    assert desk.declare(visitor).status == 403
    assert desk.items() == []


def test_a_board_role_outside_a_board_opens_nothing(desk: Desk) -> None:
    """A membership that makes no sense is refused, not guessed at."""
    assert desk.person("7001", "school#41", "board").get(_PLACE).status == 403
    assert desk.declare(desk.person("7002", "helpdesk", "board")).status == 403


def test_a_role_that_was_taken_away_stops_working_at_once(desk: Desk) -> None:
    """The session goes on, the page does not."""
    director = desk.director()
    desk.person(DIRECTOR, f"board#{BOARD}")
    assert director.get(_PLACE).status == 403
