"""Runs, uploads and the queue of roster_sync at AWS.

People are in `roster_store`, links and their keys in `link_store`. One partition of the table is
one school.

A school's items: las_link, feed (what was last applied), group#<id>, person#<id> and
run#<epoch seconds>#<id>. The partition "links" lists the schools that the night visits.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from roster_sync.links import LINK_KEY, Link, link_of
from roster_sync.roster_store import FEED_KEY, AppliedFeed, applied_feed
from roster_sync.runs import RUN_PREFIX, Outcome, Run, item_key, run_item, run_of
from schoolpoort import aws, coverage, dynamodb, uploads
from schoolpoort.coverage import Coverage
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require
from schoolpoort.uploads import Upload

_TABLE = "ROSTER_TABLE"


@dataclass(frozen=True, slots=True)
class State:
    """What a run begins with: one BatchGetItem."""

    link: Link | None
    feed: AppliedFeed | None
    run: Run | None
    coverage: Coverage


def state(school_id: str, run_id: str | None = None) -> State:
    """Return a school's link, feed, coverage and (when named) run; one call."""
    table = require(_TABLE)
    keys: list[tuple[str, Mapping[str, Any]]] = [
        (table, _key(school_id, LINK_KEY)),
        (table, _key(school_id, FEED_KEY)),
        (require("COVERAGE_TABLE"), {"school_id": school_id}),
    ]
    if run_id is not None:
        keys.append((table, _key(school_id, item_key(run_id))))
    link, feed, covered, *run = dynamodb.batch_get(keys)
    return State(
        link=link_of(link) if link else None,
        feed=applied_feed(feed),
        run=run_of(run[0]) if run and run[0] else None,
        coverage=coverage.from_item(covered, school_id),
    )


def _key(school_id: str, key: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": key}


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
