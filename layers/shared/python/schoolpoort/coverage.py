"""Which agreement covers a school on a day: a reader of the coverage table, which dpa owns.

Coverage is computed by `dpa` from agreements and from which board held the school when, and
stored per school as half-open periods, so that one GetItem answers for any day. It is never a
flag that somebody sets.

A day is a calendar day in Europe/Amsterdam; a period's `until` is the first day outside it.
"""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schoolpoort import dynamodb
from schoolpoort.settings import require

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class CoverageState(enum.StrEnum):
    """What is true of a school on a day; only the first three open anything.

    Until when a school is covered is told by its period, not by a state of its own.
    """

    COVERED_BOARD = "covered_board"
    COVERED_SCHOOL = "covered_school"
    TRANSFER_GRACE = "transfer_grace"
    """The school went to another board: what covered it goes on for a while, by a decision."""
    BLOCKED = "blocked"
    PENDING = "pending"
    UNCOVERED = "uncovered"

    @property
    def is_covered(self) -> bool:
        """Say whether a roster may be imported and data released."""
        return self in _COVERED


_COVERED = frozenset(
    {CoverageState.COVERED_BOARD, CoverageState.COVERED_SCHOOL, CoverageState.TRANSFER_GRACE}
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days in one state, by one agreement; without `until` it has no known end."""

    state: CoverageState
    agreement_id: str
    since: dt.date
    until: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Say whether a day lies in the period."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The board's own statement that it has an agreement with a party, and until when."""

    party_id: str
    party_name: str
    since: dt.date
    until: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Say whether the declared agreement runs on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Held:
    """The days on which a board holds a school; None is without a known begin or end."""

    board_number: str
    since: dt.date | None
    until: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        """Say whether the board holds the school on a day."""
        has_begun = self.since is None or self.since <= day
        return has_begun and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that is known of a school's coverage; empty for a school nobody signed for.

    `board_number` is the board that is known last. A school that changes board, or closes, has its
    `boards` too, and no period of a board reaches over the days on which that board holds it.
    """

    school_id: str
    board_number: str
    periods: tuple[Period, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    boards: tuple[Held, ...] = ()


def of_school(school_id: str) -> Coverage:
    """Return the coverage of a school; one GetItem."""
    item = dynamodb.get(require("COVERAGE_TABLE"), {"school_id": school_id}, consistent=True)
    return from_item(item, school_id)


def of_schools(school_ids: Iterable[str]) -> dict[str, Coverage]:
    """Return the coverage of each school, also of those without any; a BatchGetItem per hundred."""
    table, wanted = require("COVERAGE_TABLE"), list(dict.fromkeys(school_ids))
    items = dynamodb.batch_get([(table, {"school_id": school_id}) for school_id in wanted])
    return {
        school_id: from_item(item, school_id) for school_id, item in zip(wanted, items, strict=True)
    }


def from_item(item: Mapping[str, Any] | None, school_id: str = "") -> Coverage:
    """Read coverage from its item; None is a school without any."""
    if item is None:
        return Coverage(school_id, "")
    return Coverage(
        school_id=item["school_id"],
        board_number=item["board_number"],
        periods=tuple(
            Period(
                CoverageState(entry["state"]),
                entry["agreement_id"],
                dt.date.fromisoformat(entry["since"]),
                _date(entry["until"]),
            )
            for entry in item["periods"]
        ),
        declarations=tuple(
            Declaration(
                entry["party_id"],
                entry["party_name"],
                dt.date.fromisoformat(entry["since"]),
                _date(entry["until"]),
            )
            for entry in item["declarations"]
        ),
        boards=tuple(
            Held(entry["board_number"], _date(entry["since"]), _date(entry["until"]))
            for entry in item.get("boards", ())
        ),
    )


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def amsterdam_day(epoch_s: int) -> dt.date:
    """Return the calendar day in the Netherlands at a moment."""
    return dt.datetime.fromtimestamp(epoch_s, _AMSTERDAM).date()


def board_on(coverage: Coverage, day: dt.date) -> str | None:
    """Return the board that holds a school on a day; None before it opened and after it closed."""
    if not coverage.boards:
        return coverage.board_number or None
    return next((one.board_number for one in coverage.boards if one.holds_on(day)), None)


def period_on(coverage: Coverage, day: dt.date) -> Period | None:
    """Return the period that a day lies in: a covering one before one that only waits."""
    holding = [period for period in coverage.periods if period.holds_on(day)]
    covering = [period for period in holding if period.state.is_covered]
    return next(iter(covering or holding), None)


def coverage_on(coverage: Coverage, day: dt.date) -> CoverageState:
    """Return the state of a school on a day."""
    period = period_on(coverage, day)
    return CoverageState.UNCOVERED if period is None else period.state


def covered_until(coverage: Coverage, day: dt.date) -> dt.date | None:
    """Return the first day without coverage after a covered one; None where no end is known.

    Where another agreement takes over without a gap, its end counts. A day that is not covered
    itself has none: there is nothing left to end.
    """
    first_day = day
    period = period_on(coverage, day)
    while period is not None and period.state.is_covered:
        longest = max(one.until or dt.date.max for one in _covering(coverage, day))
        if longest == dt.date.max:
            return None
        day = longest
        period = period_on(coverage, day)
    return day if day != first_day else None


def ends_of(schools: Iterable[Coverage], day: dt.date) -> list[dt.date]:
    """Return the known end of each school that has one."""
    ends = (covered_until(one, day) for one in schools)
    return [end for end in ends if end is not None]


def _covering(coverage: Coverage, day: dt.date) -> list[Period]:
    return [one for one in coverage.periods if one.state.is_covered and one.holds_on(day)]


def is_covered(coverage: Coverage, day: dt.date) -> bool:
    """Say whether a roster may be imported and data released on a day."""
    return coverage_on(coverage, day).is_covered


def declaration_on(coverage: Coverage, party_id: str, day: dt.date) -> bool:
    """Say whether the board declares an agreement with a party on a day."""
    return any(
        declaration.party_id == party_id and declaration.holds_on(day)
        for declaration in coverage.declarations
    )
