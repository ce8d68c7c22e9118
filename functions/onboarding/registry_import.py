"""Imports a list of DUO that somebody uploaded: only what changed is written.

A school keeps its own id for ever. So the index gets a new school's id before the school's item
is written, and the item's fingerprint after: a run that dies anywhere is simply run again.
Schools that are missing from a list are counted and left: people decide what became of them.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from onboarding import duo_list, registry_index, store
from onboarding.duo_list import DuoList, Fault, Kind, ListRefused
from onboarding.registry_index import Entry
from schoolpoort import clock, ids, registry, uploads
from schoolpoort.errors import StoreError
from schoolpoort.log import logger

LARGEST_BYTES = 16 * 1024 * 1024
_FEWEST_OF_PREVIOUS = 0.95


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Import the uploads that a batch of the queue reports; name what must come back."""
    failures = []
    for record in event["Records"]:
        try:
            for reported in json.loads(record["body"]).get("Records", []):
                place = reported["s3"]
                _import(uploads.parse_key(place["bucket"]["name"], place["object"]["key"]))
        except (StoreError, ClientError) as error:
            logger.warning("import waits", extra={"reason": type(error).__name__})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _import(upload: uploads.Upload) -> None:
    try:
        read = duo_list.read(uploads.read(upload, max_bytes=LARGEST_BYTES))
        outcome = {"outcome": "applied", "kind": read.kind.value, **_apply(read)}
    except ListRefused as error:
        outcome = {"outcome": "refused", "fault": error.fault.value}
    outcome["finished_at_epoch_s"] = clock.now_epoch_s()
    store.record_import(upload.upload_id, outcome)
    uploads.remove(upload)
    logger.info("registry import", extra={"outcome": outcome["outcome"]})


def _apply(read: DuoList) -> dict[str, int]:
    """Write what changed and return the counts; raises ListRefused for a list that lost rows."""
    is_locations = read.kind is Kind.LOCATIONS
    standing = store.locations_index() if is_locations else store.boards_index()
    if len(read.rows) < _FEWEST_OF_PREVIOUS * len(standing):
        raise ListRefused(Fault.TOO_FEW_ROWS)
    wanted = {code: _entry(code, row, standing.get(code)) for code, row in read.rows.items()}
    changed = [code for code, entry in wanted.items() if standing.get(code) != entry]
    merged = {**standing, **wanted}
    promised = {
        **merged,
        **{code: replace(wanted[code], digest="") for code in changed},
    }
    store.write_index(promised.values(), changed)
    make = _location_item if is_locations else _board_item
    store.write_rows(make(read.rows[code], wanted[code]) for code in changed)
    store.write_index(merged.values(), changed)
    return {
        "rows": len(read.rows),
        "added": sum(code not in standing for code in changed),
        "changed": sum(code in standing for code in changed),
        "missing": len(set(standing) - set(wanted)),
        "skipped": read.skipped,
    }


def _entry(code: str, row: Mapping[str, str | None], standing: Entry | None) -> Entry:
    return Entry(
        code=code,
        school_id=standing.school_id if standing else ids.new_id(),
        digest=registry_index.digest(row),
        name=row.get("name") or row.get("board_name") or "",
        place=row.get("place") or "",
        board_number=row.get("board_number") or "",
    )


def _location_item(row: Mapping[str, str | None], entry: Entry) -> dict[str, Any]:
    present = {name: value for name, value in row.items() if value is not None}
    return {**registry.location_key(entry.code), **present, "school_id": entry.school_id}


def _board_item(row: Mapping[str, str | None], entry: Entry) -> dict[str, Any]:
    return {
        **registry.board_key(entry.code),
        "number": entry.code,
        "name": entry.name,
        "place": row.get("place"),
        "kvk_number": duo_list.kvk(row.get("kvk_number")),
    }
