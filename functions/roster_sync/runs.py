"""The record of one sync or import: what started it, how it ended, and what it changed in counts.

It names no person. Its id says when it began, so that runs sort by time: twelve digits of epoch
seconds, a dash, and a random id, an upload's id, or "night" (one per school and night).
"""

import datetime as dt
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from roster_sync.causes import OWNERS, Cause, Owner
from roster_sync.school_year import midnight_epoch_s

SCHEMA_VERSION = 1
RUN_PREFIX = "run#"
STALE_AFTER_S = 900
"""A run that is still going after this was cut off: its function is ended after five minutes."""

_RUN_ID = re.compile(r"(\d{12})-(night|[1-9]\d{0,15})")

Trigger = Literal["now", "night", "file", "decision", "restore", "link"]


class Outcome(enum.StrEnum):
    """How a run ended; `held` applied all but what waits, `refused` and `failed` nothing."""

    RUNNING = "running"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended and what it counted.

    `counts` has "pupils", "staff" (added, changed, moved, left) and "total"; `report` a line per
    group; `held` what waits, by part, and `likely` why; `dropped` and `warnings` count by code.
    """

    outcome: Outcome
    cause: Cause | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    report: Sequence[Mapping[str, Any]] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    likely: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed_something(self) -> bool:
        """Say whether anything was written but the run record."""
        return self.outcome in {Outcome.APPLIED, Outcome.HELD}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a school; `finished_at_epoch_s` is None while it goes on."""

    run_id: str
    trigger: Trigger
    started_at_epoch_s: int
    finished_at_epoch_s: int | None
    result: Result

    @property
    def is_finished(self) -> bool:
        """Say whether the run came to an end of its own."""
        return self.result.outcome != Outcome.RUNNING

    @property
    def owner(self) -> Owner | None:
        """Return who must do something, if anybody."""
        return OWNERS[self.result.cause] if self.result.cause else None

    def is_cut_off(self, now_epoch_s: int) -> bool:
        """Say whether the run should have ended long ago."""
        return not self.is_finished and now_epoch_s > self.started_at_epoch_s + STALE_AFTER_S


def new_run_id(started_at_epoch_s: int, suffix: str) -> str:
    """Return the id of a run; `suffix` is a random id or the id of an upload."""
    return f"{started_at_epoch_s:012d}-{suffix}"


def night_run_id(night: dt.date) -> str:
    """Return the id of a school's run of a night, the same for every delivery of its message."""
    return new_run_id(midnight_epoch_s(night), "night")


def is_run_id(value: str) -> bool:
    """Say whether a text has the form of a run's id."""
    return _RUN_ID.fullmatch(value) is not None


def item_key(run_id: str) -> str:
    """Return the key of a run's item: run#<epoch seconds>#<id>."""
    return RUN_PREFIX + run_id.replace("-", "#", 1)


def run_item(school_id: str, run: Run) -> dict[str, Any]:
    """Return the stored form of a run."""
    result = run.result
    return {
        "school_id": school_id,
        "item_key": item_key(run.run_id),
        "schema_version": SCHEMA_VERSION,
        "trigger": run.trigger,
        "started_at_epoch_s": run.started_at_epoch_s,
        "finished_at_epoch_s": run.finished_at_epoch_s,
        "outcome": result.outcome.value,
        "cause": result.cause.value if result.cause else None,
        "counts": dict(result.counts),
        "report": [dict(line) for line in result.report],
        "held": dict(result.held),
        "likely": dict(result.likely),
        "dropped": dict(result.dropped),
        "warnings": dict(result.warnings),
    }


def run_of(item: Mapping[str, Any]) -> Run:
    """Read a stored run back."""
    return Run(
        run_id=item["item_key"].removeprefix(RUN_PREFIX).replace("#", "-", 1),
        trigger=item["trigger"],
        started_at_epoch_s=item["started_at_epoch_s"],
        finished_at_epoch_s=item["finished_at_epoch_s"],
        result=Result(
            outcome=Outcome(item["outcome"]),
            cause=Cause(item["cause"]) if item["cause"] else None,
            counts=item["counts"],
            report=item["report"],
            held=item["held"],
            likely=item["likely"],
            dropped=item["dropped"],
            warnings=item["warnings"],
        ),
    )
