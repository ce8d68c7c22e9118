"""The people and groups of a school at AWS: who may change them, what is there, what changes.

One run at a time changes a school. It takes a lease on the school's feed item, reads one snapshot,
writes what changed, and stores the feed last: whoever is cut off before that is done again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from roster_sync.plan import Plan
from roster_sync.records import (
    GROUP_PREFIX,
    PERSON_PREFIX,
    Snapshot,
    group_item,
    group_of,
    person_item,
    person_of,
)
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

FEED_KEY = "feed"
_TABLE = "ROSTER_TABLE"
_SCHEMA_VERSION = 1

LEASE_S = 360
"""Longer than the worker may run, so that a lease outlives only a worker that was ended."""


@dataclass(frozen=True, slots=True)
class AppliedFeed:
    """What was last applied: its digest, and the leavers that it left waiting."""

    digest: str
    school_year: str
    applied_at_epoch_s: int
    counts: Mapping[str, int]
    held: Mapping[str, int] = field(default_factory=dict)


class SchoolBusy(Exception):
    """Another run is changing this school; this one comes back later."""


def applied_feed(item: Item | None) -> AppliedFeed | None:
    """Read what was last applied; None when nothing was yet."""
    # A lease alone makes an item too: then no feed was applied yet.
    if item is None or "digest" not in item:
        return None
    return AppliedFeed(
        digest=item["digest"],
        school_year=item["school_year"],
        applied_at_epoch_s=item["applied_at_epoch_s"],
        counts=item["counts"],
        held=item["held"],
    )


def _key(school_id: str, key: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": key}


def take_lease(school_id: str, run_id: str, now_epoch_s: int) -> None:
    """Become the only run that changes this school; raises SchoolBusy."""
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id, FEED_KEY),
            "SET lease_ends_at_epoch_s = :end, lease_of = :run",
            condition=(
                "attribute_not_exists(lease_of) OR lease_of = :run OR lease_ends_at_epoch_s < :now"
            ),
            values={":end": now_epoch_s + LEASE_S, ":run": run_id, ":now": now_epoch_s},
        )
    except ConditionFailed as error:
        raise SchoolBusy from error


def give_lease_back(school_id: str, run_id: str) -> None:
    """Let other runs change this school again, after a run that changed nothing."""
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id, FEED_KEY),
            "REMOVE lease_ends_at_epoch_s, lease_of",
            condition="lease_of = :run",
            values={":run": run_id},
        )
    except ConditionFailed:
        return


def snapshot(school_id: str) -> Snapshot:
    """Return all people and groups of a school, active or not; one Query per megabyte."""
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school AND item_key BETWEEN :first AND :last",
        # "group#" sorts before "person#"; the link between them is passed over below.
        values={":school": school_id, ":first": GROUP_PREFIX, ":last": PERSON_PREFIX + "~"},
    )
    return Snapshot.of(
        map(group_of, _with_prefix(items, GROUP_PREFIX)),
        map(person_of, _with_prefix(items, PERSON_PREFIX)),
    )


def _with_prefix(items: Iterable[Item], prefix: str) -> list[Item]:
    return [item for item in items if item["item_key"].startswith(prefix)]


def write_plan(school_id: str, plan: Plan) -> None:
    """Write what a plan changes and nothing else; groups first, so that no member is without."""
    dynamodb.batch_write(
        require(_TABLE),
        puts=[
            *(group_item(school_id, group) for group in plan.groups),
            *(person_item(school_id, one.after) for one in plan.people),
        ],
    )


def put_feed(school_id: str, feed: AppliedFeed) -> None:
    """Store what was applied; this also gives the lease back, and comes after all other writes."""
    dynamodb.put(
        require(_TABLE),
        {
            **_key(school_id, FEED_KEY),
            "schema_version": _SCHEMA_VERSION,
            "digest": feed.digest,
            "school_year": feed.school_year,
            "applied_at_epoch_s": feed.applied_at_epoch_s,
            "counts": dict(feed.counts),
            "held": dict(feed.held),
        },
    )
