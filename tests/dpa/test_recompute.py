"""A change of the registry: every location is computed anew, and only what differs is written."""

import datetime as dt
import random

import pytest

from dpa import effects
from dpa.agreement_states import State
from dpa.coverage_rules import coverage_item
from schoolpoort import coverage
from tests.amounts import IS_SOAK
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, NOON, agreement

_LOCATIONS = 6_100
_BOARDS = 750


def test_every_location_of_the_country_is_computed() -> None:
    """The rule itself, for the whole country (docs/benchmarks tells how long it takes)."""
    numbers = [f"{10_000 + number}" for number in range(_BOARDS)]
    agreements = {
        number: [
            agreement(board_number=number, agreement_id=f"9{number}"),
            agreement(
                board_number=number,
                agreement_id=f"8{number}",
                state=State.SUPERSEDED,
                ends_on=dt.date(2024, 8, 1),
                effective_from=dt.date(2018, 8, 1),
            ),
        ]
        for number in numbers
    }
    rows = [
        coverage_item(str(place), f"{place:06d}", number, agreements[number], [])
        for place in range(_LOCATIONS)
        for number in [numbers[place % _BOARDS]]
    ]
    assert len({row["school_id"] for row in rows}) == _LOCATIONS
    day = coverage.amsterdam_day(NOON)
    assert all(coverage.is_covered(coverage.from_item(row), day) for row in rows)


@pytest.mark.parametrize("seed", range(20 if IS_SOAK else 3))
def test_no_school_is_shown_under_a_board_that_does_not_hold_it(desk: Desk, seed: int) -> None:
    """Schools come, go and change board at random; after each day the rows are those of DUO."""
    chance = random.Random(seed)
    desk.sign()
    desk.sign(board_number=OTHER_BOARD)
    places = {"41": "12AB00", "42": "12AB01", "43": "13CD00"}
    for number in range(6):
        school_id = chance.choice([*places, str(60 + number)])
        brin6 = places.setdefault(school_id, f"{20 + number}XY00")
        board = chance.choice([BOARD, OTHER_BOARD])
        desk.put_school(school_id, brin6, "School", board_number=board)
        boards = {school_id: board}
        for one in (BOARD, OTHER_BOARD):
            effects.settle(one, desk.now())
        desk.calls.clear()
        written = [effects.settle(one, desk.now()).rows_written for one in (BOARD, OTHER_BOARD)]
        assert written == [0, 0]
        assert "BatchWriteItem" not in desk.calls
        for known, holder in boards.items():
            assert desk.coverage(known).board_number == holder


def test_a_school_is_answered_for_by_one_read(desk: Desk) -> None:
    """What a sign-in asks costs one GetItem, also for a school with a history."""
    desk.sign()
    desk.calls.clear()
    assert desk.state("41").is_covered
    assert desk.calls == ["GetItem"]
