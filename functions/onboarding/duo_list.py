"""DUO's open lists of school locations and of boards, in each generation of their layout.

The old site gives `;` and Windows-1252, the new portal `,` and UTF-8 with a byte order mark;
columns are found by name, because names, order and number have changed. Codes are text: leading
zeros count. A blank cell of the old site is one space.
Source: DUO open onderwijsdata, "adressen" of primary education.
"""

import csv
import enum
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schoolpoort.errors import SchoolpoortError

_BOM = b"\xef\xbb\xbf"
_BRIN6 = re.compile(r"[0-9]{2}[A-Z]{2}[0-9]{2}")
_BOARD_NUMBER = re.compile(r"[0-9]{5}")
_KVK_LENGTH = 8

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "brin6": ("VESTIGINGSCODE", "VESTIGINGSNUMMER"),
    "name": ("VESTIGINGSNAAM",),
    "board_number": (
        "BEVOEGD GEZAG NUMMER",
        "BEVOEGD_GEZAG_NUMMER",
        "BEVOEGD_GEZAGNUMMER",
        "BEVOEGD_GEZAG_CODE",
    ),
    "board_name": ("BEVOEGD GEZAG NAAM",),
    "street": ("STRAATNAAM",),
    "postcode": ("POSTCODE",),
    "place": ("PLAATSNAAM",),
    "phone": ("TELEFOONNUMMER",),
    "kvk_number": ("KVK-NUMMER",),
}
"""Our field names and the columns they have been found under."""

_LOCATION_NEEDS = ("brin6", "name", "board_number", "place")
_BOARD_NEEDS = ("board_number", "board_name")


class Fault(enum.StrEnum):
    """Why a whole file is refused."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    COLUMNS = "columns"
    NO_ROWS = "no_rows"
    TOO_FEW_ROWS = "too_few_rows"


class ListRefused(SchoolpoortError):
    """A file is no list that can be imported; nothing of it is used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"list refused: {fault}")
        self.fault = fault


class Kind(enum.StrEnum):
    """Which of DUO's lists a file is."""

    LOCATIONS = "locations"
    BOARDS = "boards"


@dataclass(frozen=True, slots=True)
class DuoList:
    """A list as read: a row per code, every value text or None; `skipped` rows made no sense."""

    kind: Kind
    rows: Mapping[str, Mapping[str, str | None]]
    skipped: int


def read(content: bytes) -> DuoList:
    """Read a file; raises ListRefused when it is none of DUO's lists."""
    if not content.strip():
        raise ListRefused(Fault.EMPTY)
    rows = _rows(_text(content))
    header = next(rows, [])
    places = _places(header)
    if all(name in places for name in _LOCATION_NEEDS):
        kind, code, pattern = Kind.LOCATIONS, "brin6", _BRIN6
        fields = _LOCATION_FIELDS
    elif all(name in places for name in _BOARD_NEEDS):
        kind, code, pattern = Kind.BOARDS, "board_number", _BOARD_NUMBER
        fields = _BOARD_FIELDS
    else:
        raise ListRefused(Fault.COLUMNS)
    found: dict[str, Mapping[str, str | None]] = {}
    skipped = 0
    for cells in rows:
        row = {name: _cell(cells, places.get(name)) for name in fields}
        key = row[code] or ""
        if not pattern.fullmatch(key) or not _is_complete(row, kind):
            skipped += bool(any(cell.strip() for cell in cells))
            continue
        found[key] = row
    if not found:
        raise ListRefused(Fault.NO_ROWS)
    return DuoList(kind, found, skipped)


_LOCATION_FIELDS: tuple[str, ...] = (
    "brin6",
    "name",
    "board_number",
    "street",
    "postcode",
    "place",
    "phone",
)
_BOARD_FIELDS: tuple[str, ...] = ("board_number", "board_name", "place", "kvk_number")


def _text(content: bytes) -> str:
    if content.startswith(_BOM):
        return content.decode("utf-8-sig", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ListRefused(Fault.NOT_TEXT) from error


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _places(header: list[str]) -> dict[str, int]:
    named = {column.strip().upper(): index for index, column in reversed([*enumerate(header)])}
    return {
        name: named[column]
        for name, columns in _COLUMNS.items()
        for column in columns
        if column in named
    }


def _cell(cells: list[str], place: int | None) -> str | None:
    if place is None or place >= len(cells):
        return None
    return cells[place].strip() or None


def _is_complete(row: Mapping[str, str | None], kind: Kind) -> bool:
    if kind is Kind.BOARDS:
        return bool(row["board_name"])
    number = row["board_number"] or ""
    return bool(row["name"] and row["place"] and _BOARD_NUMBER.fullmatch(number))


def kvk(number: str | None) -> str | None:
    """Return a KvK number with the leading zeros that the source loses."""
    return number.zfill(_KVK_LENGTH) if number and number.isdigit() else None
