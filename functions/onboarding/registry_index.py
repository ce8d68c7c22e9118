"""The compact index of the registry: what stands there, without reading every school.

The registry table has one item per location ("location#<BRIN6>") and per board
("board#<number>"), and beside them ten index items of each kind: "index#0" … "index#9" and
"boards#0" … "boards#9", by the second digit of the code, which spreads them evenly. Each holds, as
one JSON text, a map of its codes to what search and comparison need. So an import knows what stands
without a Scan, and one BatchGetItem gives a search all locations (6,107 take about 0.8 MB).
"stamp#index" changes with every write of the index: whoever keeps a copy asks only for that.

The index is also where a location's own id is kept: it gets the id before the item is written.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NEVER_WRITTEN = ""
"""Digest of a code that has an id, but no item yet."""
BEING_CHANGED = "?"
"""Digest of a code of which the item is being written anew."""

_BRIN6_LENGTH = 6
_PACKED_BEFORE_SECTORS = 6
"""Length of an entry of the first layout, which ended in yes or no for "is listed"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code in the index.

    `digest` is of the row that was written, or NEVER_WRITTEN or BEING_CHANGED. Boards have no
    `school_id`, and stand for themselves in `board_number`, which for a location is the board that
    people agreed to, whatever the newest list says. `sectors` names the lists that have the code in
    their newest issue: "b" of primary, "s" of special primary education, "bs" of both, none for
    what DUO left out and people have not decided about.
    """

    code: str
    school_id: str
    digest: str
    name: str
    place: str
    board_number: str
    postcode: str = ""
    sectors: str = "b"

    @property
    def exists(self) -> bool:
        """Say whether an item of the code has been written."""
        return self.digest != NEVER_WRITTEN

    @property
    def is_listed(self) -> bool:
        """Say whether the newest list of a sector has the code."""
        return bool(self.sectors)

    def packed(self) -> list[str]:
        """Return the entry as it is stored under its code."""
        told = [self.school_id, self.digest, self.name, self.place, self.board_number]
        return [*told, self.postcode, self.sectors]


def unpack(items: Iterable[Mapping[str, Any] | None]) -> dict[str, Entry]:
    """Return all entries of stored index items, by code."""
    return {
        code: _unpacked(code, packed)
        for item in items
        if item is not None
        for code, packed in json.loads(item["codes"]).items()
    }


def _unpacked(code: str, packed: list[Any]) -> Entry:
    if len(packed) == _PACKED_BEFORE_SECTORS:
        *told, is_listed = packed
        school_id, digest_, name, place, board_number = told
        sectors = "b" if is_listed else ""
        return Entry(code, school_id, digest_, name, place, board_number, "", sectors)
    return Entry(code, *packed)


def location_keys() -> list[dict[str, str]]:
    """Return the keys of all index items of locations."""
    return [{"entry": f"index#{digit}"} for digit in range(10)]


def board_keys() -> list[dict[str, str]]:
    """Return the keys of all index items of boards."""
    return [{"entry": f"boards#{digit}"} for digit in range(10)]


def key_of(code: str) -> str:
    """Return the entry of the index item that a BRIN6 or a board number stands in."""
    return f"index#{code[1]}" if len(code) == _BRIN6_LENGTH else f"boards#{code[1]}"


def digest(row: Mapping[str, Any]) -> str:
    """Return a short fingerprint of a row; equal rows have equal ones."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def items(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the index items that hold these entries."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for entry in sorted(entries, key=lambda one: one.code):
        grouped.setdefault(key_of(entry.code), {})[entry.code] = entry.packed()
    return [
        {"entry": key, "codes": json.dumps(codes, ensure_ascii=False, separators=(",", ":"))}
        for key, codes in grouped.items()
    ]
