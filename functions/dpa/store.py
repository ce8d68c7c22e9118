"""What dpa reads and writes: agreements with their event chain, declarations, coverage rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dpa import agreement as agreements
from dpa import coverage_rules
from dpa.agreement import Agreement
from dpa.coverage_rules import Declared
from schoolpoort import dynamodb, registry
from schoolpoort.dynamodb import Delete, Item, Operation, Put
from schoolpoort.errors import TransactionRefused
from schoolpoort.settings import require

_QUEUE = "waiting"
"""A partition of its own: the agreements that wait for a second person, of all boards."""
_AGREEMENT = "agreement#"
_DECLARATION = "declaration#"
_BATCH = 100


class ChangedMeanwhile(Exception):
    """Somebody else changed the agreement first; nothing was written."""


def find(board_number: str, agreement_id: str) -> Agreement | None:
    """Return one agreement, read consistently, or None."""
    key = {"board_number": board_number, "item_key": f"{_AGREEMENT}{agreement_id}"}
    item = dynamodb.get(require("AGREEMENTS_TABLE"), key, consistent=True)
    return None if item is None else agreements.of_item(item)


def of_board(board_number: str) -> tuple[list[Agreement], list[Declared]]:
    """Return all agreements and declarations of a board."""
    items = dynamodb.query(
        require("AGREEMENTS_TABLE"),
        "board_number = :board",
        values={":board": board_number},
    )
    found = [agreements.of_item(i) for i in items if i["item_key"].startswith(_AGREEMENT)]
    declared = [_declared(i) for i in items if i["item_key"].startswith(_DECLARATION)]
    return found, declared


def waiting() -> list[Item]:
    """Return what waits for a second person, oldest first."""
    items = dynamodb.query(
        require("AGREEMENTS_TABLE"), "board_number = :queue", values={":queue": _QUEUE}
    )
    return sorted(items, key=lambda item: item["recorded_at_epoch_s"])


def record(agreement: Agreement) -> None:
    """Store a new agreement, its first event and its place in the queue, or nothing."""
    table = require("AGREEMENTS_TABLE")
    event = _event(agreement, "recorded", agreement.recorded_by, previous_hash="")
    queued = {
        "board_number": _QUEUE,
        "item_key": _queue_key(agreement),
        "agreement_id": agreement.agreement_id,
        "for_board": agreement.board_number,
        "board_name": agreement.board_name,
        "model": agreement.model.value,
        "recorded_by": agreement.recorded_by,
        "recorded_at_epoch_s": agreement.recorded_at_epoch_s,
        "schema_version": agreements.SCHEMA_VERSION,
    }
    absent = "attribute_not_exists(item_key)"
    _transact(
        [
            Put(table, agreements.item_of(agreement), absent),
            Put(table, event, absent),
            Put(table, queued, absent),
        ]
    )


def confirm(before: Agreement, after: Agreement) -> None:
    """Store a confirmation with its event, and take it out of the queue, or do nothing.

    Raises ChangedMeanwhile when the agreement is not what `before` says any more.
    """
    table = require("AGREEMENTS_TABLE")
    first = dynamodb.get(table, _event_key(before, 1), consistent=True)
    event = _event(after, "confirmed", after.confirmed_by or "", (first or {}).get("hash", ""))
    _transact(
        [
            Put(
                table,
                agreements.item_of(after),
                "#version = :known",
                names={"#version": "version"},
                values={":known": before.version},
            ),
            Put(table, event, "attribute_not_exists(item_key)"),
            Delete(table, {"board_number": _QUEUE, "item_key": _queue_key(before)}),
        ]
    )


def declare(board_number: str, declared: Declared, account_id: str, *, now_epoch_s: int) -> None:
    """Store a board's statement about a party; a newer one takes the place of an older."""
    dynamodb.put(
        require("AGREEMENTS_TABLE"),
        {
            "board_number": board_number,
            "item_key": f"{_DECLARATION}{declared.party_id}",
            **declared.item(),
            "declared_by": account_id,
            "declared_at_epoch_s": now_epoch_s,
            "schema_version": agreements.SCHEMA_VERSION,
        },
    )


def materialise(board_number: str) -> int:
    """Compute the coverage of every school of a board and write the rows that changed.

    Safe to repeat; returns how many rows were written.
    """
    found, declared = of_board(board_number)
    table = require("COVERAGE_TABLE")
    wanted = [
        coverage_rules.coverage_item(place.school_id, place.brin6, board_number, found, declared)
        for place in registry.locations_of_board(board_number)
    ]
    changed = []
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        standing = dynamodb.batch_get([(table, {"school_id": row["school_id"]}) for row in part])
        changed += [new for new, old in zip(part, standing, strict=True) if new != old]
    dynamodb.batch_write(table, puts=changed)
    return len(changed)


def _declared(item: Mapping[str, Any]) -> Declared:
    return Declared(item["party_id"], item["party_name"], item["since"], item["until"])


def _queue_key(agreement: Agreement) -> str:
    return f"{agreement.board_number}#{agreement.agreement_id}"


def _event_key(agreement: Agreement, version: int) -> dict[str, str]:
    item_key = f"event#{agreement.agreement_id}#{version:06d}"
    return {"board_number": agreement.board_number, "item_key": item_key}


def _event(agreement: Agreement, action: str, account_id: str, previous_hash: str) -> Item:
    """Return an event that names the hash of the one before it, and its own."""
    said = {
        "action": action,
        "account_id": account_id,
        "state": agreement.state.value,
        "version": agreement.version,
        "previous_hash": previous_hash,
    }
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return {**_event_key(agreement, agreement.version), **said, "hash": digest}


def _transact(operations: Sequence[Operation]) -> None:
    try:
        dynamodb.transact(operations)
    except TransactionRefused as error:
        raise ChangedMeanwhile from error
