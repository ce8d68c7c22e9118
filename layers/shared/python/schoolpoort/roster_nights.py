"""How a night went, by supplier and in numbers only: a reader of the roster table.

The table is roster_sync's. Its partition "links" lists the schools that a night visits, each with
its supplier; the run of a school and night has one key.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schoolpoort import dynamodb
from schoolpoort.settings import require

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_TABLE = "ROSTER_TABLE"
_LINKS = "links"
_PREFIX = "school#"
GOOD = frozenset({"applied", "unchanged", "held"})


@dataclass(frozen=True, slots=True)
class Night:
    """The schools that a supplier's rosters come from, those visited, and those brought over."""

    schools: int
    visited: int
    good: int


def of_night(night: dt.date) -> dict[str, Night]:
    """Return how a night went, per supplier; a Query, and a BatchGetItem per hundred schools."""
    links = dynamodb.query(require(_TABLE), "school_id = :links", values={":links": _LINKS})
    schools = [(item["item_key"].removeprefix(_PREFIX), item["supplier"]) for item in links]
    key = f"run#{_midnight_epoch_s(night):012d}-night"
    keys = [(require(_TABLE), {"school_id": school, "item_key": key}) for school, _ in schools]
    runs = dynamodb.batch_get(keys) if keys else []
    found: dict[str, list[dynamodb.Item | None]] = {}
    for (_, supplier), run in zip(schools, runs, strict=True):
        found.setdefault(supplier, []).append(run)
    return {
        supplier: Night(
            schools=len(own),
            visited=sum(run is not None for run in own),
            good=sum(run is not None and run["outcome"] in GOOD for run in own),
        )
        for supplier, own in sorted(found.items())
    }


def _midnight_epoch_s(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), _AMSTERDAM).timestamp())
