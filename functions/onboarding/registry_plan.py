"""What an import of a list will write: worked out whole before anything is written.

A list is compared with the index. Nothing is ever taken away: a code that DUO leaves out keeps
its item and its id, and only stops being listed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from onboarding import registry_index
from onboarding.duo_list import DuoList, Fault, Kind, ListRefused, Row
from onboarding.registry_changes import Change, Mutation
from onboarding.registry_index import Entry
from schoolpoort import registry

_FEWEST_OF_PREVIOUS = 0.95
"""A list must have so many rows for each of the previous one; a month changes far less."""
_MOST_MOVED = 0.02
"""So many of the schools may change board in one list, except in the month of 1 August."""
_FEW_SCHOOLS = 10
"""Moves of so few schools are no sign of a broken file, however short the list is."""
_AUGUST = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """An import before it happens.

    `entries` is the whole index as it will be, `rows` has the codes of which the item is written,
    `changed` those of which the index entry changes, `counts` what people are told.
    """

    entries: Mapping[str, Entry]
    rows: frozenset[str]
    changed: frozenset[str]
    counts: Mapping[str, int]

    def promised(self, standing: Mapping[str, Entry]) -> dict[str, Entry]:
        """Return the index for while the items are being written: ids are there, digests not.

        Who finds this later knows which items to write again.
        """
        marked = {code: being_written(self.entries[code], standing) for code in self.rows}
        return {**self.entries, **marked}


def being_written(entry: Entry, standing: Mapping[str, Entry]) -> Entry:
    """Return an entry as it stands while its item is being written."""
    was_there = entry.code in standing and standing[entry.code].exists
    digest = registry_index.BEING_CHANGED if was_there else registry_index.NEVER_WRITTEN
    return replace(entry, digest=digest)


KEPT = ("former_brin6", "renumbered_on", "renumbered_at_epoch_s", "before")
"""What a person's decision wrote on an item, and no list knows (renumbering)."""


def item(
    kind: Kind, row: Row, entry: Entry, stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the item of a row; whose school it is only people change, and what they decided."""
    present = {name: value for name, value in row.items() if value is not None}
    if kind is Kind.BOARDS:
        return {**registry.board_key(entry.code), **present}
    own = {"school_id": entry.school_id, "board_number": entry.board_number}
    own |= {name: stored[name] for name in KEPT if stored and name in stored}
    return {**registry.location_key(entry.code), **present, **own}


def require_whole(read: DuoList, standing: Mapping[str, Entry]) -> None:
    """Raise ListRefused for a list that is much shorter than the previous one of its kind."""
    previous = sum(_is_of(read, entry) and entry.exists for entry in standing.values())
    if len(read.rows) < _FEWEST_OF_PREVIOUS * previous:
        raise ListRefused(Fault.TOO_FEW_ROWS)


def require_calm(changes: Iterable[Change], standing: Mapping[str, Entry], month: int) -> None:
    """Raise ListRefused for a list in which more schools change board than ever happens."""
    codes = {
        code
        for change in changes
        if change.mutation is Mutation.BOARD_CHANGED
        for code in change.codes
    }
    listed = sum(entry.is_listed for entry in standing.values())
    if month != _AUGUST and len(codes) > max(_FEW_SCHOOLS, _MOST_MOVED * listed):
        raise ListRefused(Fault.TOO_MANY_MOVES)


def make(read: DuoList, standing: Mapping[str, Entry], new_id: Callable[[], str]) -> Plan:
    """Plan the import of a list over an index."""
    listed = {
        code: entry_of(read, code, row, standing.get(code), new_id)
        for code, row in read.rows.items()
    }
    missing = {
        code: _left_out(read, entry) for code, entry in standing.items() if code not in listed
    }
    entries = {**missing, **listed}
    rows = {code for code, entry in listed.items() if _digest(standing, code) != entry.digest}
    added = sum(_digest(standing, code) == registry_index.NEVER_WRITTEN for code in rows)
    counts = {
        "rows": len(listed),
        "added": added,
        "changed": len(rows) - added,
        "missing": sum(entry.exists and not entry.is_listed for entry in missing.values()),
        "skipped": read.skipped,
    }
    changed = {code for code, entry in entries.items() if standing.get(code) != entry}
    return Plan(entries, frozenset(rows), frozenset(changed), counts)


def _is_of(read: DuoList, entry: Entry) -> bool:
    return read.sector.value in entry.sectors


def _left_out(read: DuoList, entry: Entry) -> Entry:
    return replace(entry, sectors=entry.sectors.replace(read.sector.value, ""))


def _digest(standing: Mapping[str, Entry], code: str) -> str:
    return standing[code].digest if code in standing else registry_index.NEVER_WRITTEN


def entry_of(
    read: DuoList, code: str, row: Row, standing: Entry | None, new_id: Callable[[], str]
) -> Entry:
    """Return a code's entry; a location keeps its id for ever, and its board until people agree."""
    is_location = read.kind is Kind.LOCATIONS
    fresh_id = new_id() if is_location and standing is None else ""
    listed_board = (row["board_number"] or "") if is_location else code
    is_there = standing is not None and standing.exists
    return Entry(
        code=code,
        school_id=standing.school_id if standing else fresh_id,
        digest=registry_index.digest(row),
        name=row["name"] or "",
        place=row["place"] or "",
        board_number=standing.board_number if standing and is_there else listed_board,
        postcode=row.get("postcode") or "",
        sectors="".join(sorted({*(standing.sectors if standing else ""), read.sector.value})),
    )
