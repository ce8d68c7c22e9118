"""How a night went, by supplier or by school, in numbers only: a reader of the roster table.

The table is roster_sync's. Its partition "links" lists the schools that a night visits, each with
its supplier; the run of a school and night has one key.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
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
class SchoolNight:
    """What the last night brought a school.

    `outcome` and `cause` are those of its run (roster_sync.runs): None without a run, and without a
    cause. `came_since` says that a roster came in by hand after it; `has_roster` that one ever did.
    """

    has_link: bool
    has_roster: bool
    outcome: str | None = None
    cause: str | None = None
    came_since: bool = False


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
    links = dynamodb.query(require(_TABLE), "school_id = :links", values={":links": _LINKS})
    key = run_key(night)
    for start in range(0, len(links), _BATCH):
        part = links[start : start + _BATCH]
        schools = [item["item_key"].removeprefix(_PREFIX) for item in part]
        runs = dynamodb.batch_get([_key(school, key) for school in schools])
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


def of_schools(school_ids: Iterable[str], today: dt.date) -> dict[str, SchoolNight]:
    """Return what the night of today brought each school, or else that of yesterday.

    A BatchGetItem per 25 schools.
    """
    wanted = list(dict.fromkeys(school_ids))
    nights = [run_key(today), run_key(today - dt.timedelta(days=1))]
    keys = [
        key
        for school in wanted
        for key in (
            _key(_LINKS, _PREFIX + school),
            _key(school, "feed"),
            *(_key(school, night) for night in nights),
        )
    ]
    items = iter(dynamodb.batch_get(keys))
    return {
        school: _school_night(link, feed, last or before)
        for school, link, feed, last, before in zip(
            wanted, items, items, items, items, strict=False
        )
    }


def run_key(night: dt.date) -> str:
    """Return the key of the run of a night, the same for every school."""
    return f"run#{_midnight_epoch_s(night):012d}#night"


def _school_night(
    link: dynamodb.Item | None, feed: dynamodb.Item | None, run: dynamodb.Item | None
) -> SchoolNight:
    applied_at = (feed or {}).get("applied_at_epoch_s")
    ended_at = run["finished_at_epoch_s"] if run else None
    return SchoolNight(
        has_link=link is not None,
        has_roster=feed is not None,
        outcome=run["outcome"] if run else None,
        cause=run["cause"] if run else None,
        came_since=bool(applied_at and ended_at and applied_at > ended_at),
    )


def _key(school_id: str, item_key: str) -> tuple[str, dict[str, str]]:
    return require(_TABLE), {"school_id": school_id, "item_key": item_key}


def _midnight_epoch_s(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), _AMSTERDAM).timestamp())
