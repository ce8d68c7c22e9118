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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from schoolpoort import registry
from schoolpoort.errors import SchoolpoortError

_BOM = b"\xef\xbb\xbf"
_BRIN = re.compile(r"[0-9]{2}[A-Z]{2}")
_BRIN6 = re.compile(r"[0-9]{2}[A-Z]{2}[0-9]{2}")
_SUFFIX = re.compile(r"[0-9]{2}")
_BOARD_NUMBER = re.compile(r"[0-9]{5}")
_KVK_LENGTH = 8

Row = Mapping[str, str | None]

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "brin6": ("VESTIGINGSCODE", "VESTIGINGSNUMMER"),
    "brin": ("INSTELLINGSCODE", "BRIN NUMMER"),
    "name": ("VESTIGINGSNAAM",),
    "board_number": (
        "BEVOEGD GEZAG NUMMER",
        "BEVOEGD_GEZAG_NUMMER",
        "BEVOEGD_GEZAGNUMMER",
        "BEVOEGD_GEZAG_CODE",
    ),
    "board_name": ("BEVOEGD GEZAG NAAM",),
    "street": ("STRAATNAAM",),
    "house_number": ("HUISNUMMER-TOEVOEGING",),
    "postcode": ("POSTCODE",),
    "place": ("PLAATSNAAM",),
    "denomination": ("DENOMINATIE",),
    "phone": ("TELEFOONNUMMER",),
    "website": ("INTERNETADRES",),
    "holiday_region": ("VAKANTIEREGIO",),
    "kvk_number": ("KVK-NUMMER",),
    "education": ("SOORT PRIMAIR ONDERWIJS", "SOORT_PRIMAIR_ONDERWIJS"),
}
"""Our field names and the columns they have been found under, today's name first."""


class Fault(enum.StrEnum):
    """Why a whole file is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NOT_A_TABLE = "not_a_table"
    COLUMNS = "columns"
    NO_ROWS = "no_rows"
    TOO_FEW_ROWS = "too_few_rows"
    TOO_MANY_MOVES = "too_many_moves"
    BUSY = "busy"


class ListRefused(SchoolpoortError):
    """A file is no list that can be imported; nothing of it is used.

    `missing` names the columns that a list of this kind needs and the file lacks.
    """

    def __init__(self, fault: Fault, missing: tuple[str, ...] = ()) -> None:
        super().__init__(f"list refused: {fault}")
        self.fault = fault
        self.missing = missing


class Kind(enum.StrEnum):
    """Which of DUO's lists a file is."""

    LOCATIONS = "locations"
    BOARDS = "boards"


class Sector(enum.StrEnum):
    """Which schools a list is of: DUO has one for primary and one for special primary education.

    The second names on each row which kind of special education it is.
    """

    PRIMARY = "b"
    SPECIAL = "s"


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A row that was set aside, with the field because of which, or "duplicate" or "own_code"."""

    reason: str
    values: Row


@dataclass(frozen=True, slots=True)
class DuoList:
    """A list as read: a row per code, every value text or None.

    `skipped` rows had a code or name that makes no sense, or a code that an earlier row has; the
    first of them are `aside`, for people to look at.
    """

    kind: Kind
    sector: Sector
    rows: Mapping[str, Row]
    skipped: int
    aside: tuple[AsideRow, ...] = ()


MOST_ASIDE = 200
"""More broken rows than this are a broken file, which people look at as a whole."""


def read(content: bytes, *, most_bytes: int) -> DuoList:
    """Read a file of at most so many bytes; raises ListRefused when it is none of DUO's lists."""
    if len(content) > most_bytes:
        raise ListRefused(Fault.TOO_LARGE)
    if not content.strip():
        raise ListRefused(Fault.EMPTY)
    lines = _lines(_text(content))
    try:
        places = _places(next(lines, []))
        kind = _kind(places)
        rows, aside = _read_rows(lines, places, kind)
    except csv.Error as error:
        raise ListRefused(Fault.NOT_A_TABLE) from error
    if not rows:
        raise ListRefused(Fault.NO_ROWS)
    sector = Sector.SPECIAL if "education" in places else Sector.PRIMARY
    return DuoList(kind, sector, rows, len(aside), tuple(aside[:MOST_ASIDE]))


def _text(content: bytes) -> str:
    """Decode as UTF-8 where that is what it is, else as Windows-1252.

    Spreadsheets and "Unicode text" have bytes of zero, which no list of DUO has.
    """
    if b"\0" in content:
        raise ListRefused(Fault.NOT_TEXT)
    for encoding in ("utf-8-sig",) if content.startswith(_BOM) else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListRefused(Fault.NOT_TEXT)


def _lines(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _places(header: list[str]) -> dict[str, int]:
    """Return where each field stands; of columns with the same name the first one counts."""
    named = {column.strip().upper(): index for index, column in reversed([*enumerate(header)])}
    return {
        name: next(named[column] for column in columns if column in named)
        for name, columns in _COLUMNS.items()
        if any(column in named for column in columns)
    }


def _kind(places: Mapping[str, int]) -> Kind:
    """Return which list has these columns; raises ListRefused when one that it needs is missing."""
    kind = Kind.BOARDS if "board_name" in places and "brin6" not in places else Kind.LOCATIONS
    missing = tuple(_COLUMNS[name][0] for name in _NEEDS[kind] if name not in places)
    if missing:
        raise ListRefused(Fault.COLUMNS, missing)
    return kind


def _read_rows(
    lines: Iterator[list[str]], places: Mapping[str, int], kind: Kind
) -> tuple[dict[str, Row], list[AsideRow]]:
    make = MAKERS[kind]
    rows: dict[str, Row] = {}
    aside = []
    for cells in lines:
        values = {name: _cell(cells, place) for name, place in places.items()}
        made = make(values)
        if made is not None and made[0] not in rows:
            rows[made[0]] = made[1]
        elif any(values.values()):
            aside.append(AsideRow("duplicate" if made else _reason(kind, values), values))
    return rows, aside


def _reason(kind: Kind, values: Row) -> str:
    """Return the field because of which a row makes no sense."""
    number = values["board_number"] or ""
    if kind is Kind.BOARDS:
        return "board_name" if _BOARD_NUMBER.fullmatch(number) else "board_number"
    if any(registry.is_own_code(values.get(name) or "") for name in ("brin6", "brin")):
        return "own_code"
    if not values["name"] or not values["place"]:
        return "place" if values["name"] else "name"
    return "brin6" if _BOARD_NUMBER.fullmatch(number) else "board_number"


def _cell(cells: list[str], place: int) -> str | None:
    """Return a value on one line, or None where the row is too short or the cell is blank."""
    return " ".join(cells[place].split()) or None if place < len(cells) else None


def _location(values: Row) -> tuple[str, Row] | None:
    """Return a location and its code of six characters, or None for a row without sense.

    Some of DUO's files have only the last two digits under VESTIGINGSCODE.
    """
    code, brin = values["brin6"] or "", values.get("brin") or ""
    if _SUFFIX.fullmatch(code) and _BRIN.fullmatch(brin):
        code = brin + code
    is_sound = _BRIN6.fullmatch(code) and code.startswith(brin)
    number = values["board_number"] or ""
    is_sound = is_sound and not registry.is_own_code(code)
    if not (is_sound and values["name"] and values["place"] and _BOARD_NUMBER.fullmatch(number)):
        return None
    return code, {"brin6": code, **{name: values.get(name) for name in _LOCATION_FIELDS}}


def _board(values: Row) -> tuple[str, Row] | None:
    """Return a board and its number, or None for a row without sense."""
    number = values["board_number"] or ""
    if not (_BOARD_NUMBER.fullmatch(number) and values["board_name"]):
        return None
    return number, {
        "number": number,
        "name": values["board_name"],
        "place": values.get("place"),
        "phone": values.get("phone"),
        "website": values.get("website"),
        "kvk_number": _kvk(values.get("kvk_number")),
    }


def _kvk(number: str | None) -> str | None:
    """Return a KvK number with the leading zeros that the source loses."""
    return number.zfill(_KVK_LENGTH) if number and number.isdecimal() else None


_NEEDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.LOCATIONS: ("brin6", "name", "board_number", "place"),
    Kind.BOARDS: ("board_number", "board_name"),
}
_LOCATION_FIELDS = (
    "name",
    "board_number",
    "street",
    "house_number",
    "postcode",
    "place",
    "denomination",
    "phone",
    "website",
    "holiday_region",
    "education",
)
MAKERS: Mapping[Kind, Callable[[Row], tuple[str, Row] | None]] = {
    Kind.LOCATIONS: _location,
    Kind.BOARDS: _board,
}
"""Make a row of the values of a line, with its code; None for one without sense."""
