"""Seals: a chain over the digests of events, so that none can be changed, left out or slipped in.

    seal 1 ◄── seal 2 ◄── seal 3 ◄── head
     │ │ │      │ │        │ │ │
    digests of events, in the order of their ids

A seal holds, for some events of one stream, their ids, the digests of what they say and when each
may be forgotten; its hash covers that and the hash of the seal before it. So the bodies of events
may expire one by one, and the chain still shows that nothing else is missing. Seals expire too,
never before an older one; the oldest that stands says when the one before it went.

What it cannot show is who rewrites everything, head included: the head's hash stands in the log and
in every file that was exported before.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schoolpoort.canonical import digest

SCHEMA_VERSION = 1
MOST_EVENTS = 400
"""How many events one seal holds: DynamoDB's items end at 400 KB."""

MARGIN_S = 24 * 60 * 60
"""How long a seal outlives the last of its events."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain of a stream ends; `number` 0 before its first seal."""

    stream: str
    number: int = 0
    hash: str = ""
    last_event_id: str = ""
    seal_expires_at_epoch_s: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain: a code, and the event's id or the seal's number it shows at."""

    code: str
    at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found; `waiting` events are too young to be sealed yet."""

    faults: tuple[Fault, ...]
    seals: int
    sealed: int
    waiting: int

    @property
    def is_whole(self) -> bool:
        """Say whether nothing was changed, left out, slipped in or reordered."""
        return not self.faults


def seal(head: Head, events: Sequence[Mapping[str, Any]], *, now_epoch_s: int) -> dict[str, Any]:
    """Return the item that chains events (oldest first, at least one) to what was sealed before."""
    entries = [
        {
            "event_id": event["event_id"],
            "digest": digest(event),
            "expires_at_epoch_s": event["expires_at_epoch_s"],
        }
        for event in events
    ]
    last = max(entry["expires_at_epoch_s"] for entry in entries) + MARGIN_S
    said = {
        "stream": head.stream,
        "seal_id": seal_id(head.number + 1),
        "number": head.number + 1,
        "previous_hash": head.hash,
        "previous_expires_at_epoch_s": head.seal_expires_at_epoch_s,
        "entries": entries,
        "sealed_at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": max(head.seal_expires_at_epoch_s, last),
        "schema_version": SCHEMA_VERSION,
    }
    return said | {"hash": digest(said)}


def seal_id(number: int) -> str:
    """Return the key of a seal within its stream; keys sort by number."""
    return f"{number:012d}"


def head_after(sealed: Mapping[str, Any]) -> Head:
    """Return the end of a chain after a seal."""
    return Head(
        stream=sealed["stream"],
        number=sealed["number"],
        hash=sealed["hash"],
        last_event_id=sealed["entries"][-1]["event_id"],
        seal_expires_at_epoch_s=sealed["expires_at_epoch_s"],
    )


def verify(
    head: Head,
    chain: Sequence[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
    *,
    now_epoch_s: int,
) -> Verdict:
    """Hold a stream's seals (oldest first) and events against each other and the head.

    Seals and events that are past their time may be there still or not.
    """
    bodies = {event["event_id"]: event for event in events}
    entries = [entry for one in chain for entry in one["entries"]]
    known = {entry["event_id"] for entry in entries}
    waiting = [event_id for event_id in bodies if event_id > head.last_event_id]
    slipped_in = [
        Fault("event_slipped_in", event_id)
        for event_id, event in bodies.items()
        if event_id <= head.last_event_id
        and event_id not in known
        and now_epoch_s < event["expires_at_epoch_s"]
    ]
    faults = [
        *_of_links(head, chain, now_epoch_s),
        *_of_order(entries),
        *_of_bodies(entries, bodies, now_epoch_s),
        *slipped_in,
    ]
    return Verdict(tuple(faults), len(chain), len(entries), len(waiting))


def _of_links(head: Head, chain: Sequence[Mapping[str, Any]], now_epoch_s: int) -> Iterable[Fault]:
    """Find what is wrong with the seals among themselves."""
    if not chain:
        if head.number and now_epoch_s < head.seal_expires_at_epoch_s:
            yield Fault("seal_missing", str(head.number))
        return
    oldest = chain[0]
    is_first = oldest["number"] == 1 and not oldest["previous_hash"]
    if not is_first and now_epoch_s < oldest["previous_expires_at_epoch_s"]:
        yield Fault("seal_missing", str(oldest["number"] - 1))
    for one in chain:
        said = {name: value for name, value in one.items() if name != "hash"}
        if digest(said) != one["hash"]:
            yield Fault("seal_changed", str(one["number"]))
    for before, after in itertools.pairwise(chain):
        if after["previous_hash"] != before["hash"] or after["number"] != before["number"] + 1:
            yield Fault("chain_broken", str(after["number"]))
    if head_after(chain[-1]) != head:
        yield Fault("head_differs", str(head.number))


def _of_order(entries: Sequence[Mapping[str, Any]]) -> Iterable[Fault]:
    for before, after in itertools.pairwise(entries):
        if after["event_id"] <= before["event_id"]:
            yield Fault("event_reordered", after["event_id"])


def _of_bodies(
    entries: Sequence[Mapping[str, Any]], bodies: Mapping[str, Mapping[str, Any]], now_epoch_s: int
) -> Iterable[Fault]:
    for entry in entries:
        body = bodies.get(entry["event_id"])
        if body is None:
            if now_epoch_s < entry["expires_at_epoch_s"]:
                yield Fault("event_missing", entry["event_id"])
        elif digest(body) != entry["digest"]:
            yield Fault("event_changed", entry["event_id"])
