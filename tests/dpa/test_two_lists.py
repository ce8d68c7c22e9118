"""Two lists of DUO, of two dates: no school is ever under a board that did not hold it that day.

Lists in DUO's layout go through the reader and the comparison of the registry; everything found is
confirmed as of a day, as people do, and the coverage of every school is computed from that.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpa import review_store
from dpa.agreement import Agreement
from dpa.coverage_rows import Signed, holdings_of, row_of
from onboarding import change_store, duo_list, registry_changes, registry_plan, tenure_rules
from onboarding.registry_changes import Mutation
from schoolpoort import coverage
from schoolpoort.coverage import Coverage, CoverageState
from schoolpoort.tenures import Tenure
from tests.amounts import often
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, NOON, agreement, moment
from tests.onboarding.aws_faults import Calls
from tests.onboarding.desk import Desk as Lists
from tests.onboarding.lists import LOCATION, boards, text

_REAL = (
    Path(__file__).parents[3] / "shared/data/duo/alle-schoolvestigingen-basisonderwijs-2026-04.csv"
)
_CHANGE = dt.date(2026, 8, 1)
_A_DAY = dt.timedelta(days=1)
_DAYS = tuple(_CHANGE + dt.timedelta(days=number) for number in (-400, -1, 0, 1, 400))
_ENDED = frozenset({Mutation.SCHOOL_GONE, Mutation.LOCATION_GONE, Mutation.LOCATION_ELSEWHERE})

Boards = Mapping[str, str]
"""Which board has which location, in one list."""


@dataclass(frozen=True, slots=True)
class School:
    """A location after both lists: its coverage, and what the two lists say of its board."""

    known: Coverage
    before: str | None
    after: str | None

    def holder(self, day: dt.date) -> str | None:
        """Return the board that truly holds it on a day."""
        return self.before if day < _CHANGE else self.after


def _list(held: Boards) -> bytes:
    rows = [
        {
            **LOCATION,
            "INSTELLINGSCODE": code[:4],
            "VESTIGINGSCODE": code,
            "BEVOEGD GEZAG NUMMER": number,
            "POSTCODE": f"{1000 + place} AB",
        }
        for place, (code, number) in enumerate(held.items())
    ]
    return text(rows).encode("cp1252")


def _held(content: bytes) -> dict[str, str]:
    rows = duo_list.read(content, most_bytes=10**8).rows
    return {code: row["board_number"] or "" for code, row in rows.items()}


def _schools(
    first: bytes, second: bytes, agreements: Mapping[str, list[Agreement]]
) -> list[School]:
    """Bring both lists, confirm all that was found as of the day, and compute every coverage."""
    numbers = iter(range(1, 10**6))
    read = [duo_list.read(content, most_bytes=10**8) for content in (first, second)]
    standing = registry_plan.make(read[0], {}, lambda: str(next(numbers))).entries
    entries = registry_plan.make(read[1], standing, lambda: str(next(numbers))).entries
    tenures: dict[str, tuple[Tenure, ...]] = {}
    closed = {}
    for change in registry_changes.find(read[1], standing, {}):
        for code in change.codes:
            if change.mutation is Mutation.BOARD_CHANGED:
                tenures[code] = tenure_rules.moved(
                    (),
                    from_board=change.before,
                    to_board=change.after,
                    day=_CHANGE,
                    now_epoch_s=NOON,
                )
            elif change.mutation in _ENDED:
                closed[code] = _CHANGE.isoformat()
    signed = {number: Signed(tuple(found)) for number, found in agreements.items()}
    before, after = _held(first), _held(second)
    found = []
    for code, entry in entries.items():
        held = holdings_of(tenures.get(code, ()), entry.board_number, closed.get(code))
        known = signed | {
            one.board_number: Signed() for one in held if one.board_number not in signed
        }
        row = row_of(entry.school_id, code, held, known)
        school = School(coverage.from_item(row), before.get(code), after.get(code))
        # A school that the second list begins with is in no registry before it.
        found.append(school if code in before else School(school.known, school.after, school.after))
    return found


def _check(schools: Iterable[School], agreements: Mapping[str, list[Agreement]]) -> None:
    for school in schools:
        for day in _DAYS:
            holder = school.holder(day)
            assert coverage.board_on(school.known, day) == holder
            expected = [
                one.agreement_id
                for one in agreements.get(holder or "", ())
                if one.effective_from <= day and (one.ends_on is None or day < one.ends_on)
            ]
            period = coverage.period_on(school.known, day)
            assert ([period.agreement_id] if period else []) == expected


def _signed(numbers: Iterable[str], chance: Random) -> dict[str, list[Agreement]]:
    """Return agreements of two of three boards; some begin or end about the day of the change."""
    days = (dt.date(2020, 8, 1), _CHANGE - _A_DAY, _CHANGE, _CHANGE + _A_DAY)
    return {
        number: [
            agreement(
                agreement_id=f"9{number}",
                board_number=number,
                effective_from=chance.choice(days),
                ends_on=chance.choice([None, _CHANGE + _A_DAY]),
            )
        ]
        for number in sorted(set(numbers))
        if chance.random() < 2 / 3
    }


def _later(held: Boards, fates: Iterable[str], merged: tuple[str, str]) -> dict[str, str]:
    """Return the second list: each school stays, closes or moves, and one board merges."""
    later = {}
    for (code, number), fate in zip(held.items(), fates, strict=True):
        if fate != "closes":
            later[code] = number if fate == "stays" else fate
    gone, into = merged
    return {code: into if number == gone else number for code, number in later.items()}


_BOARDS = ("40001", "40002", "40003", "40004")
_BOARD = st.sampled_from(_BOARDS)
_FATES = st.sampled_from(["stays", "stays", "closes", *_BOARDS])


@settings(max_examples=often(40), deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(_BOARDS), _FATES, st.integers(1, 2)), min_size=1, max_size=20
    ),
    st.tuples(_BOARD, _BOARD),
    st.integers(0, 3),
    st.integers(0, 10**6),
)
def test_no_school_is_under_a_board_that_does_not_hold_it(
    schools: list[tuple[str, str, int]], merged: tuple[str, str], fresh: int, seed: int
) -> None:
    """Transfers, mergers, closures and new schools; schools with two locations that part."""
    held, fates = {}, []
    for number, (board, fate, locations) in enumerate(schools):
        for location in range(locations):
            held[f"{10 + number}AB{location:02d}"] = board
            fates.append(fate if location == 0 else "stays")
    later = _later(held, fates, merged)
    later |= {f"{60 + number}XY00": _BOARDS[number] for number in range(fresh)}
    if not later:
        return
    agreements = _signed(_BOARDS, Random(seed))
    _check(_schools(_list(held), _list(later), agreements), agreements)


@pytest.mark.skipif(not _REAL.is_file(), reason="DUO's list of April 2026 is not on this machine")
def test_the_real_list_and_one_of_later() -> None:
    """All 6,100 locations; so many move and close as between 2021 and 2026."""
    chance = Random(2026)
    first = _REAL.read_bytes()
    held = _held(first)
    numbers = sorted(set(held.values()))
    fates = [
        chance.choices(["stays", "closes", chance.choice(numbers)], [90, 3, 7])[0] for _ in held
    ]
    second = _list(_later(held, fates, (numbers[0], numbers[1])))
    agreements = _signed(numbers, chance)
    schools = _schools(first, second, agreements)
    assert len(schools) > 6000
    assert sum(school.before != school.after for school in schools) > 500
    _check(schools, agreements)


def test_trap_2_a_school_that_goes_on_as_a_location_of_another_is_no_new_beginning() -> None:
    """Its old code ends on the day, its pupils go on under the code of the school it joined."""
    held = {"11AB00": "40001", "12CD00": "40001"}
    later = {"12CD01": "40001", "12CD00": "40001"}
    agreements = {"40001": [agreement(board_number="40001", scope_codes=("12CD",))]}
    found = _schools(_list(held), _list(later), agreements)
    before = [coverage.is_covered(one.known, _CHANGE - _A_DAY) for one in found]
    after = [coverage.is_covered(one.known, _CHANGE) for one in found]
    boards_after = [coverage.board_on(one.known, _CHANGE) for one in found]
    assert len(found) == 3
    assert sorted(before) == [False, True, True]
    assert sorted(after) == [False, True, True]
    assert sorted(str(one) for one in boards_after) == ["40001", "40001", "None"]


# --- through the registry's own pages -----------------------------------------------------------

_REGISTRY = "/helpdesk/registry/changes"


def _bring(desk: Desk, content: bytes) -> None:
    record = Lists(desk.house, Calls()).bring(content)
    assert record["outcome"] == "applied"


def _country(**moved: str) -> bytes:
    """Return a list of twenty schools of one board and three of the other; some at another."""
    held = {f"{30 + number}AB00": BOARD for number in range(20)}
    held |= {f"{60 + number}CD00": OTHER_BOARD for number in range(3)}
    return _list({code: moved.get(f"s{code}", number) for code, number in held.items()})


def _confirm(desk: Desk, effective_on: str) -> None:
    """Confirm all that waits at the registry's page."""
    form = {
        "decision": "confirm",
        "meaning": "transfer",
        "effective_on": effective_on,
        "note": "Gezien bij RIO",
    }
    for change in change_store.open_changes():
        answer = desk.helpdesk().post(_REGISTRY, {**form, "change": change.change_id})
        assert answer.status == 303


def _lie_waiting(desk: Desk) -> None:
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})


def _school_id(code: str) -> str:
    from schoolpoort import registry

    found = registry.location(code)
    assert found is not None
    return found.school_id


def _moved(desk: Desk, effective_on: str) -> Coverage:
    """Let one school move by the registry's pages, and return its coverage."""
    _bring(desk, _country())
    desk.sign()
    desk.sign(board_number=OTHER_BOARD)
    _bring(desk, _country(s30AB00=OTHER_BOARD))
    _confirm(desk, effective_on)
    _lie_waiting(desk)
    return desk.coverage(_school_id("30AB00"))


def test_what_the_registry_decides_opens_a_review_by_itself(desk: Desk) -> None:
    """Within ten minutes, without a night in between; and once."""
    known = _moved(desk, "2026-11-20")
    assert [one["codes"] for one in review_store.reviews()] == [["30AB00"]]
    assert coverage.board_on(known, dt.date(2026, 11, 19)) == BOARD
    assert coverage.board_on(known, dt.date(2026, 11, 20)) == OTHER_BOARD
    agreements = {number: desk.agreements(number)[0] for number in (BOARD, OTHER_BOARD)}
    for day, number in ((dt.date(2026, 11, 19), BOARD), (dt.date(2026, 11, 20), OTHER_BOARD)):
        period = coverage.period_on(known, day)
        assert period is not None
        assert period.agreement_id == agreements[number]["agreement_id"]
    desk.calls.clear()
    _lie_waiting(desk)
    assert desk.calls == ["Query", "GetItem", "GetItem"]
    assert len(review_store.reviews()) == 1


def test_trap_5_a_move_that_lies_ahead_holds_from_midnight_and_not_before(desk: Desk) -> None:
    """Nobody has to run anything on the day itself: the days stand in the coverage already."""
    known = _moved(desk, "2027-01-01")
    new_year = dt.date(2027, 1, 1)
    assert coverage.board_on(known, new_year - _A_DAY) == BOARD
    assert coverage.board_on(known, new_year) == OTHER_BOARD
    desk.at(moment(2026, 12, 31, 23, 59))
    assert "30AB00" in desk.director().get("/board/agreements").text
    desk.at(moment(2027, 1, 1, 0, 0))
    assert "30AB00" not in desk.director().get("/board/agreements").text
    other = desk.director(OTHER_BOARD, "9002").get("/board/agreements").text
    assert "30AB00" in other


def test_what_the_old_board_does_later_changes_its_own_days_only(desk: Desk) -> None:
    """A statement of today reaches no day on which another board holds the school."""
    _moved(desk, "2026-11-20")
    desk.declare(signed_on="2026-11-01")
    known = desk.coverage(_school_id("30AB00"))
    assert coverage.declaration_on(known, "rekenrijk", dt.date(2026, 11, 19))
    assert not coverage.declaration_on(known, "rekenrijk", dt.date(2026, 11, 20))


def test_a_school_that_closed_is_covered_no_more(desk: Desk) -> None:
    """From the day on that people confirmed; the agreement runs on for the others."""
    _bring(desk, _country())
    desk.sign()
    lines = _country().splitlines(keepends=True)
    _bring(desk, b"".join(line for line in lines if b"30AB00" not in line))
    _confirm(desk, "2026-11-20")
    _lie_waiting(desk)
    known = desk.coverage(_school_id("30AB00"))
    assert coverage.is_covered(known, dt.date(2026, 11, 19))
    assert coverage.coverage_on(known, dt.date(2026, 11, 20)) is CoverageState.UNCOVERED
    assert coverage.board_on(known, dt.date(2026, 11, 20)) is None
    assert desk.state(_school_id("31AB00")).is_covered


def test_a_board_that_is_gone_puts_its_agreement_under_review(desk: Desk) -> None:
    """The same way, from the list of boards; the agreement holds until people decide."""
    others = [f"{50_000 + number}" for number in range(40)]
    _bring(desk, _country())
    _bring(desk, boards(BOARD, OTHER_BOARD, *others))
    desk.sign()
    _bring(desk, boards(OTHER_BOARD, *others))
    _confirm(desk, "2026-11-20")
    _lie_waiting(desk)
    assert desk.agreements()[0]["state"] == "transfer_review"
    assert [one["kind"] for one in review_store.reviews()] == ["M1"]


def test_trap_14_the_end_of_the_old_board_touches_no_school_that_left_it(desk: Desk) -> None:
    """The new board goes on with its pupils while the old one is wound up."""
    _moved(desk, "2026-11-20")
    agreement_id = desk.agreements()[0]["agreement_id"]
    notice = f"/board/agreements/{agreement_id}/notice"
    assert desk.director().post(notice, {"ends_on": "2026-12-24"}).status == 303
    desk.at(moment(2026, 12, 24, 0, 1))
    desk.house.invoke("DpaClockFunction", {"job": "day"})
    assert not desk.state(_school_id("31AB00")).is_covered
    assert desk.state(_school_id("30AB00")).is_covered
