"""The compact index of the registry: what stands there, without reading every school.

The registry table has one item per location and per board, and beside them a hundred small items
"index#00" … "index#99" (by the first two digits of the BRIN) and ten "boards#0" … "boards#9".
Each maps a code to what search and comparison need. One BatchGetItem reads all locations'
entries: an import compares with them, a search looks through them.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_MOST_FOUND = 50
_WORDS = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code in the index; `digest` is empty until its item has been written."""

    code: str
    school_id: str
    digest: str
    name: str
    place: str
    board_number: str

    def packed(self) -> list[str]:
        """Return the entry as it is stored under its code."""
        return [self.school_id, self.digest, self.name, self.place, self.board_number]


def unpack(items: Iterable[Mapping[str, Any] | None]) -> dict[str, Entry]:
    """Return all entries of stored index items, by code."""
    return {
        code: Entry(code, *packed)
        for item in items
        if item is not None
        for code, packed in item["codes"].items()
    }


def location_keys() -> list[dict[str, str]]:
    """Return the keys of all index items of locations."""
    return [{"entry": f"index#{number:02d}"} for number in range(100)]


def board_keys() -> list[dict[str, str]]:
    """Return the keys of all index items of boards."""
    return [{"entry": f"boards#{number}"} for number in range(10)]


def key_of(code: str) -> str:
    """Return the entry of the index item that a code stands in."""
    return f"index#{code[:2]}" if len(code) > 5 else f"boards#{code[0]}"  # noqa: PLR2004 - BRIN6


def digest(row: Mapping[str, Any]) -> str:
    """Return a short fingerprint of a row; equal rows have equal ones."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def items(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the index items that hold these entries."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        grouped.setdefault(key_of(entry.code), {})[entry.code] = entry.packed()
    return [{"entry": key, "codes": codes} for key, codes in sorted(grouped.items())]


def search(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Return the entries of which every word of the query begins a word, best known first.

    Case and diacritics do not matter; a whole code finds its own school first.
    """
    wanted = _words(query)
    if not wanted:
        return []
    found = [
        entry
        for entry in entries
        if all(
            any(
                word.startswith(part) for word in _words(f"{entry.code} {entry.name} {entry.place}")
            )
            for part in wanted
        )
    ]
    found.sort(key=lambda entry: (entry.code.casefold() not in wanted, entry.name, entry.code))
    return found[:_MOST_FOUND]


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return [word for word in _WORDS.split(plain) if word]
