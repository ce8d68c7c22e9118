"""What roster_sync reads and writes at AWS. One partition of its table is one school.

A school's items: las_link, feed (what was last applied), group#<id>, person#<id> and
run#<epoch seconds>#<id>. The partition "links" lists the schools that the night visits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from roster_sync.links import LINK_KEY, Link, encryption_context, link_item, link_of
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
from roster_sync.runs import RUN_PREFIX, Outcome, Run, item_key, run_item, run_of
from schoolpoort import aws, coverage, dynamodb, uploads
from schoolpoort.coverage import Coverage
from schoolpoort.dynamodb import Item, Put
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require
from schoolpoort.uploads import Upload

_TABLE = "ROSTER_TABLE"
_FEED_KEY = "feed"
_LINKS_PARTITION = "links"
_SCHOOL_PREFIX = "school#"
_FEED_SCHEMA_VERSION = 1

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


@dataclass(frozen=True, slots=True)
class State:
    """What a run begins with: one BatchGetItem."""

    link: Link | None
    feed: AppliedFeed | None
    run: Run | None
    coverage: Coverage


class SchoolBusy(Exception):
    """Another run is changing this school; this one comes back later."""


def state(school_id: str, run_id: str | None = None) -> State:
    """Return a school's link, feed, coverage and (when named) run; one call."""
    table = require(_TABLE)
    keys: list[tuple[str, Mapping[str, Any]]] = [
        (table, _key(school_id, LINK_KEY)),
        (table, _key(school_id, _FEED_KEY)),
        (require("COVERAGE_TABLE"), {"school_id": school_id}),
    ]
    if run_id is not None:
        keys.append((table, _key(school_id, item_key(run_id))))
    link, feed, covered, *run = dynamodb.batch_get(keys)
    return State(
        link=link_of(link) if link else None,
        feed=_applied_feed(feed),
        run=run_of(run[0]) if run and run[0] else None,
        coverage=coverage.from_item(covered, school_id),
    )


def _key(school_id: str, key: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": key}


def _applied_feed(item: Item | None) -> AppliedFeed | None:
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


# ------------------------------------------------------------------ links


def link(school_id: str) -> Link | None:
    """Return a school's link."""
    item = dynamodb.get(require(_TABLE), _key(school_id, LINK_KEY))
    return link_of(item) if item else None


def put_link(school_id: str, new: Link) -> None:
    """Store a link and let the night visit the school, both or neither."""
    listed = _key(_LINKS_PARTITION, _SCHOOL_PREFIX + school_id)
    table = require(_TABLE)
    listed_item = {**listed, "schema_version": _FEED_SCHEMA_VERSION, "supplier": new.supplier}
    dynamodb.transact([Put(table, link_item(school_id, new)), Put(table, listed_item)])


def mark_link(school_id: str, marked: Link) -> None:
    """Store what the LAS said of a key, unless the key was replaced meanwhile."""
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id, LINK_KEY),
            "SET #status = :status, checked_at_epoch_s = :checked",
            condition="key_ciphertext = :key",
            names={"#status": "status"},
            values={
                ":status": marked.status,
                ":checked": marked.checked_at_epoch_s,
                ":key": marked.key_ciphertext,
            },
        )
    except ConditionFailed:
        return


def linked_schools() -> list[str]:
    """Return the ids of all schools with a link."""
    values = {":links": _LINKS_PARTITION}
    items = dynamodb.query(require(_TABLE), "school_id = :links", values=values)
    return [item["item_key"].removeprefix(_SCHOOL_PREFIX) for item in items]


def seal_key(school_id: str, authorisation_key: str) -> bytes:
    """Return an authorisation key encrypted for this school alone."""
    answer = aws.client("kms").encrypt(
        KeyId=require("SECRETS_KEY_ID"),
        Plaintext=authorisation_key.encode(),
        EncryptionContext=encryption_context(school_id),
    )
    sealed: bytes = answer["CiphertextBlob"]
    return sealed


def open_key(school_id: str, sealed: bytes) -> str:
    """Return the authorisation key that was sealed for this school."""
    answer = aws.client("kms").decrypt(
        CiphertextBlob=sealed,
        KeyId=require("SECRETS_KEY_ID"),
        EncryptionContext=encryption_context(school_id),
    )
    opened: bytes = answer["Plaintext"]
    return opened.decode()


# ------------------------------------------------------------------ runs


def begin_run(school_id: str, run: Run) -> None:
    """Store a run that goes on, so that its page can show it."""
    dynamodb.put(require(_TABLE), run_item(school_id, run))


def finish_run(school_id: str, run: Run) -> None:
    """Store how a run ended, unless another delivery of its message already did."""
    item = run_item(school_id, run)
    fields = {name: value for name, value in item.items() if name not in {"school_id", "item_key"}}
    assignments = ", ".join(f"#{name} = :{name}" for name in fields)
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id, item["item_key"]),
            f"SET {assignments}",
            condition="attribute_not_exists(item_key) OR #outcome IN (:is_running, :is_failed)",
            names={f"#{name}": name for name in fields},
            values={
                **{f":{name}": value for name, value in fields.items()},
                ":is_running": Outcome.RUNNING.value,
                ":is_failed": Outcome.FAILED.value,
            },
        )
    except ConditionFailed:
        return


def run(school_id: str, run_id: str) -> Run | None:
    """Return one run."""
    item = dynamodb.get(require(_TABLE), _key(school_id, item_key(run_id)), consistent=True)
    return run_of(item) if item else None


def latest_runs(school_id: str, limit: int) -> list[Run]:
    """Return the newest runs, newest first."""
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school AND begins_with(item_key, :run)",
        values={":school": school_id, ":run": RUN_PREFIX},
        newest_first=True,
        limit=limit,
    )
    return [run_of(item) for item in items]


def queue_sync(message: Mapping[str, str]) -> None:
    """Put one school's sync on the queue of the worker."""
    aws.client("sqs").send_message(
        QueueUrl=require("ROSTER_QUEUE"), MessageBody=json.dumps(message)
    )


def read_upload(upload: Upload, *, max_bytes: int) -> bytes | None:
    """Return an uploaded file, at most one byte more than `max_bytes`; None when it is gone."""
    try:
        return uploads.read(upload, max_bytes=max_bytes)
    except ClientError as error:
        # Without the right to list a bucket, S3 calls an absent object AccessDenied.
        if error.response["Error"]["Code"] in {"NoSuchKey", "AccessDenied"}:
            return None
        raise


# ------------------------------------------------------------------ the roster itself


def take_lease(school_id: str, run_id: str, now_epoch_s: int) -> None:
    """Become the only run that changes this school; raises SchoolBusy."""
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id, _FEED_KEY),
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
            _key(school_id, _FEED_KEY),
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
            **_key(school_id, _FEED_KEY),
            "schema_version": _FEED_SCHEMA_VERSION,
            "digest": feed.digest,
            "school_year": feed.school_year,
            "applied_at_epoch_s": feed.applied_at_epoch_s,
            "counts": dict(feed.counts),
            "held": dict(feed.held),
        },
    )
