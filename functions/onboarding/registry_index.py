"""The compact index of the registry: what stands there, without reading every school.

The registry table has one item per location ("location#<BRIN6>") and per board
("board#<number>"), and beside them ten index items of each kind: "index#0" … "index#9" and
"boards#0" … "boards#9", by the second digit of the code, which spreads them evenly. Each holds, as
one JSON text, a map of its codes to what search and comparison need. So an import knows what stands
without a Scan, and one BatchGetItem gives a search all locations (6,107 take about 0.7 MB).

The index is also where a location's own id is kept: it gets the id before the item is written.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NEVER_WRITTEN = ""
"""Digest of a code that has an id, but no item yet."""
BEING_CHANGED = "?"
"""Digest of a code of which the item is being written anew."""

_BRIN6_LENGTH = 6
_WORDS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code in the index.

    `digest` is of the row that was written, or NEVER_WRITTEN or BEING_CHANGED. Boards have no
    `school_id`, and stand for themselves in `board_number`. `is_listed` says whether the newest
    list had the code: what DUO leaves out stays here until people decide.
    """

    code: str
    school_id: str
    digest: str
    name: str
    place: str
    board_number: str
    is_listed: bool = True

    @property
    def exists(self) -> bool:
        """Say whether an item of the code has been written."""
        return self.digest != NEVER_WRITTEN

    def packed(self) -> list[str | bool]:
        """Return the entry as it is stored under its code."""
        told = [self.school_id, self.digest, self.name, self.place, self.board_number]
        return [*told, self.is_listed]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the first entries, and how many there are in all."""

    entries: tuple[Entry, ...]
    total: int


def unpack(items: Iterable[Mapping[str, Any] | None]) -> dict[str, Entry]:
    """Return all entries of stored index items, by code."""
    return {
        code: Entry(code, *packed)
        for item in items
        if item is not None
        for code, packed in json.loads(item["codes"]).items()
    }


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
    grouped: dict[str, dict[str, list[str | bool]]] = {}
    for entry in sorted(entries, key=lambda one: one.code):
        grouped.setdefault(key_of(entry.code), {})[entry.code] = entry.packed()
    return [
        {"entry": key, "codes": json.dumps(codes, ensure_ascii=False, separators=(",", ":"))}
        for key, codes in grouped.items()
    ]


def search(entries: Iterable[Entry], query: str, *, most: int) -> Found:
    """Return the entries of which every word of the query begins a word, by name.

    Case, accents and punctuation do not matter; who types a whole code gets it on top.
    """
    wanted = _words(query)
    if not wanted:
        return Found((), 0)
    found = [entry for entry in entries if entry.exists and _has(entry, wanted)]
    found.sort(key=lambda entry: (entry.code.casefold() not in wanted, entry.name, entry.code))
    return Found(tuple(found[:most]), len(found))


def _has(entry: Entry, wanted: Iterable[str]) -> bool:
    """Say whether each wanted word begins a word of the entry."""
    text = " ".join(["", *_words(f"{entry.code} {entry.name} {entry.place}")])
    return all(f" {part}" in text for part in wanted)


def _words(text: str) -> list[str]:
    """Return the words of a text, without case, accents and punctuation."""
    folded = text.casefold()
    if not folded.isascii():
        letters = unicodedata.normalize("NFKD", folded)
        folded = "".join(one for one in letters if not unicodedata.combining(one))
    return _WORDS.sub(" ", folded).split()
