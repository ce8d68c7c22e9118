"""Which agreements cover a school: computed from agreements, never a flag.

An agreement for one location goes before one for its school, that before one for the whole
board; of equals the newest model goes first, then the latest start. One that is suspended blocks,
one that is not confirmed yet waits; neither covers, nor stands in the way of one that does. An
agreement that has ended still tells which days it covered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dpa.agreement import Agreement
from dpa.agreement_states import State
from dpa.transfer_grace import Grace
from schoolpoort.coverage import CoverageState, amsterdam_day

SCHEMA_VERSION = 1
_HOLDING = frozenset({State.ACTIVE, State.SCHEDULED, State.NOTICE_GIVEN, State.TRANSFER_REVIEW})
"""A review ends nothing by itself: until people decide, the agreement holds as it did."""
_ENDED = frozenset({State.SUPERSEDED, State.TERMINATED, State.EXPIRED})
_WAITING = frozenset(
    {
        State.OFFERED,
        State.IN_REVIEW,
        State.QUESTIONS,
        State.READY_TO_SIGN,
        State.SIGNED_BOARD,
        State.VERIFYING,
        State.RETURNED,
    }
)
_RANKS = {
    CoverageState.COVERED_SCHOOL: 2,
    CoverageState.COVERED_BOARD: 2,
    CoverageState.BLOCKED: 1,
    CoverageState.PENDING: 0,
}


@dataclass(frozen=True, slots=True)
class Declared:
    """The board's statement of an agreement with another party; dates are ISO days.

    `until` is the first day outside; None is an agreement without a known end. `version` and
    `last_event_hash` are those of its own chain of events.
    """

    party_id: str
    party_name: str
    since: str
    until: str | None
    version: int = 0
    last_event_hash: str = ""

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


def coverage_item(
    school_id: str,
    brin6: str,
    board_number: str,
    agreements: Iterable[Agreement],
    declarations: Iterable[Declared],
    grace: Grace | None = None,
    former_brin6: str | None = None,
) -> dict[str, Any]:
    """Return the coverage of one school as it is stored, its periods by precedence.

    A decided `grace` for a school that came from another board goes last: the board's own
    agreement needs none. An agreement that lists a code which the school had before still names it.

    The same agreements and declarations give the same item, in whatever order they come.
    """
    applying = []
    for agreement in agreements:
        codes = (brin6, former_brin6) if former_brin6 else (brin6,)
        ranks = [found for code in codes if (found := specificity(agreement, code)) is not None]
        rank = max(ranks, default=None)
        state = None if rank is None else state_by(agreement, rank)
        if rank is not None and state is not None:
            applying.append((_precedence(agreement, rank, state), _period(agreement, state)))
    applying.sort(key=lambda entry: entry[0], reverse=True)
    periods = [period for _, period in applying]
    if grace is not None and grace.is_decided and grace.board_number == board_number:
        periods.append(_grace_period(grace))
    return {
        "school_id": school_id,
        "board_number": board_number,
        "periods": periods,
        "declarations": [
            entry.item() for entry in sorted(declarations, key=lambda entry: entry.party_id)
        ],
        "schema_version": SCHEMA_VERSION,
    }


def _grace_period(grace: Grace) -> Mapping[str, Any]:
    return {
        "state": CoverageState.TRANSFER_GRACE.value,
        "agreement_id": grace.agreement_id,
        "since": grace.since.isoformat(),
        "until": grace.until.isoformat(),
    }


def state_by(agreement: Agreement, rank: int) -> CoverageState | None:
    """Return what an agreement makes of a school in its scope during its period, or None."""
    if agreement.state in _WAITING:
        return CoverageState.PENDING
    if agreement.state is State.SUSPENDED:
        return CoverageState.BLOCKED
    covers = agreement.state in _HOLDING or (agreement.state in _ENDED and agreement.ends_on)
    if not covers:
        return None
    return CoverageState.COVERED_SCHOOL if rank else CoverageState.COVERED_BOARD


def _precedence(
    agreement: Agreement, rank: int, state: CoverageState
) -> tuple[int, int, str, str, str]:
    return (
        _RANKS[state],
        rank,
        agreement.model.value,
        agreement.effective_from.isoformat(),
        agreement.agreement_id,
    )


def _period(agreement: Agreement, state: CoverageState) -> Mapping[str, Any]:
    # Waiting begins when the paper was recorded, whatever day the paper itself names.
    is_waiting = state is CoverageState.PENDING
    since = amsterdam_day(agreement.recorded_at_epoch_s) if is_waiting else agreement.effective_from
    until = None if is_waiting or agreement.ends_on is None else agreement.ends_on.isoformat()
    return {
        "state": state.value,
        "agreement_id": agreement.agreement_id,
        "since": since.isoformat(),
        "until": until,
    }
