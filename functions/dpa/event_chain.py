"""Events in a chain: each names the hash of the one before it, so that none can go or change.

The hash is SHA-256 over canonical JSON (sorted names, no spaces, UTF-8) of everything the event
says, the hash before it included. A chain begins with an empty text.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from schoolpoort.canonical import digest

__all__ = ["digest", "is_whole", "linked"]


def linked(said: Mapping[str, Any], previous_hash: str) -> dict[str, Any]:
    """Return an event with its place in the chain."""
    placed = {**said, "previous_hash": previous_hash}
    return {**placed, "hash": digest(placed)}


def is_whole(events: Iterable[Mapping[str, Any]], head: str) -> bool:
    """Say whether events, oldest first, are one unbroken chain that ends in `head`."""
    previous_hash = ""
    for event in events:
        said = {name: value for name, value in event.items() if name != "hash"}
        if said.get("previous_hash") != previous_hash or digest(said) != event.get("hash"):
            return False
        previous_hash = event["hash"]
    return previous_hash == head
