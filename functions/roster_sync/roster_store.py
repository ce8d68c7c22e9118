"""The people and groups of a school at AWS: who may change them, what is there, what changes.

One run at a time changes a school. It takes a lease on the school's feed item, reads one snapshot,
writes what changed, and stores the feed last: whoever is cut off before that is done again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from roster_sync.held import HELD_PREFIX, Held, held_items, held_of
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
from roster_sync.renumbering import UNLINKED_PREFIX, Unlinked, unlinked_from, unlinked_items
from roster_sync.undo import UNDO_PREFIX, Undo, undo_from, undo_items
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
    """What was last applied: its digest, whose keys it has, and how much it left waiting.

    `held` counts by part, `likely` says what probably lies behind each. `made_at_epoch_s` is when
    the feed itself was made, where it says so.
    """

    digest: str
    school_year: str
    applied_at_epoch_s: int
    counts: Mapping[str, int]
    held: Mapping[str, int] = field(default_factory=dict)
    likely: Mapping[str, str] = field(default_factory=dict)
    made_at_epoch_s: int | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything of a school that a feed is compared with."""

    people: Snapshot
    held: Held


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
        likely=item["likely"],
        made_at_epoch_s=item.get("made_at_epoch_s"),
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


def unsettle(school_id: str) -> None:
    """Let the next feed be compared in full, whatever its digest: a change outside a feed begins.

    `put_feed` settles it again. Without this, a change that was cut off would wait for ever.
    """
    key = _key(school_id, FEED_KEY)
    dynamodb.update(require(_TABLE), key, "SET digest = :none", values={":none": ""})


def contents(school_id: str, now_epoch_s: int) -> Contents:
    """Return all people, groups and changes that wait of a school; one Query per megabyte.

    Who is to be forgotten by now is not there, also while DynamoDB has not removed him yet.
    """
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school AND item_key BETWEEN :first AND :last",
        # "group#", "held#", "person#": the link that sorts between them is passed over below.
        values={":school": school_id, ":first": GROUP_PREFIX, ":last": PERSON_PREFIX + "~"},
    )
    people = map(person_of, _with_prefix(items, PERSON_PREFIX))
    known = [
        one for one in people if not one.erased_at_epoch_s or one.erased_at_epoch_s > now_epoch_s
    ]
    return Contents(
        Snapshot.of(map(group_of, _with_prefix(items, GROUP_PREFIX)), known),
        held_of(_with_prefix(items, HELD_PREFIX)),
    )


def _with_prefix(items: Iterable[Item], prefix: str) -> list[Item]:
    return [item for item in items if item["item_key"].startswith(prefix)]


def keep_undo(school_id: str, run_id: str, undo: Undo, now_epoch_s: int) -> None:
    """Keep the reverse of what a run is about to apply."""
    dynamodb.batch_write(
        require(_TABLE), puts=list(undo_items(school_id, run_id, undo, now_epoch_s))
    )


def undo(school_id: str, run_id: str, now_epoch_s: int) -> Undo:
    """Return the reverse of what a run applied; empty after thirty days."""
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school AND begins_with(item_key, :undo)",
        values={":school": school_id, ":undo": f"{UNDO_PREFIX}{run_id}#"},
    )
    return undo_from(items, now_epoch_s)


def keep_unlinked(school_id: str, run_id: str, unlinked: Unlinked, now_epoch_s: int) -> None:
    """Keep who of a refused feed would have to be linked by hand."""
    items = unlinked_items(school_id, run_id, unlinked, now_epoch_s)
    dynamodb.batch_write(require(_TABLE), puts=list(items))


def unlinked(school_id: str, now_epoch_s: int) -> Unlinked:
    """Return what the newest refused feed left to link by hand; empty after thirty days."""
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school AND begins_with(item_key, :unlinked)",
        values={":school": school_id, ":unlinked": UNLINKED_PREFIX},
    )
    return unlinked_from(items, now_epoch_s)


def write_plan(school_id: str, plan: Plan) -> None:
    """Write what a plan changes and nothing else; groups first, so that no member is without."""
    dynamodb.batch_write(
        require(_TABLE),
        puts=[
            *(group_item(school_id, group) for group in plan.groups),
            *(person_item(school_id, one.after) for one in plan.people),
        ],
    )


def write_held(school_id: str, before: Held, after: Held) -> None:
    """Write what began to wait or waits differently, and remove what no longer does."""
    old, new = held_items(school_id, before), held_items(school_id, after)
    dynamodb.batch_write(
        require(_TABLE),
        puts=[item for key, item in new.items() if old.get(key) != item],
        deletes=[_key(school_id, key) for key in old.keys() - new.keys()],
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
            "likely": dict(feed.likely),
            "made_at_epoch_s": feed.made_at_epoch_s,
        },
    )
