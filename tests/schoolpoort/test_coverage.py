"""Coverage is read with one call and answers for any day."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.house import House
from schoolpoort import aws as product_aws
from schoolpoort import coverage, dynamodb
from schoolpoort.coverage import CoverageState
from schoolpoort.settings import require


def _item(
    *periods: tuple[str, str, str | None],
    declarations: tuple[tuple[str, str, str | None], ...] = (),
) -> dict[str, Any]:
    return {
        "school_id": "42",
        "board_number": "04002",
        "periods": [
            {"state": state, "agreement_id": str(number), "since": since, "until": until}
            for number, (state, since, until) in enumerate(periods)
        ],
        "declarations": [
            {"party_id": party, "party_name": party.title(), "since": since, "until": until}
            for party, since, until in declarations
        ],
        "schema_version": 1,
    }


def _on(item: dict[str, Any], day: str) -> CoverageState:
    return coverage.coverage_on(coverage.from_item(item), dt.date.fromisoformat(day))


def test_one_getitem_answers_for_every_day(aws: House) -> None:
    """The reader makes one consistent call and no other."""
    dynamodb.put(require("COVERAGE_TABLE"), _item(("covered_board", "2026-08-01", None)))
    calls: list[tuple[str, Any]] = []

    def count(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append((model.name, params.get("body")))

    events = product_aws.client("dynamodb").meta.events
    events.register("before-call.dynamodb", count, unique_id="coverage-calls")
    known = coverage.of_school("42")
    events.unregister("before-call.dynamodb", unique_id="coverage-calls")
    assert [name for name, _ in calls] == ["GetItem"]
    assert b'"ConsistentRead": true' in calls[0][1]
    assert coverage.is_covered(known, dt.date(2026, 8, 1))
    assert known.board_number == "04002"


def test_a_school_nobody_signed_for_is_uncovered(aws: House) -> None:
    """No row is an answer too."""
    known = coverage.of_school("77")
    assert known == coverage.Coverage("77", "")
    assert coverage.coverage_on(known, dt.date(2026, 8, 1)) is CoverageState.UNCOVERED
    assert not coverage.declaration_on(known, "rekenrijk", dt.date(2026, 8, 1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-07-31", CoverageState.UNCOVERED),
        ("2026-08-01", CoverageState.COVERED_BOARD),
        ("2027-07-31", CoverageState.COVERED_BOARD),
        ("2027-08-01", CoverageState.UNCOVERED),
    ],
)
def test_a_period_holds_its_first_day_and_not_its_end(day: str, expected: CoverageState) -> None:
    """Half-open, so that one period may begin where another ends."""
    assert _on(_item(("covered_board", "2026-08-01", "2027-08-01")), day) is expected


@given(st.integers(min_value=1, max_value=800), st.integers(min_value=-900, max_value=900))
def test_periods_that_meet_leave_no_gap_and_no_overlap(length: int, offset: int) -> None:
    """Every day before the seam is the first one's, every day from it the second one's."""
    seam = dt.date(2026, 8, 1)
    start = seam - dt.timedelta(days=length)
    item = _item(
        ("covered_board", start.isoformat(), seam.isoformat()),
        ("covered_school", seam.isoformat(), None),
    )
    day = seam + dt.timedelta(days=offset)
    holding = [one for one in coverage.from_item(item).periods if one.holds_on(day)]
    assert len(holding) == (0 if day < start else 1)
    if holding:
        assert holding[0].agreement_id == ("0" if day < seam else "1")


@pytest.mark.parametrize("other", ["pending", "blocked"])
def test_what_covers_goes_before_what_does_not(other: str) -> None:
    """In whatever order the periods stand."""
    covering, waiting = ("covered_board", "2026-01-01", None), (other, "2026-01-01", None)
    for periods in ((covering, waiting), (waiting, covering)):
        assert _on(_item(*periods), "2026-06-01") is CoverageState.COVERED_BOARD
    assert _on(_item(waiting), "2026-06-01") is CoverageState(other)


def test_of_two_that_cover_the_first_in_the_row_counts() -> None:
    """The row is ordered by precedence; the reader does not judge again."""
    item = _item(
        ("covered_school", "2026-01-01", "2026-06-01"), ("covered_board", "2020-01-01", None)
    )
    assert _on(item, "2026-05-31") is CoverageState.COVERED_SCHOOL
    assert _on(item, "2026-06-01") is CoverageState.COVERED_BOARD


@pytest.mark.parametrize("state", list(CoverageState))
def test_only_three_states_open_anything(state: CoverageState) -> None:
    """A state that is added later opens nothing by itself."""
    opens = {
        CoverageState.COVERED_BOARD,
        CoverageState.COVERED_SCHOOL,
        CoverageState.TRANSFER_GRACE,
    }
    assert state.is_covered == (state in opens)


@pytest.mark.parametrize(
    ("party", "day", "expected"),
    [
        ("rekenrijk", "2025-12-31", False),
        ("rekenrijk", "2026-01-01", True),
        ("rekenrijk", "2026-12-31", True),
        ("rekenrijk", "2027-01-01", False),
        ("taalhuis", "2030-01-01", True),
        ("las:esis", "2026-06-01", False),
        ("", "2026-06-01", False),
        ("Rekenrijk", "2026-06-01", False),
    ],
)
def test_a_declaration_is_for_its_party_and_its_days(party: str, day: str, expected: bool) -> None:
    """By id, exactly; the end day is outside."""
    item = _item(
        declarations=(("rekenrijk", "2026-01-01", "2027-01-01"), ("taalhuis", "2026-01-01", None))
    )
    known = coverage.from_item(item)
    assert coverage.declaration_on(known, party, dt.date.fromisoformat(day)) is expected


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-31T21:59:59+00:00", "2026-07-31"),
        ("2026-07-31T22:00:00+00:00", "2026-08-01"),
        ("2026-12-31T22:59:59+00:00", "2026-12-31"),
        ("2026-12-31T23:00:00+00:00", "2027-01-01"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("2026-10-25T22:59:59+00:00", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
)
def test_a_day_begins_at_midnight_in_amsterdam(moment: str, day: str) -> None:
    """In summer, in winter and on the two days that are longer and shorter."""
    epoch_s = int(dt.datetime.fromisoformat(moment).timestamp())
    assert coverage.amsterdam_day(epoch_s).isoformat() == day


def test_many_schools_are_read_at_once(aws: House) -> None:
    """A board of more than a hundred schools costs two calls; no item is no coverage."""
    covering = _item(("covered_board", "2024-08-01", None))
    dynamodb.put(require("COVERAGE_TABLE"), covering)
    calls: list[str] = []
    emitter = product_aws.client("dynamodb").meta.events
    emitter.register("before-call.dynamodb", lambda model, **_: calls.append(model.name), "seen")
    try:
        found = coverage.of_schools(str(number) for number in range(130))
    finally:
        emitter.unregister("before-call.dynamodb", unique_id="seen")
    assert calls == ["BatchGetItem", "BatchGetItem"]
    assert found.pop("42") == coverage.from_item(covering)
    assert {school_id for school_id, each in found.items() if each.periods} == set()
    assert len(found) == 129


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ((), None),
        ((("covered_board", "2024-08-01", None),), None),
        ((("covered_board", "2024-08-01", "2026-12-24"),), "2026-12-24"),
        (
            (("covered_board", "2024-08-01", "2026-12-24"), ("covered_board", "2026-12-24", None)),
            None,
        ),
        (
            (
                ("covered_board", "2024-08-01", "2026-12-24"),
                ("covered_school", "2026-12-01", "2027-01-01"),
            ),
            "2027-01-01",
        ),
        (
            (("covered_board", "2024-08-01", "2026-12-24"), ("covered_board", "2026-12-25", None)),
            "2026-12-24",
        ),
        ((("pending", "2024-08-01", "2026-12-24"),), None),
        ((("covered_board", "2024-08-01", "2026-11-01"),), None),
    ],
    ids=["none", "open", "known", "taken over", "longest", "a gap", "waiting", "over already"],
)
def test_the_end_that_people_are_warned_of(
    periods: tuple[tuple[str, str, str | None], ...], expected: str | None
) -> None:
    """The first day without, over all agreements that follow without a gap."""
    known = coverage.from_item(_item(*periods))
    wanted = dt.date.fromisoformat(expected) if expected else None
    assert coverage.covered_until(known, dt.date(2026, 11, 24)) == wanted
    assert coverage.ends_of([known, known], dt.date(2026, 11, 24)) == [wanted] * 2 * bool(wanted)
