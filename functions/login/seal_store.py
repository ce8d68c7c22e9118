"""The record of sign-ins and its seals, as the sealer and the pages of the record read them.

Seals stand in a table of their own: whoever writes events cannot seal, and who seals writes no
event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from login import seals
from login.seals import Head
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item, Put
from schoolpoort.errors import TransactionRefused
from schoolpoort.settings import require

_EVENTS = "SIGN_IN_EVENTS_TABLE"
_SEALS = "SIGN_IN_SEALS_TABLE"
_HEAD = "head"
_AFTER = "!"
"""Sorts before "#", so that an id with this behind it is the next place in a stream."""

_LAST = "~"


@dataclass(frozen=True, slots=True)
class Record:
    """A stream as it stands: where its chain ends, its seals and events, oldest first."""

    head: Head
    chain: list[Item]
    events: list[Item]


def head(stream: str) -> Head:
    """Return where the chain of a stream ends; one GetItem, read consistently."""
    item = dynamodb.get(require(_SEALS), {"stream": stream, "seal_id": _HEAD}, consistent=True)
    if item is None:
        return Head(stream)
    return Head(
        stream=stream,
        number=item["number"],
        hash=item["hash"],
        last_event_id=item["last_event_id"],
        seal_expires_at_epoch_s=item["seal_expires_at_epoch_s"],
    )


def events_after(stream: str, event_id: str, *, before_epoch_s: int, limit: int) -> list[Item]:
    """Return events that follow one, older than a moment, oldest first; one Query."""
    return dynamodb.query(
        require(_EVENTS),
        "stream = :stream AND event_id BETWEEN :from AND :to",
        values={
            ":stream": stream,
            ":from": event_id + _AFTER,
            ":to": f"{before_epoch_s:012d}",
        },
        limit=limit,
    )


def add_seal(sealed: Mapping[str, Any], onto: Head) -> bool:
    """Write a seal and move the head, or do neither: then another run was first."""
    moved = seals.head_after(sealed)
    head_item = {
        "stream": moved.stream,
        "seal_id": _HEAD,
        "number": moved.number,
        "hash": moved.hash,
        "last_event_id": moved.last_event_id,
        "seal_expires_at_epoch_s": moved.seal_expires_at_epoch_s,
        "schema_version": seals.SCHEMA_VERSION,
    }
    stands = "#hash = :known" if onto.number else "attribute_not_exists(seal_id)"
    names = {"names": {"#hash": "hash"}, "values": {":known": onto.hash}} if onto.number else {}
    try:
        dynamodb.transact(
            [
                Put(require(_SEALS), sealed, "attribute_not_exists(seal_id)"),
                Put(require(_SEALS), head_item, stands, **names),
            ]
        )
    except TransactionRefused:
        return False
    return True


def record_of(stream: str) -> Record:
    """Return a whole stream."""
    found = chain_of(stream)
    return Record(found.head, found.chain, events_between(stream, "", _LAST))


def chain_of(stream: str) -> Record:
    """Return a stream without its events.

    The head is read first and what came after it left out, so that a run of the sealer in between
    makes no difference.
    """
    end = head(stream)
    chain = dynamodb.query(
        require(_SEALS),
        "stream = :stream AND seal_id BETWEEN :first AND :last",
        values={
            ":stream": end.stream,
            ":first": seals.seal_id(0),
            ":last": seals.seal_id(end.number),
        },
    )
    return Record(end, chain, [])


def events_between(stream: str, first: str, last: str, *, limit: int | None = None) -> list[Item]:
    """Return the events of a stream with ids in a range, oldest first; one Query a megabyte."""
    return dynamodb.query(
        require(_EVENTS),
        "stream = :stream AND event_id BETWEEN :first AND :last",
        values={":stream": stream, ":first": first or "0", ":last": last},
        limit=limit,
    )


def latest_events(stream: str, limit: int) -> list[Item]:
    """Return the latest events of a stream, the newest first; one Query."""
    return dynamodb.query(
        require(_EVENTS),
        "stream = :stream",
        values={":stream": stream},
        newest_first=True,
        limit=limit,
    )


def addresses_between(stream: str, first: str, last: str) -> dict[str, str]:
    """Return the address of each event in a range that is kept still, by event id; one Query."""
    items = dynamodb.query(
        require("SIGN_IN_ADDRESSES_TABLE"),
        "stream = :stream AND event_id BETWEEN :first AND :last",
        values={":stream": stream, ":first": first or "0", ":last": last},
    )
    return {item["event_id"]: item["source_ip"] for item in items if "source_ip" in item}
