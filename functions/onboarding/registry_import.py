"""Imports a list of DUO that somebody uploaded: only what changed is written.

A school keeps its own id for ever. So the index gets a new school's id before the school's item
is written, and the item's fingerprint after: a run that dies anywhere is simply run again. One
import runs at a time, because two would each give a new school an id.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from onboarding import (
    aside,
    aside_store,
    change_store,
    duo_list,
    registry_changes,
    registry_plan,
    store,
)
from onboarding.duo_list import DuoList, Fault, ListRefused
from schoolpoort import clock, ids, uploads
from schoolpoort.coverage import amsterdam_day
from schoolpoort.errors import SchoolpoortError, StoreError
from schoolpoort.log import logger

LARGEST_BYTES = 16 * 1024 * 1024
RELEASABLE = frozenset({Fault.TOO_FEW_ROWS, Fault.TOO_MANY_MOVES})
"""Faults of a whole list about which a person may know better."""


class ImportWaits(SchoolpoortError):
    """An earlier run of the same upload may still be writing; the queue hands it out again."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Import the uploads that a batch of the queue reports; name what must come back."""
    failures = []
    for record in event["Records"]:
        try:
            for reported in json.loads(record["body"]).get("Records", []):
                place = reported["s3"]
                _import(uploads.parse_key(place["bucket"]["name"], place["object"]["key"]))
        except (ImportWaits, StoreError, ClientError, BotoCoreError) as error:
            logger.warning("import waits", extra={"reason": type(error).__name__})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _import(upload: uploads.Upload) -> None:
    """Import an upload, unless that has been done: the queue may report one twice."""
    if store.finished_import(upload.upload_id) is None:
        outcome = _outcome(upload)
        outcome["finished_at_epoch_s"] = clock.now_epoch_s()
        store.record_import(upload.upload_id, outcome)
        logger.info("registry import", extra={"outcome": outcome["outcome"]})
    uploads.remove(upload)


def _outcome(upload: uploads.Upload) -> dict[str, Any]:
    try:
        content = uploads.read(upload, max_bytes=LARGEST_BYTES)
        sha256 = hashlib.sha256(content).hexdigest()
        read = duo_list.read(content, most_bytes=LARGEST_BYTES)
        with _turn(upload.upload_id):
            counts = _apply(read, upload.upload_id, sha256)
    except ListRefused as error:
        missing = list(error.missing)
        told = {"fault": error.fault.value, "missing_columns": missing}
        aside_whole = {"sha256": sha256} if error.fault in RELEASABLE else {}
        return {"outcome": "refused", **told, **aside_whole}
    told = {"kind": read.kind.value, "sector": read.sector.value}
    return {"outcome": "applied", **told, **counts}


@contextmanager
def _turn(upload_id: str) -> Iterator[None]:
    """Be the only import for a while; refuses the upload while another one is being imported."""
    run_id = ids.new_id()
    holder = store.take_turn(run_id, upload_id, now_epoch_s=clock.now_epoch_s())
    if holder == upload_id:
        raise ImportWaits
    if holder is not None:
        raise ListRefused(Fault.BUSY)
    try:
        yield
    finally:
        store.end_turn(run_id)


def _apply(read: DuoList, upload_id: str, sha256: str) -> Mapping[str, int]:
    """Write what changed and return the counts; raises ListRefused for a list that is not whole.

    What people must see is kept before anything is written: after a crash in between the next run
    would no longer find it.
    """
    said = aside_store.said_of(aside.of_list(read))
    read = aside.with_said(read, said)
    standing = store.standing(read.kind)
    plan = registry_plan.make(read, standing, ids.new_id)
    stored = store.stored_rows(read.kind, (code for code in plan.rows if code in standing))
    found = registry_changes.find(read, standing, stored)
    begun = store.begun_import(upload_id, (*plan.counts, *_TOLD))
    counts = begun or {}
    if begun is None:
        if aside_store.released(sha256) is None:
            registry_plan.require_whole(read, standing)
            registry_plan.require_calm(found, standing, amsterdam_day(clock.now_epoch_s()).month)
        told = sum(not change.waits for change in found)
        waiting = change_store.merge(found, registry_changes.source_of(read), upload_id)
        set_aside = aside_store.merge(read, said)
        counts = {**plan.counts, "told": told, "waiting": waiting, "aside": set_aside}
        if plan.changed:
            store.begin_import(upload_id, counts)
    store.write_index(plan.promised(standing).values(), plan.rows)
    codes = sorted(plan.rows)
    store.write_rows(
        registry_plan.item(read.kind, read.rows[code], plan.entries[code], stored.get(code))
        for code in codes
    )
    store.write_index(plan.entries.values(), plan.changed)
    if plan.changed or begun is not None:
        store.stamp_index()
    return counts


_TOLD = ("told", "waiting", "aside")
