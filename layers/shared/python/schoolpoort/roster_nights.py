"""How a night went, by supplier and in numbers only: a reader of the roster table.

The table is roster_sync's. Its partition "links" lists the schools that a night visits, each with
its supplier; the run of a school and night has one key.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schoolpoort import dynamodb
from schoolpoort.settings import require

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_TABLE = "ROSTER_TABLE"
_LINKS = "links"
_PREFIX = "school#"
_BATCH = 100
GOOD = frozenset({"applied", "unchanged", "held"})


@dataclass(frozen=True, slots=True)
class Night:
    """The schools that a supplier's rosters come from, those visited, and those brought over."""

    schools: int
    visited: int
    good: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A school that a night was to visit, and its run as it is stored; None when there is none."""

    school_id: str
    supplier: str
    run: dynamodb.Item | None


def visits(night: dt.date) -> Iterator[Visit]:
    """Yield every linked school with its run of a night; a Query, then a BatchGetItem a hundred.

    The runs come a hundred at a time, so that eight thousand reports are never held together.
    """
    table = require(_TABLE)
    links = dynamodb.query(table, "school_id = :links", values={":links": _LINKS})
    key = f"run#{_midnight_epoch_s(night):012d}#night"
    for start in range(0, len(links), _BATCH):
        part = links[start : start + _BATCH]
        schools = [item["item_key"].removeprefix(_PREFIX) for item in part]
        runs = dynamodb.batch_get(
            [(table, {"school_id": school, "item_key": key}) for school in schools]
        )
        for item, school, run in zip(part, schools, runs, strict=True):
            yield Visit(school, item["supplier"], run)


def of_night(night: dt.date) -> dict[str, Night]:
    """Return how a night went, per supplier."""
    found: dict[str, list[dynamodb.Item | None]] = {}
    for visit in visits(night):
        found.setdefault(visit.supplier, []).append(visit.run)
    return {
        supplier: Night(
            schools=len(own),
            visited=sum(run is not None for run in own),
            good=sum(is_good(run) for run in own),
        )
        for supplier, own in sorted(found.items())
    }


def is_good(run: dynamodb.Item | None) -> bool:
    """Say whether a night brought a school's roster over, or all of it but what waits."""
    return run is not None and run["outcome"] in GOOD


def _midnight_epoch_s(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), _AMSTERDAM).timestamp())
