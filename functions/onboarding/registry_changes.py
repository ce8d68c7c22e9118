"""What differs between DUO's newest list and the registry, in the words of people (M1 to M9).

    M1 a board is gone            M4 a school is gone              M7 a location goes on elsewhere
    M2 a board is new             M5 a school is new               M8 another name
    M3 a school changes board     M6 a location is gone or new     M9 another address

A new code, name or address is taken over at once. What ends something, or changes who is
responsible for the pupils, waits for a person: one broken file would else end the agreements of
hundreds of schools, and the list cannot tell a merger of boards from a transfer of schools.
"""

import enum
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from onboarding.duo_list import DuoList, Kind, Row
from onboarding.registry_index import Entry

_ADDRESS = ("street", "house_number", "postcode", "place")
_BRIN = 4


class Mutation(enum.StrEnum):
    """Which kind of change it is."""

    BOARD_GONE = "M1"
    BOARD_NEW = "M2"
    BOARD_CHANGED = "M3"
    SCHOOL_GONE = "M4"
    SCHOOL_NEW = "M5"
    LOCATION_GONE = "M6-"
    LOCATION_NEW = "M6+"
    LOCATION_ELSEWHERE = "M7"
    NAME = "M8"
    ADDRESS = "M9"


WAITING = frozenset(
    {
        Mutation.BOARD_GONE,
        Mutation.BOARD_CHANGED,
        Mutation.SCHOOL_GONE,
        Mutation.LOCATION_GONE,
        Mutation.LOCATION_ELSEWHERE,
    }
)
"""Kinds that change nothing before a person has confirmed them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `subject` is a BRIN of four or six characters or a board's number.

    `codes` are the locations (or the board) that it is about; `before` and `after` are what people
    compare, and what makes the same difference the same change when it is found again.
    """

    mutation: Mutation
    subject: str
    name: str
    before: str
    after: str
    codes: tuple[str, ...]
    board_number: str
    source: str

    @property
    def change_id(self) -> str:
        """Return the same short id for the same difference."""
        told = f"{self.mutation}|{self.subject}|{self.before}|{self.after}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def waits(self) -> bool:
        """Say whether a person has to confirm it."""
        return self.mutation in WAITING


def packed(changes: Iterable[Change]) -> str:
    """Return changes as one JSON text."""
    return json.dumps([asdict(change) for change in changes], ensure_ascii=False)


def unpacked(text: str) -> list[Change]:
    """Return the changes of a JSON text."""
    return [_from_map(each) for each in json.loads(text)]


def _from_map(each: Mapping[str, Any]) -> Change:
    kind, codes = Mutation(each["mutation"]), tuple(each["codes"])
    return Change(**{**each, "mutation": kind, "codes": codes})


def source_of(read: DuoList) -> str:
    """Return which list a change was found in; only its next issue can take it back."""
    return f"{read.kind.value}-{read.sector.value}"


def find(
    read: DuoList, standing: Mapping[str, Entry], rows_before: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """Return every difference between a list and what stands, the heaviest first.

    `rows_before` holds what is stored of the codes of which the row changed. A first list of a
    sector is no change at all.
    """
    known = {
        code: entry
        for code, entry in standing.items()
        if entry.exists and (read.sector.value in entry.sectors or not entry.is_listed)
    }
    if not known:
        return []
    finder = _Finder(read, known, standing, rows_before)
    found = finder.boards() if read.kind is Kind.BOARDS else finder.locations()
    return sorted(found, key=lambda change: (not change.waits, change.mutation, change.subject))


@dataclass(frozen=True, slots=True)
class _Finder:
    read: DuoList
    known: Mapping[str, Entry]
    standing: Mapping[str, Entry]
    rows_before: Mapping[str, Mapping[str, Any]]

    def boards(self) -> Iterator[Change]:
        gone, new = self._gone(), self._new()
        for number in gone:
            name = self.known[number].name
            yield self._change(Mutation.BOARD_GONE, number, name, name, "", (number,))
        for number in new:
            name = self._name(number)
            yield self._change(Mutation.BOARD_NEW, number, name, "", name, (number,))
        yield from self._renamed()

    def locations(self) -> Iterator[Change]:
        gone, new = self._gone(), self._new()
        yield from self._moved()
        yield from self._ended(gone, new)
        yield from self._begun(new)
        yield from self._renamed()
        yield from self._addressed()

    def _gone(self) -> list[str]:
        return [code for code in self.known if code not in self.read.rows]

    def _new(self) -> list[str]:
        return [code for code in self.read.rows if code not in self.standing]

    def _moved(self) -> Iterator[Change]:
        """Yield the schools of which the list names another board, all locations of one together.

        A location that moves apart from its school is a change of its own.
        """
        moves: dict[tuple[str, str, str], list[str]] = {}
        for code, entry in self.known.items():
            row = self.read.rows.get(code)
            if row is not None and row["board_number"] != entry.board_number:
                key = (code[:_BRIN], entry.board_number, row["board_number"] or "")
                moves.setdefault(key, []).append(code)
        for (brin, before, after), codes in moves.items():
            name = self._name(codes[0])
            yield self._change(Mutation.BOARD_CHANGED, brin, name, before, after, tuple(codes))

    def _ended(self, gone: list[str], new: list[str]) -> Iterator[Change]:
        listed = {code[:_BRIN] for code in self.read.rows}
        by_postcode = {self.read.rows[code].get("postcode"): code for code in new}
        for code in gone:
            entry = self.known[code]
            successor = by_postcode.get(entry.postcode) if entry.postcode else None
            if successor is not None and successor[:_BRIN] != code[:_BRIN]:
                kind, after = Mutation.LOCATION_ELSEWHERE, successor
            elif code[:_BRIN] in listed:
                kind, after = Mutation.LOCATION_GONE, ""
            else:
                kind, after = Mutation.SCHOOL_GONE, ""
            yield self._change(kind, code, entry.name, code, after, (code,))

    def _begun(self, new: list[str]) -> Iterator[Change]:
        brins = {code[:_BRIN] for code in self.standing}
        for code in new:
            kind = Mutation.LOCATION_NEW if code[:_BRIN] in brins else Mutation.SCHOOL_NEW
            yield self._change(kind, code, self._name(code), "", code, (code,))

    def _renamed(self) -> Iterator[Change]:
        for code, entry in self.known.items():
            row = self.read.rows.get(code)
            if row is not None and row["name"] != entry.name:
                name = row["name"] or ""
                yield self._change(Mutation.NAME, code, name, entry.name, name, (code,))

    def _addressed(self) -> Iterator[Change]:
        for code, stored in self.rows_before.items():
            row = self.read.rows.get(code)
            before, after = _address(stored), _address(row or {})
            if row is not None and code in self.known and before != after:
                name = self._name(code)
                yield self._change(Mutation.ADDRESS, code, name, before, after, (code,))

    def _name(self, code: str) -> str:
        return self.read.rows[code]["name"] or ""

    def _change(
        self,
        kind: Mutation,
        subject: str,
        name: str,
        before: str,
        after: str,
        codes: tuple[str, ...],
    ) -> Change:
        entry = self.known.get(codes[0])
        board = (
            entry.board_number
            if entry
            else self.read.rows[codes[0]].get("board_number") or codes[0]
        )
        return Change(kind, subject, name, before, after, codes, board, source_of(self.read))


def _address(row: Row | Mapping[str, Any]) -> str:
    return " ".join(str(row[part]) for part in _ADDRESS if row.get(part))
