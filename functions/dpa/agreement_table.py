"""The life of a data-processing agreement, as a declared table.

    DRAFT ─A01─► OFFERED ─A02─► IN_REVIEW ◄─A03─► QUESTIONS
                    │               │
                    │              A04
                    │               ▼
                    ├──────A05── READY_TO_SIGN
                    ▼               │A05
                SIGNED_BOARD ◄──────┘
                    │A06      ▲
                    ▼         │A07 (a new paper)
                VERIFYING ─A07─► RETURNED
                    │A08 (a second person)
                    ├──────────► SCHEDULED ─A09─► ACTIVE
                    └───────────────────────────► ACTIVE
    ACTIVE ─A13─► NOTICE_GIVEN ─A14─► ACTIVE          NOTICE_GIVEN ─A15─► TERMINATED
    ACTIVE ─A16─► SUPERSEDED   ACTIVE ─A17─► EXPIRED   ACTIVE ◄─A18─► SUSPENDED
    ACTIVE ─A20─► TRANSFER_REVIEW ─A20─► ACTIVE, SUPERSEDED or TERMINATED
    before the signature: A10 LAPSED_OFFER, A11 REJECTED, A12 WITHDRAWN      any ─A19─► VOID

    A08 is confirmed by another person than who recorded or first checked it; A18, A19 and the ways
    out of TRANSFER_REVIEW by another person than the one who proposed it. An offer that several
    directors must sign makes A05 with the last of their signatures.

What is not in the table cannot happen: an active agreement never becomes a draft again, and a
terminal state is left by nothing but a proof of forgery (A19). Each row names the guard that is
asked (`agreement_guards`) and the evidence without which the move is refused.
"""

from dataclasses import dataclass

from dpa.agreement_states import Actor, Guard, IllegalMove, State


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: every source may go to every target, by each of the actors.

    `evidence` names what must be told with the move, none of it empty.
    """

    move_id: str
    sources: frozenset[State]
    targets: frozenset[State]
    actors: frozenset[Actor]
    guard: Guard
    evidence: frozenset[str]

    def allows(self, state: State, target: State, actor: Actor) -> bool:
        """Say whether this row is the one for a change of state by an actor."""
        return state in self.sources and target in self.targets and actor in self.actors


_S, _A, _G = State, Actor, Guard
_UNSIGNED = frozenset({_S.DRAFT, _S.OFFERED, _S.IN_REVIEW, _S.QUESTIONS, _S.READY_TO_SIGN})
_NOT_YET_ACTIVE = _UNSIGNED | {_S.SIGNED_BOARD, _S.VERIFYING, _S.RETURNED, _S.SCHEDULED}
_SIGNATURE = ("evidence_class", "signatory", "reference")


def _row(
    move_id: str,
    sources: frozenset[State] | set[State],
    targets: set[State],
    actors: set[Actor],
    *evidence: str,
    guard: Guard = Guard.NONE,
) -> Move:
    """Return a row of the table."""
    return Move(
        move_id,
        frozenset(sources),
        frozenset(targets),
        frozenset(actors),
        guard,
        frozenset(evidence),
    )


_BOARD = {_A.BOARD_REVIEWER, _A.BOARD_DIRECTOR}
MOVES: tuple[Move, ...] = (
    _row("A01", {_S.DRAFT}, {_S.OFFERED}, {_A.SYSTEM, _A.HELPDESK}, "model"),
    _row("A02", {_S.OFFERED}, {_S.IN_REVIEW}, _BOARD),
    _row("A03", {_S.IN_REVIEW}, {_S.QUESTIONS}, _BOARD, "message"),
    _row("A03", {_S.QUESTIONS}, {_S.IN_REVIEW}, {_A.PRIVACY_OFFICER}, "message"),
    _row("A04", {_S.IN_REVIEW}, {_S.READY_TO_SIGN}, _BOARD),
    _row(
        "A05",
        {_S.OFFERED, _S.READY_TO_SIGN},
        {_S.SIGNED_BOARD},
        {_A.BOARD_DIRECTOR},
        *_SIGNATURE,
        guard=_G.LAST_SIGNATURE,
    ),
    _row("A06", {_S.SIGNED_BOARD}, {_S.VERIFYING}, {_A.SYSTEM}),
    _row("A07", {_S.VERIFYING}, {_S.RETURNED}, {_A.HELPDESK}, "reason"),
    _row("A07", {_S.RETURNED}, {_S.SIGNED_BOARD}, {_A.BOARD_DIRECTOR}, *_SIGNATURE),
    _row(
        "A08",
        {_S.VERIFYING},
        {_S.SCHEDULED, _S.ACTIVE},
        {_A.SECOND_HELPDESK},
        guard=_G.SECOND_PERSON,
    ),
    _row("A09", {_S.SCHEDULED}, {_S.ACTIVE}, {_A.SYSTEM}, guard=_G.START_REACHED),
    _row(
        "A10",
        {_S.OFFERED, _S.IN_REVIEW, _S.READY_TO_SIGN},
        {_S.LAPSED_OFFER},
        {_A.SYSTEM},
        guard=_G.OFFER_OVER,
    ),
    _row("A11", _UNSIGNED, {_S.REJECTED}, _BOARD, "reason"),
    _row("A12", _NOT_YET_ACTIVE, {_S.WITHDRAWN}, {_A.HELPDESK}, "reason"),
    _row(
        "A13",
        {_S.ACTIVE},
        {_S.NOTICE_GIVEN},
        {_A.BOARD_DIRECTOR, _A.HELPDESK},
        "ends_on",
        guard=_G.END_AHEAD,
    ),
    _row("A14", {_S.NOTICE_GIVEN}, {_S.ACTIVE}, {_A.BOARD_DIRECTOR}, "reason"),
    _row("A15", {_S.NOTICE_GIVEN}, {_S.TERMINATED}, {_A.SYSTEM}, guard=_G.END_REACHED),
    _row(
        "A16",
        {_S.ACTIVE},
        {_S.SUPERSEDED},
        {_A.SYSTEM},
        "successor",
        "ends_on",
        guard=_G.END_GIVEN,
    ),
    _row("A17", {_S.ACTIVE}, {_S.EXPIRED}, {_A.SYSTEM}, guard=_G.END_REACHED),
    *(
        _row(
            "A18",
            {source},
            {target},
            {_A.SECOND_HELPDESK},
            "reason",
            "legal_basis",
            "proposed_by",
            guard=_G.TWO_NAMES,
        )
        for source, target in ((_S.ACTIVE, _S.SUSPENDED), (_S.SUSPENDED, _S.ACTIVE))
    ),
    _row(
        "A19",
        frozenset(_S) - {_S.VOID},
        {_S.VOID},
        {_A.PRIVACY_OFFICER},
        "reason",
        "report",
        "proposed_by",
        guard=_G.TWO_NAMES,
    ),
    _row("A20", {_S.ACTIVE}, {_S.TRANSFER_REVIEW}, {_A.SYSTEM}, "reason"),
    _row(
        "A20",
        {_S.TRANSFER_REVIEW},
        {_S.ACTIVE},
        {_A.SECOND_HELPDESK},
        "reason",
        "legal_basis",
        "proposed_by",
        guard=_G.TWO_NAMES,
    ),
    _row(
        "A20",
        {_S.TRANSFER_REVIEW},
        {_S.SUPERSEDED, _S.TERMINATED},
        {_A.SECOND_HELPDESK},
        "reason",
        "legal_basis",
        "proposed_by",
        "ends_on",
        guard=_G.TWO_NAMES_AND_END,
    ),
)
"""Every move there is; who wants another adds a row."""


def find(move_id: str, state: State, target: State, actor: Actor) -> Move:
    """Return the row of a move; raises IllegalMove for anything that the table lacks."""
    for move in MOVES:
        if move.move_id == move_id and move.allows(state, target, actor):
            return move
    raise IllegalMove(move_id, state, target, actor)
