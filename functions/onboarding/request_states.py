"""The life of a request for a first administrator, as a declared table.

    RECEIVED ─R01─► INCOMPLETE ─R17 (14 days)─► CLOSED_STALE
        │R02            │R02 ▲R03
        ▼               ▼    │
    TO_REVIEW ◄──────────────┘
        │R04 (first person) ▲R05 (sent back)
        ▼                   │
    REVIEWED ───────────────┘
        │R10 ► REJECTED
        │R07 (the board must say yes) ► AWAITING_BOARD ─R08 (yes)─► APPROVED
        │                                      └─R09 (no)──────────► FROZEN
        │R06 (the board is told)
        ▼
    APPROVED ─R11─► INVITED ─R12─► ACTIVATED
                       └─R13 (7 days)─► ACTIVATION_EXPIRED ─R14─► INVITED
    from APPROVED on: R15 (the board says "dit klopt niet") ─► FROZEN ─R18─► REJECTED
    before a decision: R16 (the requester) ─► WITHDRAWN

R06, R07 and R10 need another person than R04, and neither may be who typed the request in. What is
not in the table cannot happen. The checks run as part of R02 and are no state of their own.
"""

import enum
from dataclasses import dataclass

from schoolpoort.errors import SchoolpoortError


class State(enum.StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    TO_REVIEW = "to_review"
    REVIEWED = "reviewed"
    AWAITING_BOARD = "awaiting_board"
    APPROVED = "approved"
    INVITED = "invited"
    ACTIVATED = "activated"
    ACTIVATION_EXPIRED = "activation_expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED_STALE = "closed_stale"
    FROZEN = "frozen"


class By(enum.StrEnum):
    """Who makes a move."""

    SYSTEM = "system"
    HELPDESK = "helpdesk"
    SECOND_HELPDESK = "second_helpdesk"
    BOARD = "board"
    REQUESTER = "requester"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table."""

    move_id: str
    sources: frozenset[State]
    target: State
    by: By


def _row(move_id: str, sources: set[State] | frozenset[State], target: State, by: By) -> Move:
    return Move(move_id, frozenset(sources), target, by)


_S = State
UNDECIDED = frozenset({_S.RECEIVED, _S.INCOMPLETE, _S.TO_REVIEW, _S.REVIEWED, _S.AWAITING_BOARD})
"""Nobody has decided yet; these stand in the helpdesk's queue."""
GRANTED = frozenset({_S.APPROVED, _S.INVITED, _S.ACTIVATED, _S.ACTIVATION_EXPIRED})
"""The request was approved, and the board can still stop it."""
ENDED = frozenset({_S.ACTIVATED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED_STALE})

MOVES: tuple[Move, ...] = (
    _row("R01", {_S.RECEIVED}, _S.INCOMPLETE, By.SYSTEM),
    _row("R02", {_S.RECEIVED, _S.INCOMPLETE, _S.TO_REVIEW}, _S.TO_REVIEW, By.SYSTEM),
    _row("R03", {_S.TO_REVIEW}, _S.INCOMPLETE, By.HELPDESK),
    _row("R04", {_S.TO_REVIEW}, _S.REVIEWED, By.HELPDESK),
    _row("R05", {_S.REVIEWED}, _S.TO_REVIEW, By.SECOND_HELPDESK),
    _row("R06", {_S.REVIEWED}, _S.APPROVED, By.SECOND_HELPDESK),
    _row("R07", {_S.REVIEWED}, _S.AWAITING_BOARD, By.SECOND_HELPDESK),
    _row("R08", {_S.AWAITING_BOARD}, _S.APPROVED, By.BOARD),
    _row("R09", {_S.AWAITING_BOARD}, _S.FROZEN, By.BOARD),
    _row("R10", {_S.REVIEWED}, _S.REJECTED, By.SECOND_HELPDESK),
    _row("R11", {_S.APPROVED}, _S.INVITED, By.SYSTEM),
    _row("R12", {_S.INVITED, _S.ACTIVATION_EXPIRED}, _S.ACTIVATED, By.SYSTEM),
    _row("R13", {_S.INVITED}, _S.ACTIVATION_EXPIRED, By.SYSTEM),
    _row("R14", {_S.ACTIVATION_EXPIRED}, _S.INVITED, By.HELPDESK),
    _row("R15", GRANTED, _S.FROZEN, By.BOARD),
    _row("R16", UNDECIDED, _S.WITHDRAWN, By.REQUESTER),
    _row("R17", {_S.INCOMPLETE}, _S.CLOSED_STALE, By.SYSTEM),
    _row("R18", {_S.FROZEN}, _S.REJECTED, By.HELPDESK),
)
"""Every move there is; who wants another adds a row."""


class IllegalMove(SchoolpoortError):
    """The table has no such move from this state."""

    def __init__(self, move_id: str, state: State) -> None:
        super().__init__(f"{move_id} from {state}")


def find(move_id: str, state: State) -> Move:
    """Return the row of a move from a state; raises IllegalMove for what the table lacks."""
    for move in MOVES:
        if move.move_id == move_id and state in move.sources:
            return move
    raise IllegalMove(move_id, state)
