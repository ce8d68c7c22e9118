"""Coverage is what the agreements make of a school on a day."""

import datetime as dt
import itertools
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpa.agreement import Agreement, Model
from dpa.agreement_states import State
from dpa.coverage_rules import Declared, coverage_item, specificity
from schoolpoort import coverage
from schoolpoort.coverage import CoverageState
from tests.amounts import often
from tests.dpa.samples import BOARD, agreement, moment

_BRIN6 = "12AB00"
_TODAY = dt.date(2026, 11, 24)
_TOMORROW = _TODAY + dt.timedelta(days=1)


def _known(*agreements: Agreement, brin6: str = _BRIN6) -> coverage.Coverage:
    return coverage.from_item(coverage_item("42", brin6, BOARD, agreements, []))


def _state(*agreements: Agreement, day: dt.date = _TODAY, brin6: str = _BRIN6) -> CoverageState:
    return coverage.coverage_on(_known(*agreements, brin6=brin6), day)


def _winner(*agreements: Agreement, day: dt.date = _TODAY) -> str:
    period = coverage.period_on(_known(*agreements), day)
    assert period is not None
    return period.agreement_id


def test_an_agreement_for_all_schools_covers_each_of_them() -> None:
    """Also a school that the board got later."""
    assert _state(agreement()) is CoverageState.COVERED_BOARD
    assert _state(agreement(), brin6="99ZZ07") is CoverageState.COVERED_BOARD


@pytest.mark.parametrize(
    ("codes", "brin6", "expected"),
    [
        (("12AB",), "12AB00", CoverageState.COVERED_SCHOOL),
        (("12AB",), "12AB01", CoverageState.COVERED_SCHOOL),
        (("12AB01",), "12AB01", CoverageState.COVERED_SCHOOL),
        (("12AB01",), "12AB00", CoverageState.UNCOVERED),
        (("12AC", "13AB00"), "12AB00", CoverageState.UNCOVERED),
        (("13AB", "12AB"), "12AB00", CoverageState.COVERED_SCHOOL),
    ],
)
def test_trap_1_a_list_covers_its_schools_and_locations_and_no_other(
    codes: tuple[str, ...], brin6: str, expected: CoverageState
) -> None:
    """Four characters are a school with all its locations, six are one location."""
    assert _state(agreement(scope_codes=codes), brin6=brin6) is expected


def test_no_agreement_covers_nothing() -> None:
    """A school that nobody signed for is not covered."""
    assert _state() is CoverageState.UNCOVERED


@pytest.mark.parametrize(
    ("state", "ends_on", "expected"),
    [
        (State.DRAFT, None, CoverageState.UNCOVERED),
        (State.OFFERED, None, CoverageState.PENDING),
        (State.IN_REVIEW, None, CoverageState.PENDING),
        (State.QUESTIONS, None, CoverageState.PENDING),
        (State.READY_TO_SIGN, None, CoverageState.PENDING),
        (State.SIGNED_BOARD, None, CoverageState.PENDING),
        (State.VERIFYING, None, CoverageState.PENDING),
        (State.RETURNED, None, CoverageState.PENDING),
        (State.SCHEDULED, None, CoverageState.COVERED_BOARD),
        (State.ACTIVE, None, CoverageState.COVERED_BOARD),
        (State.NOTICE_GIVEN, _TOMORROW, CoverageState.COVERED_BOARD),
        (State.NOTICE_GIVEN, _TODAY, CoverageState.UNCOVERED),
        (State.SUSPENDED, None, CoverageState.BLOCKED),
        (State.TRANSFER_REVIEW, None, CoverageState.COVERED_BOARD),
        (State.SUPERSEDED, _TODAY, CoverageState.UNCOVERED),
        (State.SUPERSEDED, None, CoverageState.UNCOVERED),
        (State.TERMINATED, _TODAY, CoverageState.UNCOVERED),
        (State.EXPIRED, _TODAY, CoverageState.UNCOVERED),
        (State.REJECTED, None, CoverageState.UNCOVERED),
        (State.WITHDRAWN, None, CoverageState.UNCOVERED),
        (State.LAPSED_OFFER, None, CoverageState.UNCOVERED),
        (State.VOID, None, CoverageState.UNCOVERED),
    ],
)
def test_what_each_state_makes_of_a_school(
    state: State, ends_on: dt.date | None, expected: CoverageState
) -> None:
    """All twenty states, on a day after the first day of the agreement."""
    assert _state(agreement(state=state, ends_on=ends_on)) is expected


def test_the_states_above_are_all_there_are() -> None:
    """A state that is added must be thought about here."""
    (mark,) = test_what_each_state_makes_of_a_school.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in mark.args[1]} == set(State)


def test_a_first_day_is_inside_and_an_end_day_is_outside() -> None:
    """31 July and 1 August are covered once each, by one agreement after the other."""
    old = agreement(
        agreement_id="1",
        model=Model.V3,
        state=State.NOTICE_GIVEN,
        effective_from=dt.date(2020, 8, 1),
        ends_on=dt.date(2027, 8, 1),
    )
    new = agreement(agreement_id="2", state=State.SCHEDULED, effective_from=dt.date(2027, 8, 1))
    assert _state(old, day=dt.date(2020, 7, 31)) is CoverageState.UNCOVERED
    assert _state(old, day=dt.date(2020, 8, 1)) is CoverageState.COVERED_BOARD
    assert _winner(old, new, day=dt.date(2027, 7, 31)) == "1"
    assert _winner(old, new, day=dt.date(2027, 8, 1)) == "2"
    assert _state(old, day=dt.date(2027, 8, 1)) is CoverageState.UNCOVERED


def test_an_agreement_that_ended_still_covers_the_days_it_ran() -> None:
    """Who was covered last year is known next year."""
    ended = agreement(state=State.TERMINATED, ends_on=dt.date(2025, 8, 1))
    assert _state(ended, day=dt.date(2025, 7, 31)) is CoverageState.COVERED_BOARD
    assert _state(ended, day=dt.date(2025, 8, 1)) is CoverageState.UNCOVERED


def test_a_known_end_is_told_beforehand() -> None:
    """The period says until when, so that a page can warn."""
    noticed = agreement(state=State.NOTICE_GIVEN, ends_on=_TOMORROW)
    period = coverage.period_on(_known(noticed), _TODAY)
    assert period is not None
    assert period.until == _TOMORROW


def test_a_scheduled_agreement_covers_from_its_day_without_anybody_doing_anything() -> None:
    """No job at midnight stands between a signature and its first day."""
    later = agreement(state=State.SCHEDULED, effective_from=_TOMORROW)
    assert _state(later, day=_TODAY) is CoverageState.UNCOVERED
    assert _state(later, day=_TOMORROW) is CoverageState.COVERED_BOARD


def test_waiting_begins_when_the_paper_was_recorded() -> None:
    """Not on the first day that the paper names, before or after."""
    recorded = moment(2026, 11, 24, 0, 0)
    for first_day in (dt.date(2020, 1, 1), dt.date(2027, 8, 1)):
        waiting = agreement(
            state=State.VERIFYING, effective_from=first_day, recorded_at_epoch_s=recorded
        )
        assert _state(waiting, day=_TODAY) is CoverageState.PENDING
        assert _state(waiting, day=dt.date(2026, 11, 23)) is CoverageState.UNCOVERED


def test_the_most_specific_agreement_goes_first() -> None:
    """One location before its school, its school before the board, whatever their models."""
    board = agreement(agreement_id="1", model=Model.V4)
    school = agreement(agreement_id="2", model=Model.V3, scope_codes=("12AB",))
    place = agreement(agreement_id="3", model=Model.V3, scope_codes=("12AB00",))
    for order in itertools.permutations([board, school, place]):
        assert _winner(*order) == "3"
    assert _winner(board, school) == "2"


def test_of_equals_the_newest_model_goes_first_then_the_latest_start() -> None:
    """An old model that starts later does not displace the new one."""
    third = agreement(agreement_id="1", model=Model.V3, effective_from=dt.date(2026, 1, 1))
    fourth = agreement(agreement_id="2", model=Model.V4, effective_from=dt.date(2024, 1, 1))
    newest = agreement(agreement_id="3", model=Model.V4, effective_from=dt.date(2025, 1, 1))
    assert _winner(third, fourth) == "2"
    assert _winner(third, fourth, newest) == "3"


def test_what_waits_or_is_suspended_does_not_stand_in_the_way_of_what_covers() -> None:
    """A new paper in verification leaves the old agreement standing."""
    for state in (State.VERIFYING, State.SUSPENDED):
        other = agreement(agreement_id="2", state=state, scope_codes=("12AB00",))
        assert _state(agreement(), other) is CoverageState.COVERED_BOARD


def test_a_suspension_is_told_before_a_wait() -> None:
    """Who asks why nothing works hears the graver reason."""
    suspended = agreement(agreement_id="1", state=State.SUSPENDED)
    waiting = agreement(agreement_id="2", state=State.VERIFYING, scope_codes=("12AB00",))
    assert _state(suspended, waiting) is CoverageState.BLOCKED


@pytest.mark.parametrize(
    ("codes", "expected"), [((), 0), (("12AB",), 1), (("12AB00",), 2), (("12AB00", "12AB"), 2)]
)
def test_how_specific_a_scope_is(codes: tuple[str, ...], expected: int) -> None:
    """All schools, the school, the location; outside the scope there is no rank."""
    assert specificity(agreement(scope_codes=codes), "12AB00") == expected
    assert specificity(agreement(scope_codes=("99ZZ",)), "12AB00") is None


@pytest.mark.parametrize("codes", [("12AB00",), ("12AB",), ("34CD00",), ("34CD", "12AB")])
def test_an_agreement_that_lists_the_code_before_still_covers(codes: tuple[str, ...]) -> None:
    """The school got another BRIN; what its board signed for it did not change."""
    signed = [agreement(scope_codes=codes)]
    item = coverage_item("7", "34CD00", BOARD, signed, [], None, "12AB00")
    assert [one["state"] for one in item["periods"]] == [CoverageState.COVERED_SCHOOL.value]
    assert (
        coverage_item("7", "34CD00", BOARD, [agreement(scope_codes=("56EF",))], [])["periods"] == []
    )


_DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
_AGREEMENTS = st.builds(
    agreement,
    agreement_id=st.sampled_from([str(number) for number in range(100)]),
    state=st.sampled_from(list(State)),
    model=st.sampled_from(list(Model)),
    effective_from=_DAYS,
    ends_on=st.none() | _DAYS,
    scope_codes=st.sampled_from([(), ("12AB",), ("12AB00",), ("99ZZ",)]),
)


@settings(max_examples=often(100), deadline=None)
@given(st.lists(_AGREEMENTS, max_size=6, unique_by=lambda one: one.agreement_id), _DAYS)
def test_the_answer_is_that_of_the_rule_read_slowly(
    agreements: list[Agreement], day: dt.date
) -> None:
    """The stored periods give on any day what filtering and ranking the agreements gives."""
    found = coverage.period_on(_known(*agreements), day)
    slow = _slowly(agreements, day)
    if slow is None:
        assert found is None or not found.state.is_covered
    else:
        assert found is not None
        assert found.agreement_id == slow.agreement_id


def _slowly(agreements: Iterable[Agreement], day: dt.date) -> Agreement | None:
    running = {State.ACTIVE, State.SCHEDULED, State.NOTICE_GIVEN, State.TRANSFER_REVIEW}
    ended = {State.SUPERSEDED, State.TERMINATED, State.EXPIRED}
    candidates = [
        one
        for one in agreements
        if (one.state in running or (one.state in ended and one.ends_on is not None))
        and one.effective_from <= day
        and (one.ends_on is None or day < one.ends_on)
        and one.scope_codes in ((), ("12AB",), ("12AB00",))
    ]
    ranks = {(): 0, ("12AB",): 1, ("12AB00",): 2}
    return max(
        candidates,
        key=lambda one: (ranks[one.scope_codes], one.model, one.effective_from, one.agreement_id),
        default=None,
    )


@settings(max_examples=often(50), deadline=None)
@given(st.lists(_AGREEMENTS, max_size=5, unique_by=lambda one: one.agreement_id), st.randoms())
def test_the_row_does_not_hang_on_the_order_of_what_was_read(
    agreements: list[Agreement], random: Random
) -> None:
    """So an unchanged school is never written again."""
    declared = [Declared(f"p{n}", f"P{n}", "2026-01-01", None) for n in range(3)]
    expected = coverage_item("42", _BRIN6, BOARD, agreements, declared)
    mixed, mixed_declared = list(agreements), list(declared)
    random.shuffle(mixed)
    random.shuffle(mixed_declared)
    assert coverage_item("42", _BRIN6, BOARD, mixed, mixed_declared) == expected


def test_a_declaration_comes_with_each_school_without_its_history() -> None:
    """The release gate reads party and days; versions and hashes stay with the board."""
    declared = Declared("rekenrijk", "Rekenrijk", "2026-01-01", "2027-01-01", 3, "abc")
    row = coverage_item("42", _BRIN6, BOARD, [], [declared])
    assert row["declarations"] == [
        {
            "party_id": "rekenrijk",
            "party_name": "Rekenrijk",
            "since": "2026-01-01",
            "until": "2027-01-01",
        }
    ]
