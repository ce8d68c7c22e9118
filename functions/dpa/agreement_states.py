"""The life of a data-processing agreement, as a declared table.

    DRAFT ─A01─► OFFERED ─A02─► IN_REVIEW ◄─A03─► QUESTIONS
                    │               │
                    │              A04
                    │               ▼
                    ├──────A05── READY_TO_SIGN
                    ▼               │A05
                SIGNED_BOARD ◄──────┘
                    │A06      ▲A07
                    ▼         │
                VERIFYING ─A07─► RETURNED
                    │A08 (a second person)
                    ├──────────► SCHEDULED ─A09─► ACTIVE
                    └───────────────────────────► ACTIVE
    ACTIVE ─A13─► NOTICE_GIVEN ─A14─► ACTIVE          NOTICE_GIVEN ─A15─► TERMINATED
    ACTIVE ─A16─► SUPERSEDED   ACTIVE ─A17─► EXPIRED   ACTIVE ◄─A18─► SUSPENDED
    ACTIVE ─A20─► TRANSFER_REVIEW ─A20─► ACTIVE, SUPERSEDED or TERMINATED
    before the signature: A10 LAPSED_OFFER, A11 REJECTED, A12 WITHDRAWN      any ─A19─► VOID

What is not in the table cannot happen: an active agreement never becomes a draft again, and a
terminal state is left by nothing but a proof of forgery (A19).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort.errors import SchoolpoortError


class State(enum.StrEnum):
    """Where an agreement stands."""

    DRAFT = "draft"
    OFFERED = "offered"
    IN_REVIEW = "in_review"
    QUESTIONS = "questions"
    READY_TO_SIGN = "ready_to_sign"
    SIGNED_BOARD = "signed_board"
    VERIFYING = "verifying"
    RETURNED = "returned"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    NOTICE_GIVEN = "notice_given"
    SUSPENDED = "suspended"
    TRANSFER_REVIEW = "transfer_review"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED_OFFER = "lapsed_offer"
    VOID = "void"


class Actor(enum.StrEnum):
    """Who makes a move."""

    SYSTEM = "system"
    BOARD_REVIEWER = "board_reviewer"
    BOARD_DIRECTOR = "board_director"
    HELPDESK = "helpdesk"
    SECOND_HELPDESK = "second_helpdesk"
    PRIVACY_OFFICER = "privacy_officer"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from which states to which, by whom."""

    sources: frozenset[State]
    targets: frozenset[State]
    actors: frozenset[Actor]


_S, _A = State, Actor
_BEFORE_SIGNING = frozenset({_S.DRAFT, _S.OFFERED, _S.IN_REVIEW, _S.QUESTIONS, _S.READY_TO_SIGN})
_BEFORE_ACTIVE = _BEFORE_SIGNING | {_S.SIGNED_BOARD, _S.VERIFYING, _S.RETURNED}


def _move(sources: frozenset[State] | set[State], targets: set[State], actors: set[Actor]) -> Move:
    return Move(frozenset(sources), frozenset(targets), frozenset(actors))


MOVES: Mapping[str, Move] = {
    "A01": _move({_S.DRAFT}, {_S.OFFERED}, {_A.SYSTEM, _A.HELPDESK}),
    "A02": _move({_S.OFFERED}, {_S.IN_REVIEW}, {_A.BOARD_REVIEWER, _A.BOARD_DIRECTOR}),
    "A03": _move(
        {_S.IN_REVIEW, _S.QUESTIONS},
        {_S.IN_REVIEW, _S.QUESTIONS},
        {_A.BOARD_REVIEWER, _A.PRIVACY_OFFICER},
    ),
    "A04": _move({_S.IN_REVIEW}, {_S.READY_TO_SIGN}, {_A.BOARD_REVIEWER}),
    "A05": _move({_S.OFFERED, _S.READY_TO_SIGN}, {_S.SIGNED_BOARD}, {_A.BOARD_DIRECTOR}),
    "A06": _move({_S.SIGNED_BOARD}, {_S.VERIFYING}, {_A.SYSTEM}),
    "A07": _move(
        {_S.VERIFYING, _S.RETURNED},
        {_S.RETURNED, _S.SIGNED_BOARD},
        {_A.HELPDESK, _A.BOARD_DIRECTOR},
    ),
    "A08": _move({_S.VERIFYING}, {_S.SCHEDULED, _S.ACTIVE}, {_A.SECOND_HELPDESK}),
    "A09": _move({_S.SCHEDULED}, {_S.ACTIVE}, {_A.SYSTEM}),
    "A10": _move({_S.OFFERED, _S.IN_REVIEW, _S.READY_TO_SIGN}, {_S.LAPSED_OFFER}, {_A.SYSTEM}),
    "A11": _move(_BEFORE_SIGNING, {_S.REJECTED}, {_A.BOARD_REVIEWER, _A.BOARD_DIRECTOR}),
    "A12": _move(_BEFORE_ACTIVE, {_S.WITHDRAWN}, {_A.HELPDESK}),
    "A13": _move({_S.ACTIVE}, {_S.NOTICE_GIVEN}, {_A.BOARD_DIRECTOR, _A.HELPDESK}),
    "A14": _move({_S.NOTICE_GIVEN}, {_S.ACTIVE}, {_A.BOARD_DIRECTOR}),
    "A15": _move({_S.NOTICE_GIVEN}, {_S.TERMINATED}, {_A.SYSTEM}),
    "A16": _move({_S.ACTIVE}, {_S.SUPERSEDED}, {_A.SYSTEM}),
    "A17": _move({_S.ACTIVE}, {_S.EXPIRED}, {_A.SYSTEM}),
    "A18": _move({_S.ACTIVE, _S.SUSPENDED}, {_S.ACTIVE, _S.SUSPENDED}, {_A.SECOND_HELPDESK}),
    "A19": _move(frozenset(_S) - {_S.VOID}, {_S.VOID}, {_A.PRIVACY_OFFICER}),
    "A20": _move(
        {_S.ACTIVE, _S.TRANSFER_REVIEW},
        {_S.TRANSFER_REVIEW, _S.ACTIVE, _S.SUPERSEDED, _S.TERMINATED},
        {_A.SYSTEM, _A.SECOND_HELPDESK},
    ),
}

TERMINAL = frozenset(
    {
        _S.SUPERSEDED,
        _S.TERMINATED,
        _S.EXPIRED,
        _S.REJECTED,
        _S.WITHDRAWN,
        _S.LAPSED_OFFER,
        _S.VOID,
    }
)
"""States that end an agreement; it is kept, with its evidence."""


class IllegalMove(SchoolpoortError):
    """The table has no such move from this state by this actor."""

    def __init__(self, move_id: str, state: State, target: State, actor: Actor) -> None:
        super().__init__(f"{move_id}: {state} to {target} by {actor}")


def after(state: State, move_id: str, target: State, actor: Actor) -> State:
    """Return the target of a move; raises IllegalMove for anything that the table lacks."""
    move = MOVES.get(move_id)
    allowed = (
        move is not None
        and state in move.sources
        and target in move.targets
        and actor in move.actors
        and state != target
    )
    if not allowed:
        raise IllegalMove(move_id, state, target, actor)
    return target
