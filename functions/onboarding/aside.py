"""Rows of DUO's lists that were set aside, and what a person said of each: plain values.

    set aside ──► released    taken in with what the person corrected
        ├───────► merged      it tells something newer of a code that stands
        └───────► rejected    it stays out

What was said of a row is remembered by what stands in it, so the next issue of the list, with the
same row, is read in the same way and asks nobody again.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from onboarding.duo_list import MAKERS, AsideRow, DuoList, Kind, Row, Sector

DECISIONS = ("release", "merge", "reject")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.LOCATIONS: ("brin6", "name", "place", "board_number"),
    Kind.BOARDS: ("board_number", "board_name"),
}
"""What a person can correct."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A row of a list, by kind and sector, and why it was set aside."""

    kind: str
    sector: str
    reason: str
    values: Mapping[str, str | None]

    @property
    def aside_id(self) -> str:
        """Return the same short id for the same row of the same list."""
        told = json.dumps([self.kind, self.sector, self.reason, self.values], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def source(self) -> str:
        """Return the list; only its next issue can take the row back."""
        return f"{self.kind}-{self.sector}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Return what can be corrected."""
        return FIELDS[Kind(self.kind)]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a row: `row` is what is taken in under `code`, nothing of a reject."""

    aside: Aside
    decision: str
    code: str
    row: Row
    note: str
    account_id: str
    at_epoch_s: int

    def item(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


def said_of_item(item: Mapping[str, Any]) -> Said:
    """Read a stored decision."""
    known = {name: item[name] for name in Said.__dataclass_fields__}
    return Said(**{**known, "aside": Aside(**item["aside"])})


def of_list(read: DuoList) -> list[Aside]:
    """Return the rows of a list that were set aside, each once."""
    found = [_aside(read, row) for row in read.aside]
    return list({one.aside_id: one for one in found}.values())


def _aside(read: DuoList, row: AsideRow) -> Aside:
    return Aside(read.kind.value, read.sector.value, row.reason, dict(row.values))


def with_said(read: DuoList, said: Collection[Said]) -> DuoList:
    """Return a list with the rows that people let in; a code of its own goes before a release."""
    rows = dict(read.rows)
    for one in said:
        if one.decision == "merge" or (one.decision == "release" and one.code not in rows):
            rows[one.code] = one.row
    return DuoList(read.kind, read.sector, rows, read.skipped, read.aside)


def corrected(
    aside: Aside, decision: str, fields: Mapping[str, str], standing: Collection[str]
) -> tuple[str, Row, dict[str, str]]:
    """Return the code and row that a person lets in, and a code per field that is wrong.

    A release brings a code that nobody has, a merge one that stands in the registry.
    """
    if decision == "reject":
        return "", {}, {}
    typed = {name: " ".join(fields.get(name, "").split()) or None for name in aside.fields}
    # A corrected code stands for itself: the column with its first half may be what was wrong.
    values = {**aside.values, **typed, "brin": None}
    made = MAKERS[Kind(aside.kind)](values)
    if made is None:
        return "", {}, {"fields": "sense"}
    code, row = made
    if decision == "release" and code in standing:
        return "", {}, {"fields": "exists"}
    if decision == "merge" and code not in standing:
        return "", {}, {"fields": "unknown"}
    return code, row, {}


def as_list(said: Said) -> DuoList:
    """Return a list of the one row that a person let in."""
    rows = {said.code: said.row}
    return DuoList(Kind(said.aside.kind), Sector(said.aside.sector), rows, 0)
