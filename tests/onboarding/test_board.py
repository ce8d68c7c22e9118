"""A board sees its schools at a glance: what is judged how, what is read, and what is shown."""

import datetime as dt
import re
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.visitor import Visitor
from onboarding import board_overview
from onboarding.board_overview import Cell, Colleague, Facts, Level
from roster_sync import runs
from roster_sync.causes import OWNERS, Cause, Owner
from schoolpoort import clock, coverage, dynamodb, registry, roster_nights
from schoolpoort.coverage import CoverageState
from schoolpoort.registry import Location
from schoolpoort.roster_nights import SchoolNight
from schoolpoort.settings import require
from tests.onboarding.desk import Desk
from tests.onboarding.lists import boards, locations
from tests.signed_in import signed_in

_TODAY = dt.date(2026, 3, 2)


def _linked(outcome: str, cause: str | None = None, *, came_since: bool = False) -> SchoolNight:
    return SchoolNight(
        has_link=True, has_roster=True, outcome=outcome, cause=cause, came_since=came_since
    )


_FINE = _linked("applied")
_IN_USE = Colleague(is_coordinator=True, has_second_factor=True, seen_on=_TODAY)


def _place(name: str = "De Esch", **more: Any) -> Location:
    known: dict[str, Any] = {"postcode": None, "street": None, "house_number": None}
    return Location(
        school_id="1",
        brin6="12AB00",
        name=name,
        place="Emst",
        board_number="04002",
        phone=None,
        website=None,
        **known | more,
    )


def _facts(**other: Any) -> Facts:
    fine: dict[str, Any] = {
        "place": _place(),
        "coverage": CoverageState.COVERED_BOARD,
        "ends_on": None,
        "night": _FINE,
        "colleagues": [_IN_USE, _IN_USE],
    }
    return Facts(**fine | other)


def _judged(name: str, **other: Any) -> tuple[Level, str]:
    cell = board_overview.line_of(_facts(**other), _TODAY).cells[name]
    return cell.level, cell.code


# --- what is judged how -------------------------------------------------------------------------


def test_a_school_where_all_is_well_needs_nobody() -> None:
    """Every cell is fine."""
    line = board_overview.line_of(_facts(), _TODAY)
    assert {cell.level for cell in line.cells.values()} == {Level.SUCCESS}
    assert not line.needs_attention


@pytest.mark.parametrize(
    ("state", "ends_in", "expected"),
    [
        (CoverageState.UNCOVERED, None, (Level.DANGER, "uncovered")),
        (CoverageState.BLOCKED, None, (Level.DANGER, "uncovered")),
        (CoverageState.PENDING, None, (Level.WARNING, "pending")),
        (CoverageState.TRANSFER_GRACE, 90, (Level.WARNING, "ends")),
        (CoverageState.COVERED_SCHOOL, 91, (Level.SUCCESS, "ends")),
    ],
)
def test_an_agreement_is_urgent_before_it_is_gone(
    state: CoverageState, ends_in: int | None, expected: tuple[Level, str]
) -> None:
    """Three months before the end somebody must sign; without one it is too late."""
    ends_on = _TODAY + dt.timedelta(days=ends_in) if ends_in else None
    assert _judged("agreement", coverage=state, ends_on=ends_on) == expected


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        (SchoolNight(has_link=False, has_roster=False), (Level.WARNING, "no_link")),
        (SchoolNight(has_link=False, has_roster=True), (Level.INFO, "file")),
        (SchoolNight(has_link=True, has_roster=False), (Level.INFO, "not_yet")),
        (_linked("running"), (Level.INFO, "running")),
        (_linked("unchanged"), (Level.SUCCESS, "fine")),
        (_linked("held", "many_new"), (Level.WARNING, "held")),
        (_linked("failed", "key_refused"), (Level.DANGER, "key")),
        (_linked("failed", "key_refused", came_since=True), (Level.SUCCESS, "since")),
        (_linked("failed", None), (Level.DANGER, "ours")),
    ],
)
def test_a_night_is_judged_by_how_it_ended(night: SchoolNight, expected: tuple[Level, str]) -> None:
    """A night that failed is no trouble any more once a roster came in by hand."""
    assert _judged("roster", night=night) == expected


def test_every_cause_is_said_to_be_for_who_must_act() -> None:
    """Causes of the supplier, of us and of the board are never told as the school's, or others'."""
    codes = {
        cause: _judged("roster", night=_linked("failed", cause.value))[1]
        for cause in Cause
        if not cause.value.startswith("file_")
    }
    owners = {"agreement": Owner.BOARD, "key": Owner.SCHOOL, "content": Owner.SCHOOL}
    owners |= {"supplier": Owner.LAS, "ours": Owner.US}
    assert {cause: owners[code] for cause, code in codes.items()} == {
        cause: OWNERS[cause] for cause in codes
    }


def test_second_steps_are_counted_among_who_has_a_password() -> None:
    """Fewer than half is few; who was only invited does not count."""
    without = Colleague(is_coordinator=False, has_second_factor=False, seen_on=_TODAY)
    invited = Colleague(is_coordinator=False, has_second_factor=False, seen_on=None)
    assert _judged("second_steps", colleagues=[_IN_USE, without, invited])[0] == Level.SUCCESS
    few = board_overview.line_of(_facts(colleagues=[_IN_USE, without, without]), _TODAY)
    assert few.second_steps == Cell(Level.WARNING, "share", 1, 3)
    assert _judged("second_steps", colleagues=[invited]) == (Level.INFO, "nobody")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, (Level.DANGER, "nobody")),
        (1, (Level.WARNING, "one")),
        (2, (Level.SUCCESS, "several")),
    ],
)
def test_a_school_needs_two_coordinators(number: int, expected: tuple[Level, str]) -> None:
    """Nobody is trouble, and one falls ill; an invitation that nobody took up is nobody."""
    invited = Colleague(is_coordinator=True, has_second_factor=False, seen_on=None)
    assert _judged("coordinators", colleagues=[_IN_USE] * number + [invited]) == expected


@pytest.mark.parametrize(("days", "code"), [(179, "none"), (180, "some")])
def test_an_account_is_dormant_after_180_days(days: int, code: str) -> None:
    """Counted from the last day on which it was used."""
    one = Colleague(
        is_coordinator=False, has_second_factor=True, seen_on=_TODAY - dt.timedelta(days=days)
    )
    assert _judged("dormant", colleagues=[_IN_USE, one])[1] == code


def test_the_most_urgent_school_comes_first() -> None:
    """What failed comes before what is only asked, and equals come by name."""
    failed = _linked("failed", "las_slow")
    lines = [
        board_overview.line_of(_facts(place=_place(name), **other), _TODAY)
        for name, other in (
            ("Beuk", {}),
            ("Anjer", {}),
            ("Cipres", {"colleagues": [_IN_USE]}),
            ("Den", {"night": failed}),
        )
    ]
    order = [line.place.name for line in board_overview.most_urgent_first(lines)]
    assert order == ["Den", "Cipres", "Anjer", "Beuk"]


# --- what is read -------------------------------------------------------------------------------


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Return the desk with three schools of one board."""
    desk.bring(locations(3))
    desk.bring(boards("04002"))
    return desk


def _director(desk: Desk) -> Visitor:
    return signed_in(desk.house, "8124", "board#04002", "board")


def _school_id(brin6: str) -> str:
    found = registry.location(brin6)
    assert found is not None
    return found.school_id


def _colleague(school_id: str, number: int, *roles: str, **credential: Any) -> None:
    """Let somebody with a password have a role at a school."""
    address = f"collega{number}.{school_id}@kompas.example"
    member = {
        "account_id": f"9{number}{school_id}",
        "scope": f"school#{school_id}",
        "scope_name": "x",
        "roles": list(roles),
        "address": address,
        "display_name": "Sjoerd de Vries",
        "activated_at_epoch_s": clock.now_epoch_s() - 400 * 86_400,
    }
    dynamodb.put(require("ACCOUNTS_TABLE"), member)
    known = {"address_key": f"staff#{address}", "account_id": member["account_id"]}
    dynamodb.put(require("CREDENTIALS_TABLE"), known | credential)


def _today() -> dt.date:
    return coverage.amsterdam_day(clock.now_epoch_s())


def _night(school_id: str, outcome: str, cause: str | None, night: dt.date) -> None:
    """Let a school have a link, and its night end as roster_sync records it."""
    listed = {"school_id": "links", "item_key": f"school#{school_id}", "supplier": "esis"}
    dynamodb.put(require("ROSTER_TABLE"), listed)
    result = runs.Result(runs.Outcome(outcome), Cause(cause) if cause else None)
    started_at = clock.now_epoch_s() - 60
    run = runs.Run(runs.night_run_id(night), "night", started_at, started_at + 9, result)
    dynamodb.put(require("ROSTER_TABLE"), runs.run_item(school_id, run))


def _row(page: str, name: str) -> str:
    """Return the words of a school's row."""
    row = next(part for part in page.split("<tr role")[1:] if name in part)
    words = re.sub(r"<[^>]+>", " ", row.partition("</tr>")[0].partition(">")[2])
    return " ".join(words.split())


def test_a_night_is_found_where_the_roster_keeps_it(full: Desk) -> None:
    """By school and by supplier, tonight's before yesterday's."""
    school_id = _school_id("12AB00")
    _night(school_id, "failed", "las_slow", _today() - dt.timedelta(days=1))
    assert roster_nights.of_schools([school_id], _today())[school_id].cause == "las_slow"
    _night(school_id, "unchanged", None, _today())
    assert roster_nights.of_schools([school_id], _today())[school_id].outcome == "unchanged"
    assert roster_nights.of_night(_today())["esis"] == roster_nights.Night(1, 1, 1)
    assert not full.house.failures


def test_a_board_sees_what_each_school_needs(full: Desk) -> None:
    """Agreement, night, second steps, coordinators and dormant accounts, each in words."""
    school_id = _school_id("12AB00")
    _night(school_id, "failed", "key_refused", _today())
    _colleague(school_id, 1, "ict_coordinator", used_on=_today().isoformat(), totp_secret=b"x")
    _colleague(school_id, 2, "teacher")
    _colleague(school_id, 3, "teacher", used_on=_today().isoformat())
    row = _row(_director(full).get("/board").text, "School 00")
    for words in (
        "Valt er niet onder",
        "Mislukt: sleutel geweigerd",
        "1 van 3 collega’s",
        "Minder dan de helft",
        "Maar één",
        "1 account",
    ):
        assert words in row
    shown = _director(full).get("/board?lang=en").text
    assert "Failed: key refused" in _row(shown, "School 00")


def test_only_what_needs_attention_is_shown_when_asked(full: Desk) -> None:
    """A school that is fine goes from the list, and the trouble is on top by itself."""
    school_id = _school_id("12AB00")
    _night(school_id, "applied", None, _today())
    period = {"state": "covered_board", "agreement_id": "7", "since": "2024-08-01", "until": None}
    item = {"school_id": school_id, "board_number": "04002", "periods": [period]}
    dynamodb.put(require("COVERAGE_TABLE"), {**item, "declarations": []})
    for number in (1, 2):
        used = {"used_on": _today().isoformat(), "totp_secret": b"x"}
        _colleague(school_id, number, "ict_coordinator", **used)
    director = _director(full)
    shown = director.get("/board").text
    assert shown.index("School 01 (") < shown.index("School 02 (") < shown.index("School 00 (")
    assert "3 scholen, 2 vragen aandacht" in shown
    by_name = director.get("/board?sort=name").text
    assert by_name.index("School 00 (") < by_name.index("School 01 (")
    assert "School 00 (" not in director.get("/board?show=attention").text


def test_a_closed_school_is_shown_apart(full: Desk) -> None:
    """From the day on which it closes it is no school to look after any more."""
    key = registry.location_key("12AB00")
    table = require("REGISTRY_TABLE")
    item = dynamodb.get(table, key)
    assert item is not None
    dynamodb.put(table, {**item, "closed_on": (_today() + dt.timedelta(days=1)).isoformat()})
    director = _director(full)
    assert "gesloten" not in director.get("/board").text
    dynamodb.put(table, {**item, "closed_on": _today().isoformat()})
    shown = director.get("/board").text
    assert "2 scholen" in shown
    assert shown.index("1 gesloten school") < shown.index("School 00 (")


@pytest.mark.parametrize("asked", ["0", "2", "x", "²", "99999"])
def test_a_page_that_is_not_there_is_the_nearest_one(full: Desk, asked: str) -> None:
    """Nobody gets an empty list, or an error, for a number in an address."""
    shown = _director(full).get(f"/board?page={quote(asked)}")
    assert (shown.status, "School 02 (" in shown.text) == (200, True)


def test_a_hundred_and_fifty_schools_are_read_in_batches(desk: Desk) -> None:
    """A Query for the people of each school, and for all else a call per hundred keys."""
    desk.bring(locations(1))
    first = dynamodb.get(require("REGISTRY_TABLE"), registry.location_key("12AB00"))
    assert first is not None
    for number in range(1000, 1150):
        named = {"entry": f"location#{number}00", "brin6": f"{number}00"}
        dynamodb.put(require("REGISTRY_TABLE"), first | named | {"school_id": str(number)})
    for number in range(1000, 1100):
        _colleague(str(number), 1, "teacher")
        _colleague(str(number), 2, "teacher")
    director = _director(desk)
    desk.calls.made.clear()
    shown = director.get("/board").text
    assert shown.count('role="rowheader"') == 150
    batches = 2 + 6 + 2
    names = desk.calls.names
    assert names.count("BatchGetItem") == batches
    assert names.count("Query") == 1 + 150
    assert names.count("GetItem") == 3
    assert len(names) == batches + 151 + 3
    assert director.get("/board?page=2").text.count('role="rowheader"') == 1
