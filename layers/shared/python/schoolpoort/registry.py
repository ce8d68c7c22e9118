"""Schools and boards: a reader of the registry table, which onboarding owns.

A location is what DUO calls a vestiging: six characters of BRIN. Its `school_id` is ours, and
stays when a BRIN changes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort import dynamodb
from schoolpoort.settings import require

_TABLE = "REGISTRY_TABLE"
_LOCATION = "location#"
_BOARD = "board#"
_CHANGE = "change#"
DECIDED = {"entry": "changes#decided"}
"""The key of what `decided_boards` reads."""
_OWN_CODE = re.compile(r"9[0-8][X-Z][A-Z](?:[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class Location:
    """One school location as DUO lists it; one abroad has a `country` and a code of our own.

    A school that got another BRIN keeps its id: `former_brin6` is the code before, in force until
    `renumbered_on`.
    """

    school_id: str
    brin6: str
    name: str
    place: str
    postcode: str | None
    street: str | None
    house_number: str | None
    board_number: str
    phone: str | None
    website: str | None
    holiday_region: str | None = None
    closed_on: str | None = None
    moved_to: str | None = None
    country: str | None = None
    former_brin6: str | None = None
    renumbered_on: str | None = None

    @property
    def brin(self) -> str:
        """Return the four characters of the school that the location belongs to."""
        return self.brin6[:4]

    @property
    def location_code(self) -> str:
        """Return the last two digits; "00" is the main location."""
        return self.brin6[4:]


@dataclass(frozen=True, slots=True)
class Board:
    """One competent authority as DUO lists it; the number is text of five digits."""

    number: str
    name: str
    place: str | None
    phone: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What people decided about a difference in DUO's list (`kind` "M1" to "M9").

    Of a school that changes board (M3) `before` and `after` are board numbers; of other kinds they
    are what people compare: names, codes or addresses.
    `codes` are the locations, or the board, that it is about. `effective_on` is the first day on
    which it holds; before that day the registry still shows the old state. `meaning` says what
    happened in law: "merger" (the other board takes everything over), "transfer" (the schools have
    a new board, its agreements bind it or not), "closed" or "unknown". `board_number` is the board
    whose changes were asked for: `before` or `after` of a school that changed board.
    """

    change_id: str
    kind: str
    board_number: str
    before: str
    after: str
    codes: tuple[str, ...]
    effective_on: str
    meaning: str
    decided_at_epoch_s: int


def is_own_code(code: str) -> bool:
    """Say whether a code of four or six characters is one that DUO never gave, but we did."""
    return bool(_OWN_CODE.fullmatch(code))


def location_key(brin6: str) -> dict[str, str]:
    """Return the key of a location's item."""
    return {"entry": f"{_LOCATION}{brin6}"}


def board_key(number: str) -> dict[str, str]:
    """Return the key of a board's item."""
    return {"entry": f"{_BOARD}{number}"}


def location(brin6: str) -> Location | None:
    """Return a location by its BRIN of six characters; one GetItem.

    A code that a school had before is followed to the one that it has now, a call for each.
    """
    item = dynamodb.get(require(_TABLE), location_key(brin6))
    while item is not None and "renumbered_to" in item:
        item = dynamodb.get(require(_TABLE), location_key(item["renumbered_to"]))
    return None if item is None else _location(item)


def school(school_id: str) -> Location | None:
    """Return a location by our own id; one Query."""
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :school",
        values={":school": school_id},
        index="by_school",
    )
    return _location(items[0]) if items else None


def school_ids() -> list[str]:
    """Return our own ids of all schools that DUO lists or listed; a Scan a megabyte."""
    items = dynamodb.scan(require(_TABLE), names=("school_id",), index="by_school")
    return sorted({item["school_id"] for item in items})


def locations_of_board(board_number: str) -> list[Location]:
    """Return the locations of a board, by name; one Query."""
    items = dynamodb.query(
        require(_TABLE),
        "board_number = :board AND begins_with(entry, :location)",
        values={":board": board_number, ":location": _LOCATION},
        index="by_board",
    )
    return sorted((_location(item) for item in items), key=lambda found: found.name.casefold())


def board(number: str) -> Board | None:
    """Return a board by its number; one GetItem."""
    item = dynamodb.get(require(_TABLE), board_key(number))
    if item is None:
        return None
    return Board(
        number=item["number"],
        name=item["name"],
        place=item.get("place"),
        phone=item.get("phone"),
        website=item.get("website"),
    )


def changes_of_board(number: str) -> list[Change]:
    """Return what people confirmed about a board and its schools, oldest first; one Query.

    So another context learns of transfers, mergers and closures: it asks when it looks at a board.
    """
    items = dynamodb.query(
        require(_TABLE),
        "board_number = :board AND begins_with(entry, :change)",
        values={":board": number, ":change": _CHANGE},
        index="by_board",
    )
    found = [_change(item) for item in items if item["state"] == "confirmed"]
    return sorted(found, key=lambda change: change.decided_at_epoch_s)


def decided_boards() -> dict[str, int]:
    """Return the boards about which people decided lately, with a number that grows; one GetItem.

    Who acts on changes compares the numbers with those that he saw last.
    """
    found = dynamodb.get(require(_TABLE), DECIDED, consistent=True)
    return dict(json.loads(found["boards"])) if found else {}


def _change(item: Mapping[str, Any]) -> Change:
    return Change(
        change_id=item["change_id"],
        kind=item["kind"],
        board_number=item["board_number"],
        before=item["before"],
        after=item["after"],
        codes=tuple(item["codes"]),
        effective_on=item["effective_on"],
        meaning=item["meaning"],
        decided_at_epoch_s=item["decided_at_epoch_s"],
    )


def _location(item: Mapping[str, Any]) -> Location:
    return Location(
        school_id=item["school_id"],
        brin6=item["brin6"],
        name=item["name"],
        place=item["place"],
        postcode=item.get("postcode"),
        street=item.get("street"),
        house_number=item.get("house_number"),
        board_number=item["board_number"],
        phone=item.get("phone"),
        website=item.get("website"),
        holiday_region=item.get("holiday_region"),
        closed_on=item.get("closed_on"),
        moved_to=item.get("moved_to"),
        country=item.get("country"),
        former_brin6=item.get("former_brin6"),
        renumbered_on=item.get("renumbered_on"),
    )
