"""What dpa reads and writes: agreements with their event chain, declarations, coverage rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpa import agreement as agreements
from dpa import event_chain
from dpa.agreement import Agreement
from dpa.agreement_moves import Moved
from dpa.agreement_states import TERMINAL, State
from dpa.coverage_rules import Declared
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Delete, Item, Operation, Put
from schoolpoort.errors import SchoolpoortError, TransactionRefused
from schoolpoort.settings import require

_WAITING = "waiting"
"""A partition of its own: the agreements that wait for a second person, of all boards."""
_LIVE = "live"
"""A partition of its own: every agreement that has not ended, of all boards."""
_OUTBOX = "outbox"
"""A partition of its own: what moves still owe, mails and the coverage of schools."""
_CONFIRMED = "confirmed"
"""A partition of its own: the agreements that were confirmed, of all boards, by moment."""
_AGREEMENT = "agreement#"
_DECLARATION = "declaration#"
_ABSENT = "attribute_not_exists(item_key)"


class ChangedMeanwhile(SchoolpoortError):
    """Somebody else changed it first; nothing was written."""


def find(board_number: str, agreement_id: str) -> Agreement | None:
    """Return one agreement, read consistently, or None."""
    key = {"board_number": board_number, "item_key": f"{_AGREEMENT}{agreement_id}"}
    item = dynamodb.get(require("AGREEMENTS_TABLE"), key, consistent=True)
    return None if item is None else agreements.of_item(item)


def of_board(board_number: str) -> tuple[list[Agreement], list[Declared]]:
    """Return all agreements and declarations of a board; one Query each, without the events."""
    found = _of_board(board_number, _AGREEMENT)
    declared = _of_board(board_number, _DECLARATION)
    return [agreements.of_item(item) for item in found], [_declared(item) for item in declared]


def waiting() -> list[Agreement]:
    """Return what waits for a check or a second person, oldest first."""
    found = [agreements.of_item(item["agreement"]) for item in _partition(_WAITING)]
    return sorted(found, key=lambda agreement: agreement.recorded_at_epoch_s)


def live() -> list[Agreement]:
    """Return every agreement of every board that has not ended, as it stands; one Query."""
    return [agreements.of_item(item["agreement"]) for item in _partition(_LIVE)]


def last_confirmed(limit: int) -> list[Agreement]:
    """Return the agreements that were confirmed last, newest first, as they were then."""
    items = _partition(_CONFIRMED, newest_first=True, limit=limit)
    return [agreements.of_item(item["agreement"]) for item in items]


def write(
    *changes: tuple[Moved, int],
    more: Sequence[Operation] = (),
    mails: Sequence[Item] = (),
    owes: bool = True,
) -> None:
    """Store agreements after their moves, with events, lists and what is owed, or nothing.

    A change names the version it was made from; 0 is a new agreement. What is owed, mails and the
    coverage of the board's schools, lies in the outbox until it was done. Raises ChangedMeanwhile
    when another version stands.
    """
    operations = [operation for change in changes for operation in _change(*change)]
    first = changes[0][0].agreement
    if owes:
        entry = {
            "board_number": _OUTBOX,
            "item_key": f"{first.agreement_id}#{first.version:06d}",
            "of_board": first.board_number,
            "mails": list(mails),
            "schema_version": agreements.SCHEMA_VERSION,
        }
        operations.append(Put(require("AGREEMENTS_TABLE"), entry))
    _transact([*operations, *more])


def outbox() -> list[Item]:
    """Return what is still owed: each with its `mails`, and `of_board` whose coverage follows."""
    return _partition(_OUTBOX)


def take_from_outbox(entry: Mapping[str, Any]) -> None:
    """Forget what was owed: the mail queue has the mails, and the coverage is written."""
    dynamodb.delete(
        require("AGREEMENTS_TABLE"), {"board_number": _OUTBOX, "item_key": entry["item_key"]}
    )


def events(board_number: str, stream: str) -> list[Item]:
    """Return what was kept of an agreement's or declaration's events, oldest first."""
    items = _of_board(board_number, f"event#{stream}#")
    return [item["event"] for item in items]


def declaration(board_number: str, party_id: str) -> Declared | None:
    """Return what a board declares of a party, read consistently, or None."""
    key = {"board_number": board_number, "item_key": f"{_DECLARATION}{party_id}"}
    item = dynamodb.get(require("AGREEMENTS_TABLE"), key, consistent=True)
    return None if item is None else _declared(item)


def declare(
    board_number: str, declared: Declared, account_id: str, *, now_epoch_s: int
) -> Declared:
    """Store a statement about a party in the place of an older one; the chain keeps both.

    `declared.version` and its hash are those of what it replaces. Returns what was stored; raises
    ChangedMeanwhile when that is not what stands any more.
    """
    version = declared.version + 1
    said = {
        **declared.item(),
        "version": version,
        "account_id": account_id,
        "at_epoch_s": now_epoch_s,
    }
    event = event_chain.linked(said, declared.last_event_hash)
    stream = f"{_DECLARATION}{declared.party_id}"
    item = {
        "board_number": board_number,
        "item_key": stream,
        **said,
        "last_event_hash": event["hash"],
        "schema_version": agreements.SCHEMA_VERSION,
    }
    _transact([_guarded(item, declared.version), _event_put(board_number, stream, event)])
    return _declared(item)


def coverage_rows(school_ids: Sequence[str]) -> list[Item | None]:
    """Return what stands in the coverage table for schools, in their order."""
    table = require("COVERAGE_TABLE")
    return dynamodb.batch_get([(table, {"school_id": school_id}) for school_id in school_ids])


def write_coverage(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write coverage rows; each stands alone, so a crash in between is mended by a rerun."""
    dynamodb.batch_write(require("COVERAGE_TABLE"), puts=rows)


def _of_board(board_number: str, prefix: str) -> list[Item]:
    return dynamodb.query(
        require("AGREEMENTS_TABLE"),
        "board_number = :board AND begins_with(item_key, :prefix)",
        values={":board": board_number, ":prefix": prefix},
    )


def _partition(name: str, *, newest_first: bool = False, limit: int | None = None) -> list[Item]:
    return dynamodb.query(
        require("AGREEMENTS_TABLE"),
        "board_number = :name",
        values={":name": name},
        newest_first=newest_first,
        limit=limit,
    )


def _declared(item: Mapping[str, Any]) -> Declared:
    return Declared(
        party_id=item["party_id"],
        party_name=item["party_name"],
        since=item["since"],
        until=item["until"],
        version=item["version"],
        last_event_hash=item["last_event_hash"],
    )


def _queue_key(agreement: Agreement) -> str:
    return f"{agreement.board_number}#{agreement.agreement_id}"


def _listed(partition: str, item_key: str, agreement: Agreement) -> Put:
    item = {
        "board_number": partition,
        "item_key": item_key,
        "agreement": agreements.item_of(agreement),
        "schema_version": agreements.SCHEMA_VERSION,
    }
    return Put(require("AGREEMENTS_TABLE"), item)


def _change(moved: Moved, known_version: int) -> list[Operation]:
    """Return the writes of an agreement, its events, and its place in the lists of all boards."""
    after = moved.agreement
    item = {**agreements.item_of(after), "item_key": f"{_AGREEMENT}{after.agreement_id}"}
    put_events = [
        _event_put(after.board_number, after.agreement_id, event) for event in moved.events
    ]
    listed = [
        _kept(_WAITING, after, is_in=after.state is State.VERIFYING),
        _kept(_LIVE, after, is_in=after.state not in TERMINAL),
    ]
    if any(event["move"] == "A08" for event in moved.events):
        at_key = f"{after.confirmed_at_epoch_s:012d}#{_queue_key(after)}"
        listed.append(_listed(_CONFIRMED, at_key, after))
    return [_guarded(item, known_version), *put_events, *listed]


def _kept(partition: str, agreement: Agreement, *, is_in: bool) -> Operation:
    key = _queue_key(agreement)
    if is_in:
        return _listed(partition, key, agreement)
    return Delete(require("AGREEMENTS_TABLE"), {"board_number": partition, "item_key": key})


def _guarded(item: Item, known_version: int) -> Put:
    """Return the write of an item that stands in this version; version 0 is no item yet."""
    table = require("AGREEMENTS_TABLE")
    if known_version == 0:
        return Put(table, item, _ABSENT)
    names, values = {"#version": "version"}, {":known": known_version}
    return Put(table, item, "#version = :known", names=names, values=values)


def _event_put(board_number: str, stream: str, event: Mapping[str, Any]) -> Put:
    item = {
        "board_number": board_number,
        "item_key": f"event#{stream}#{event['version']:06d}",
        "event": event,
        "schema_version": agreements.SCHEMA_VERSION,
    }
    return Put(require("AGREEMENTS_TABLE"), item, _ABSENT)


def _transact(operations: Sequence[Operation]) -> None:
    try:
        dynamodb.transact(operations)
    except TransactionRefused as error:
        raise ChangedMeanwhile from error
