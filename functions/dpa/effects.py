"""What follows from agreements and declarations: the state of the day, and the schools' coverage.

Everything here may run again at any time and ends in the same rows; only what differs is written.
So a crash after a confirmation is mended by the next run, and so is a school that the registry
gave to the board since.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dpa import agreement_moves, coverage_rows, review_store, store
from dpa.agreement import Agreement
from dpa.coverage_rows import Signed
from dpa.coverage_rules import Declared
from schoolpoort import coverage, registry, tenures
from schoolpoort.coverage import Coverage
from schoolpoort.registry import Location

_SCHOOL_MOVED = "M3"


@dataclass(frozen=True, slots=True)
class Settled:
    """A board as it stands after its effects: `rows_written` is 0 when all was right already.

    `schools` are those that the board holds today.
    """

    agreements: list[Agreement]
    declarations: list[Declared]
    schools: list[tuple[Location, Coverage]]
    rows_written: int


def settle(
    board_number: str,
    now_epoch_s: int,
    *,
    agreement: Agreement | None = None,
    declared: Declared | None = None,
) -> Settled:
    """Begin what begins today, compute the coverage of a board's schools and write what changed.

    `agreement` or `declared` is what the caller has just written: a query that follows a write
    may not show it yet.
    """
    found, declarations = store.of_board(board_number)
    agreements = [_begun(one, now_epoch_s) for one in _with_agreement(found, agreement)]
    declarations = _with_declared(declarations, declared)
    graces = review_store.graces_of(board_number)
    own = Signed(agreements, declarations, graces)
    places = _places(board_number)
    rows = _rows(places, {board_number: own})
    standing = store.coverage_rows([place.school_id for place in places])
    changed = [row for row, old in zip(rows, standing, strict=True) if row != old]
    store.write_coverage(changed)
    today = coverage.amsterdam_day(now_epoch_s)
    schools = [(place, coverage.from_item(row)) for place, row in zip(places, rows, strict=True)]
    held = [one for one in schools if coverage.board_on(one[1], today) == board_number]
    return Settled(agreements, declarations, held, len(changed))


def _places(board_number: str) -> list[Location]:
    """Return the schools that a board holds, held or will hold, as people confirmed it."""
    places = registry.locations_of_board(board_number)
    known = {place.brin6 for place in places}
    moved = {
        code
        for change in registry.changes_of_board(board_number)
        if change.kind == _SCHOOL_MOVED
        for code in change.codes
    }
    found = [registry.location(code) for code in sorted(moved - known)]
    return [*places, *(place for place in found if place is not None)]


def _rows(places: list[Location], signed: dict[str, Signed]) -> list[dict[str, Any]]:
    """Return the coverage of schools; `signed` is what is known already, by board."""
    recorded = tenures.of_schools(place.school_id for place in places)
    held = [
        coverage_rows.holdings_of(recorded[place.school_id], place.board_number, place.closed_on)
        for place in places
    ]
    for number in sorted({one.board_number for each in held for one in each} - signed.keys()):
        signed[number] = Signed(*store.of_board(number), review_store.graces_of(number))
    return [
        coverage_rows.row_of(place.school_id, place.brin6, each, signed, place.former_brin6)
        for place, each in zip(places, held, strict=True)
    ]


def agreements_of(board_number: str) -> list[Agreement]:
    """Return all agreements of a board, as they are kept."""
    return store.of_board(board_number)[0]


def _begun(agreement: Agreement, now_epoch_s: int) -> Agreement:
    if agreement.supersedes_id:
        # What it replaces ends with the same write, which is the business of the clock's run.
        return agreement
    moved = agreement_moves.begun(agreement, now_epoch_s)
    if moved is None:
        return agreement
    try:
        store.write((moved, agreement.version), owes=False)
    except store.ChangedMeanwhile:
        # Another request was first; its coverage is the same from the first day on.
        return agreement
    return moved.agreement


def _with_agreement(found: Iterable[Agreement], written: Agreement | None) -> list[Agreement]:
    newest = {one.agreement_id: one for one in found}
    if written is not None:
        stale = newest.get(written.agreement_id)
        if stale is None or stale.version < written.version:
            newest[written.agreement_id] = written
    return sorted(newest.values(), key=lambda one: one.recorded_at_epoch_s, reverse=True)


def _with_declared(found: Iterable[Declared], written: Declared | None) -> list[Declared]:
    newest = {one.party_id: one for one in found}
    if written is not None:
        stale = newest.get(written.party_id)
        if stale is None or stale.version < written.version:
            newest[written.party_id] = written
    return sorted(newest.values(), key=lambda one: one.party_name.casefold())
