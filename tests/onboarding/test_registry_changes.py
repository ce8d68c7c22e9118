"""What DUO's lists say that people decide about, and what follows when they do."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.visitor import Answer
from onboarding import change_store, tenure_rules
from onboarding.duo_list import Fault
from onboarding.registry_changes import Change
from schoolpoort import registry, tenures
from schoolpoort.coverage import amsterdam_day
from schoolpoort.tenures import Tenure
from tests.onboarding.desk import Desk
from tests.onboarding.lists import BOARD, LOCATION, boards, location, locations, text

PAGE = "/helpdesk/registry/changes"
_JANUARY = dt.date(2027, 1, 15)


def _rows(**changed: dict[str, str]) -> list[dict[str, str]]:
    """Return twenty schools, some with other cells: `_rows(s3={"PLAATSNAAM": "ELDERS"})`."""
    return [
        {**location(number), **changed.get(f"s{number}", {})}
        for number in range(20)
        if changed.get(f"s{number}") != {}
    ]


def _bring(desk: Desk, rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return desk.bring(text(rows).encode())


def _waiting() -> dict[str, Change]:
    return {change.mutation.value: change for change in change_store.open_changes()}


def _told() -> set[str]:
    return {change.mutation.value for change in change_store.told_changes()}


def _decide(desk: Desk, change: Change, decision: str = "confirm", **more: str) -> Answer:
    form = {
        "change": change.change_id,
        "decision": decision,
        "meaning": "transfer",
        "effective_on": "2026-08-01",
        "note": "Gezien bij RIO",
        **more,
    }
    return desk.helpdesk().post(PAGE, form)


# --- what is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "waits", "told"),
    [
        ({"s3": {"BEVOEGD GEZAG NUMMER": "90001"}}, {"M3"}, set()),
        ({"s3": {}}, {"M4"}, set()),
        ({"s3": {"VESTIGINGSNAAM": "Anders"}}, set(), {"M8"}),
        ({"s3": {"STRAATNAAM": "Nieuwe Kade"}}, set(), {"M9"}),
        ({"s3": {"TELEFOONNUMMER": "010"}}, set(), set()),
        ({"s3": {"INSTELLINGSCODE": "77ZZ", "VESTIGINGSCODE": "77ZZ00"}}, {"M7"}, {"M5"}),
        ({"s3": {"VESTIGINGSCODE": "12AE01"}}, {"M6-"}, {"M6+"}),
    ],
    ids=["M3", "M4", "M8", "M9", "nothing", "M7 and M5", "M6"],
)
def test_each_kind_of_change_is_found(
    desk: Desk, changed: dict[str, dict[str, str]], waits: set[str], told: set[str]
) -> None:
    """What ends something or changes the board waits; the rest is taken over and told."""
    rows = _rows()
    rows = [{**row, "POSTCODE": f"{1000 + number} AA"} for number, row in enumerate(rows)]
    _bring(desk, rows)
    later = [
        {**row, **changed.get(f"s{number}", {})}
        for number, row in enumerate(rows)
        if changed.get(f"s{number}") != {}
    ]
    record = _bring(desk, later)
    assert (set(_waiting()), _told()) == (waits, told)
    assert (record["waiting"], record["told"]) == (len(waits), len(told))


def test_boards_that_come_and_go_are_found(desk: Desk) -> None:
    """A board that is gone waits, because only people know what became of it (M1, M2)."""
    numbers = [f"{40_000 + number}" for number in range(20)]
    desk.bring(boards(*numbers))
    desk.bring(boards(*numbers[1:], "50000"))
    assert _waiting()["M1"].subject == "40000"
    assert _told() == {"M2"}


def test_a_first_list_is_no_change(desk: Desk) -> None:
    """Nobody has to confirm six thousand new schools."""
    assert desk.bring(locations(20))["waiting"] == 0
    assert (_waiting(), _told()) == ({}, set())


def test_all_locations_of_a_school_move_together(desk: Desk) -> None:
    """One line to confirm, with both codes."""
    rows = [*_rows(), {**location(0, VESTIGINGSCODE="12AB01")}]
    _bring(desk, rows)
    moved = [
        {**row, "BEVOEGD GEZAG NUMMER": "90001"} if row["INSTELLINGSCODE"] == "12AB" else row
        for row in rows
    ]
    _bring(desk, moved)
    assert set(_waiting()["M3"].codes) == {"12AB00", "12AB01"}


# --- lists that are set aside -------------------------------------------------------------------


def _many(moved: int) -> list[dict[str, str]]:
    return [
        {
            **LOCATION,
            "INSTELLINGSCODE": f"{number // 26:02d}Z{chr(65 + number % 26)}",
            "VESTIGINGSCODE": f"{number // 26:02d}Z{chr(65 + number % 26)}00",
            "BEVOEGD GEZAG NUMMER": "90001" if number < moved else "04002",
        }
        for number in range(600)
    ]


def _at(desk: Desk, day: dt.date) -> None:
    now = amsterdam_day(desk.now_epoch_s())
    desk.wait((day - now).days * 24 * 3600)


def test_trap_6_more_moves_than_ever_happen_are_set_aside(desk: Desk) -> None:
    """Over two in a hundred in January: nothing at all is written, and the page says why."""
    _at(desk, _JANUARY)
    _bring(desk, _many(0))
    before = desk.registry()
    assert _bring(desk, _many(12))["outcome"] == "applied"
    desk.bring(text(_many(0)).encode())
    record = _bring(desk, _many(13))
    assert (record["outcome"], record["fault"]) == ("refused", Fault.TOO_MANY_MOVES)
    assert desk.registry() == before
    shown = desk.helpdesk().get("/helpdesk/registry").text
    assert "ander bestuur dan eerst" in shown


def test_in_august_many_schools_may_move(desk: Desk) -> None:
    """1 August is the day on which schools change board."""
    _at(desk, dt.date(2027, 8, 3))
    _bring(desk, _many(0))
    assert _bring(desk, _many(100))["waiting"] == 100


# --- two sectors --------------------------------------------------------------------------------


def _special(count: int) -> bytes:
    rows = [
        {**location(number), "SOORT PRIMAIR ONDERWIJS": "SBO"}
        | {
            "INSTELLINGSCODE": f"88S{chr(65 + number)}",
            "VESTIGINGSCODE": f"88S{chr(65 + number)}00",
        }
        for number in range(count)
    ]
    return text(rows).encode("cp1252")


def test_special_education_does_not_count_for_primary(desk: Desk) -> None:
    """Each sector has its own list, and neither misses the schools of the other."""
    desk.bring(locations(20))
    first = desk.bring(_special(5))
    assert (first["sector"], first["added"], first["missing"]) == ("s", 5, 0)
    assert desk.bring(locations(20))["missing"] == 0
    assert desk.bring(_special(5))["missing"] == 0
    assert change_store.open_changes() == []
    assert desk.items()["location#88SA00"]["education"] == "SBO"


def test_a_board_of_both_sectors_stays_while_one_list_has_it(desk: Desk) -> None:
    """Most boards of special education have primary schools too."""
    numbers = [f"{40_000 + number}" for number in range(20)]
    desk.bring(boards(*numbers))
    special = [
        {**BOARD, "BEVOEGD GEZAG NUMMER": number, "SOORT PRIMAIR ONDERWIJS": "SO"}
        for number in ("40000", "60000")
    ]
    desk.bring(text(special).encode())
    assert desk.bring(boards(*numbers[1:]))["missing"] == 0


# --- what people decide -------------------------------------------------------------------------


def test_trap_6_another_board_holds_only_after_a_person_confirmed_it(desk: Desk) -> None:
    """Until then the school stays with its board, whatever the list says every month."""
    _bring(desk, _rows())
    moved = _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"})
    for _ in range(2):
        assert _bring(desk, moved)["waiting"] == 1
        found = registry.location("12AE00")
        assert found is not None
        assert found.board_number == "04002"
    assert _decide(desk, _waiting()["M3"]).location == f"{PAGE}?done=confirmed"
    found = registry.location("12AE00")
    assert found is not None
    assert found.board_number == "90001"
    assert [one.brin6 for one in registry.locations_of_board("90001")] == ["12AE00"]
    assert (_waiting(), _bring(desk, moved)["waiting"]) == ({}, 0)
    assert "90001" in desk.helpdesk().get("/helpdesk/registry?q=12AE").text


def test_both_boards_hear_of_a_confirmed_move(desk: Desk) -> None:
    """Whoever keeps agreements finds what happened, from when, and what it meant."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"}))
    _decide(desk, _waiting()["M3"], meaning="merger")
    for number in ("04002", "90001"):
        [change] = registry.changes_of_board(number)
        assert (change.kind, change.before, change.after) == ("M3", "04002", "90001")
        assert (change.codes, change.effective_on) == (("12AE00",), "2026-08-01")
        assert (change.meaning, change.board_number) == ("merger", number)


def test_the_past_stays_as_it_was_known(desk: Desk) -> None:
    """Before the day the old board, from it on the new; and before today we believed otherwise."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"}))
    _decide(desk, _waiting()["M3"])
    found = registry.location("12AE00")
    assert found is not None
    recorded = tenures.of_schools([found.school_id])[found.school_id]
    now = desk.now_epoch_s() + 5
    july, august = dt.date(2026, 7, 31), dt.date(2026, 8, 1)
    assert tenures.board_on(recorded, july, known_at_epoch_s=now) == "04002"
    assert tenures.board_on(recorded, august, known_at_epoch_s=now) == "90001"
    assert tenures.board_on(recorded, august, known_at_epoch_s=now - 3600) == "04002"


def test_a_move_that_lies_ahead_waits_for_its_day(desk: Desk) -> None:
    """Known today, shown on 1 January."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"}))
    _decide(desk, _waiting()["M3"], effective_on="2027-01-01")
    assert registry.locations_of_board("90001") == []
    assert "Een bevestigde wijziging wacht" in desk.helpdesk().get(PAGE).text
    for day, applied in ((31, 0), (32, 1), (33, 0)):
        _at(desk, dt.date(2026, 11, 30) + dt.timedelta(days=day))
        done = desk.house.invoke("OnboardingDailyFunction", {})
        assert done["applied"] == applied
        found = registry.locations_of_board("90001")
        assert [one.brin6 for one in found] == ["12AE00"] * (day > 31)


def test_a_dismissed_change_does_not_come_back(desk: Desk) -> None:
    """Next month's list says the same, and nobody is asked again."""
    _bring(desk, _rows())
    moved = _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"})
    _bring(desk, moved)
    _decide(desk, _waiting()["M3"], "dismiss", meaning="", effective_on="")
    assert _bring(desk, moved)["waiting"] == 0
    assert registry.changes_of_board("04002") == []


def test_a_change_that_the_next_list_takes_back_is_gone(desk: Desk) -> None:
    """DUO mended its list before anybody decided."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"}))
    _bring(desk, _rows())
    assert _waiting() == {}


def test_a_day_that_came_during_an_import_waits_for_tomorrow(desk: Desk) -> None:
    """The daily run does not wait; the change is applied by the next one."""
    from onboarding import store

    _bring(desk, _rows())
    _bring(desk, _rows(s3={"BEVOEGD GEZAG NUMMER": "90001"}))
    _decide(desk, _waiting()["M3"], effective_on="2027-01-01")
    _at(desk, dt.date(2027, 1, 1))
    assert store.take_turn("1", "11", now_epoch_s=desk.now_epoch_s()) is None
    assert desk.house.invoke("OnboardingDailyFunction", {})["applied"] == 0
    store.end_turn("1")
    assert desk.house.invoke("OnboardingDailyFunction", {})["applied"] == 1


def test_a_school_that_is_gone_is_closed_by_a_person(desk: Desk) -> None:
    """It keeps its item and id, with the day from which it is closed."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={}))
    _decide(desk, _waiting()["M4"], meaning="closed")
    found = registry.location("12AE00")
    assert found is not None
    assert found.closed_on == "2026-08-01"
    assert registry.changes_of_board("04002")[0].meaning == "closed"


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({}, 400, "Vink aan"),
        ({"change": "x", "decision": "confirm"}, 400, "hoe je dat weet"),
        ({"change": "x", "decision": "nee", "note": "n"}, 400, "Kies een van de twee knoppen"),
        (
            {"change": "x", "decision": "confirm", "note": "n", "meaning": "transfer"}
            | {"effective_on": "32-13-2026"},
            400,
            "eerste dag",
        ),
        ({"change": "x", "decision": "dismiss", "note": "n"}, 409, "Iemand anders"),
    ],
    ids=["nothing", "no note", "no button", "no day", "unknown change"],
)
def test_a_decision_without_its_parts_changes_nothing(
    desk: Desk, form: dict[str, str], status: int, words: str
) -> None:
    """The form comes back with what is missing, and the change still waits."""
    _bring(desk, _rows())
    _bring(desk, _rows(s3={}))
    answer = desk.helpdesk().post(PAGE, form)
    assert (answer.status, words in answer.text) == (status, True)
    assert len(_waiting()) == 1


def test_nobody_decides_while_a_list_comes_in(desk: Desk) -> None:
    """Both write the same index, so the second waits."""
    from onboarding import store

    _bring(desk, _rows())
    _bring(desk, _rows(s3={}))
    assert store.take_turn("1", "11", now_epoch_s=desk.now_epoch_s()) is None
    assert _decide(desk, _waiting()["M4"], meaning="closed").status == 409
    store.end_turn("1")
    assert _decide(desk, _waiting()["M4"], meaning="closed").status == 303


# --- tenures in general -------------------------------------------------------------------------

_DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
_MOVES = st.lists(st.tuples(_DAYS, st.sampled_from(("90001", "90002", "90003"))), max_size=6)


def _moved(moves: list[tuple[dt.date, str]]) -> list[tuple[Tenure, ...]]:
    """Return the tenures after each move, the n-th confirmed at second 1000 * n."""
    history: list[tuple[Tenure, ...]] = [()]
    board = "04002"
    for number, (day, to_board) in enumerate(moves, 1):
        recorded = tenure_rules.moved(
            history[-1], from_board=board, to_board=to_board, day=day, now_epoch_s=1000 * number
        )
        history.append(recorded)
        board = to_board
    return history


@given(_MOVES, _DAYS)
def test_a_day_has_one_board_at_each_moment(moves: list[tuple[dt.date, str]], day: dt.date) -> None:
    """No overlap and no gap, whatever the order in which moves become known."""
    recorded = _moved(moves)[-1]
    for number in range(1, len(moves) + 1):
        believed = [
            one for one in recorded if one.is_believed_at(1000 * number) and one.holds_on(day)
        ]
        assert len(believed) == 1


@given(_MOVES, _DAYS)
def test_what_was_believed_stays_believed_of_then(
    moves: list[tuple[dt.date, str]], day: dt.date
) -> None:
    """A later correction does not change the answer to "what did we think then"."""
    history = _moved(moves)
    for number in range(1, len(history)):
        then = tenures.board_on(history[number], day, known_at_epoch_s=1000 * number)
        now = tenures.board_on(history[-1], day, known_at_epoch_s=1000 * number)
        assert then == now


@given(_MOVES)
def test_the_same_move_twice_is_one_move(moves: list[tuple[dt.date, str]]) -> None:
    """A decision that died half-way is made again."""
    recorded = _moved(moves)[-1]
    if moves:
        day, board = moves[-1]
        again = tenure_rules.moved(
            recorded, from_board="x", to_board=board, day=day, now_epoch_s=10**6
        )
        assert again == recorded


def test_tenures_are_stored_as_they_are() -> None:
    """What is written is read back."""
    recorded = _moved([(dt.date(2026, 8, 1), "90001")])[-1]
    assert tenures.from_item(tenures.to_item("7", recorded)) == recorded
