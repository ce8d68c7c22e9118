"""Which ECK iDs a school has and until when: as long as somebody is known by each, and no longer.

somebody at the school, or about to be let in ... kept
only somebody who left .......................... until he is forgotten
nobody any more ................................. thirty days, while a run can be taken back
"""

from collections.abc import Mapping
from dataclasses import dataclass

from roster_sync.held import Held
from roster_sync.records import Snapshot
from roster_sync.undo import KEPT_S

Ends = Mapping[str, int | None]
"""By mark: when the ECK iD goes; None while somebody is here with it."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What becomes of ECK iDs: marks that are new, and other ends of those that are kept."""

    new: frozenset[str]
    ends: Ends


def ends_of(people: Snapshot, held: Held) -> Ends:
    """Return when each ECK iD of a school goes."""
    ends: dict[str, int | None] = {}
    for one in people.people.values():
        if one.eck_mark is not None and ends.get(one.eck_mark, 0) is not None:
            ends[one.eck_mark] = None if one.active else one.erased_at_epoch_s
    return ends | {one.eck_mark: None for one in held.newcomers if one.eck_mark is not None}


def moves(before: Ends, after: Ends, now_epoch_s: int) -> Moves:
    """Return what is to be written when a school becomes another."""
    kept = {mark: end for mark, end in after.items() if mark in before and before[mark] != end}
    gone = dict.fromkeys(before.keys() - after.keys(), now_epoch_s + KEPT_S)
    return Moves(frozenset(after.keys() - before.keys()), kept | gone)
