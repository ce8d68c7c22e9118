"""How a night went over all schools: counted once from the runs, and drawn from the counts.

A school ends a night in one state. `roster_nights.GOOD` has the outcomes that /status calls good;
they are here "fine", "unchanged" and "held", so that both pages tell the same.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roster_sync.causes import OWNERS, Cause, Owner
from roster_sync.runs import Outcome
from schoolpoort.roster_nights import Visit

SCHEMA_VERSION = 1
STATES = ("fine", "unchanged", "held", "failed", "no_link", "missed")
NEED_SOMEBODY = ("held", "failed", "no_link", "missed")
NIGHTS_SHOWN = 30

_NO_LINK = frozenset({Cause.NO_LINK, Cause.KEY_WITHDRAWN, Cause.KEY_NEEDED})
_STATE = {
    Outcome.APPLIED: "fine",
    Outcome.UNCHANGED: "unchanged",
    Outcome.HELD: "held",
    Outcome.REFUSED: "failed",
    Outcome.FAILED: "failed",
    Outcome.RUNNING: "missed",
}


@dataclass(frozen=True, slots=True)
class Acting:
    """A school that somebody must look at after a night; `cause` is None when nothing is known."""

    school_id: str
    supplier: str
    state: str
    cause: Cause | None

    @property
    def owner(self) -> Owner:
        """Return who does the next step; of what has no cause that is us."""
        return OWNERS[self.cause] if self.cause else Owner.US


@dataclass(frozen=True, slots=True)
class Tally:
    """The schools of one night: per supplier by state, and by cause; and how many need somebody."""

    night: dt.date
    suppliers: Mapping[str, Mapping[str, int]]
    causes: Mapping[str, int]
    acting: int
    counted_at_epoch_s: int

    @property
    def totals(self) -> dict[str, int]:
        """Return the number of schools in each state."""
        return {
            state: sum(own.get(state, 0) for own in self.suppliers.values()) for state in STATES
        }

    @property
    def schools(self) -> int:
        """Return the number of schools that the night was to visit."""
        return sum(self.totals.values())

    @property
    def by_cause(self) -> list[tuple[Cause, Owner, int]]:
        """Return each cause with its owner and number of schools, the most first."""
        ranked = sorted(self.causes.items(), key=lambda one: (-one[1], one[0]))
        return [(Cause(code), OWNERS[Cause(code)], number) for code, number in ranked]


def state_of(run: Mapping[str, Any] | None) -> str:
    """Return the state in which a night left a school; `run` is as stored."""
    if run is None:
        return "missed"
    if run["cause"] in _NO_LINK:
        return "no_link"
    return _STATE[Outcome(run["outcome"])]


def count(
    night: dt.date, visits: Iterable[Visit], *, now_epoch_s: int
) -> tuple[Tally, list[Acting]]:
    """Return the counts of a night, and the schools that need somebody by state and id."""
    suppliers: dict[str, Counter[str]] = {}
    causes: Counter[str] = Counter()
    acting = []
    for visit in visits:
        state = state_of(visit.run)
        cause = visit.run["cause"] if visit.run else None
        suppliers.setdefault(visit.supplier, Counter())[state] += 1
        causes.update([cause] if cause else [])
        if state in NEED_SOMEBODY:
            known = Cause(cause) if cause else None
            acting.append(Acting(visit.school_id, visit.supplier, state, known))
    acting.sort(key=lambda one: (NEED_SOMEBODY.index(one.state), one.cause or "", one.school_id))
    counted = {name: dict(own) for name, own in sorted(suppliers.items())}
    return Tally(night, counted, dict(causes), len(acting), now_epoch_s), acting


def nights(until: dt.date, found: Sequence[Tally]) -> list[tuple[dt.date, Tally | None]]:
    """Return the shown nights up to a day, oldest first; None for one that was not counted."""
    by_day = {tally.night: tally for tally in found}
    days = [until - dt.timedelta(days=back) for back in reversed(range(NIGHTS_SHOWN))]
    return [(day, by_day.get(day)) for day in days]
