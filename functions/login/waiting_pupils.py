"""A pupil who does not come in waits in his own browser until the teacher lets that one in.

    (nothing) ──asks──► waiting ──teacher lets in──► let in ──the browser comes in──► (nothing)
                           │                            │
                           └──ten minutes, sent away────┴──two minutes──► (nothing)

No secret is told or typed. The browser holds 256 random bits; what is stored under their hash is
who waits there. Three pictures made from that hash stand on both screens, so that a teacher sees
which of two browsers is that of the child in front of her. Letting in counts for that browser,
once: whoever is first to use it removes it in the same transaction that starts the session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from login import pictures
from login.pictures import Picture

SCHEMA_VERSION = 1
WAIT_LIFE_S = 10 * 60
"""How long a browser waits before it must ask again."""

LET_IN_LIFE_S = 2 * 60
"""How long a browser may take to come in after the teacher pressed."""

_SIGNS = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A browser that waits. `ref` is the hash of its secret, `browser` what it calls itself."""

    ref: str
    person_id: str
    browser: str
    asked_at_epoch_s: int
    expires_at_epoch_s: int
    is_let_in: bool

    def holds(self, now_epoch_s: int) -> bool:
        """Say whether it still counts."""
        return now_epoch_s < self.expires_at_epoch_s

    @property
    def signs(self) -> tuple[Picture, ...]:
        """Return the pictures that stand on both screens."""
        return signs_of(self.ref)


def door_key(code: str, group_id: str) -> str:
    """Return the partition of those who wait at a group of the school with this short code."""
    return f"waiting#{code}#{group_id}"


def signs_of(ref: str) -> tuple[Picture, ...]:
    """Return three pictures of different animals that follow from a hash."""
    number = int(ref, 16)
    left = list(pictures.ANIMALS)
    found = []
    for _ in range(_SIGNS):
        number, at = divmod(number, len(left))
        number, plate = divmod(number, len(pictures.PLATES))
        found.append(Picture(left.pop(at), pictures.PLATES[plate]))
    return tuple(found)


def item(
    code: str, group_id: str, ref: str, person_id: str, *, browser: str, now_epoch_s: int
) -> dict[str, Any]:
    """Return the item of a browser that begins to wait."""
    return {
        "door_key": door_key(code, group_id),
        "item_key": ref,
        "person_id": person_id,
        "browser": browser,
        "asked_at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": now_epoch_s + WAIT_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(kept: Mapping[str, Any]) -> Waiting:
    """Read who waits from its item."""
    return Waiting(
        ref=kept["item_key"],
        person_id=kept["person_id"],
        browser=kept["browser"],
        asked_at_epoch_s=kept["asked_at_epoch_s"],
        expires_at_epoch_s=kept["expires_at_epoch_s"],
        is_let_in="let_in_at_epoch_s" in kept,
    )
