"""Which agreements cover a school: computed from agreements, never a flag.

An agreement for one location goes before one for its school, that before one for the whole
board; of equals the newest model goes first, then the latest start. Waiting agreements come last
and cover nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dpa.agreement import Agreement
from dpa.agreement_states import State
from schoolpoort.coverage import CoverageState

SCHEMA_VERSION = 1
_COVERING = frozenset({State.ACTIVE, State.SCHEDULED, State.NOTICE_GIVEN})
_WAITING = frozenset({State.SIGNED_BOARD, State.VERIFYING, State.RETURNED})


@dataclass(frozen=True, slots=True)
class Declared:
    """The board's statement of an agreement with another party; dates are ISO days."""

    party_id: str
    party_name: str
    since: str
    until: str | None

    def item(self) -> dict[str, Any]:
        """Return what is stored of it with each school."""
        return {
            "party_id": self.party_id,
            "party_name": self.party_name,
            "since": self.since,
            "until": self.until,
        }


def specificity(agreement: Agreement, brin6: str) -> int | None:
    """Return 2 for an agreement for this location, 1 for its school, 0 for the board, or None."""
    if agreement.covers_all_schools:
        return 0
    if brin6 in agreement.scope_codes:
        return 2
    return 1 if brin6[:4] in agreement.scope_codes else None


def _precedence(agreement: Agreement, brin6: str) -> tuple[bool, int, str, str]:
    return (
        agreement.state in _COVERING,
        specificity(agreement, brin6) or 0,
        agreement.model.value,
        agreement.effective_from.isoformat(),
    )


def coverage_item(
    school_id: str,
    brin6: str,
    board_number: str,
    agreements: Iterable[Agreement],
    declarations: Iterable[Declared],
) -> dict[str, Any]:
    """Return the coverage of one school as it is stored, its periods by precedence."""
    applying = [
        agreement
        for agreement in agreements
        if agreement.state in _COVERING | _WAITING and specificity(agreement, brin6) is not None
    ]
    applying.sort(key=lambda agreement: _precedence(agreement, brin6), reverse=True)
    return {
        "school_id": school_id,
        "board_number": board_number,
        "periods": [_period(agreement, brin6) for agreement in applying],
        "declarations": [
            entry.item() for entry in sorted(declarations, key=lambda entry: entry.party_id)
        ],
        "schema_version": SCHEMA_VERSION,
    }


def _period(agreement: Agreement, brin6: str) -> Mapping[str, Any]:
    if agreement.state in _WAITING:
        state = CoverageState.PENDING
    elif specificity(agreement, brin6) == 0:
        state = CoverageState.COVERED_BOARD
    else:
        state = CoverageState.COVERED_SCHOOL
    return {
        "state": state.value,
        "agreement_id": agreement.agreement_id,
        "since": agreement.effective_from.isoformat(),
        "until": None,
    }
