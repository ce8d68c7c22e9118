"""The table of the agreement's life is the whole of it."""

import itertools

import pytest

from dpa import agreement_table
from dpa.agreement_guards import GUARDS
from dpa.agreement_states import TERMINAL, Actor, Guard, IllegalMove, State
from dpa.agreement_table import MOVES

_EDGES = {
    (move.move_id, source, target)
    for move in MOVES
    for source in move.sources
    for target in move.targets
}
_BY_HAND = {
    "A01": "draft>offered",
    "A02": "offered>in_review",
    "A03": "in_review>questions questions>in_review",
    "A04": "in_review>ready_to_sign",
    "A05": "offered>signed_board ready_to_sign>signed_board",
    "A06": "signed_board>verifying",
    "A07": "verifying>returned returned>signed_board",
    "A08": "verifying>scheduled verifying>active",
    "A09": "scheduled>active",
    "A10": "offered>lapsed_offer in_review>lapsed_offer ready_to_sign>lapsed_offer",
    "A11": "draft>rejected offered>rejected in_review>rejected questions>rejected "
    "ready_to_sign>rejected",
    "A12": "draft>withdrawn offered>withdrawn in_review>withdrawn questions>withdrawn "
    "ready_to_sign>withdrawn signed_board>withdrawn verifying>withdrawn returned>withdrawn "
    "scheduled>withdrawn",
    "A13": "active>notice_given",
    "A14": "notice_given>active",
    "A15": "notice_given>terminated",
    "A16": "active>superseded",
    "A17": "active>expired",
    "A18": "active>suspended suspended>active",
    "A20": "active>transfer_review transfer_review>active transfer_review>superseded "
    "transfer_review>terminated",
}


def test_the_table_is_the_one_written_down_by_hand() -> None:
    """Twenty kinds of move lead exactly where the rules say, and A19 from everywhere to void."""
    expected = {
        (move_id, *(State(end) for end in edge.split(">")))
        for move_id, edges in _BY_HAND.items()
        for edge in edges.split()
    } | {("A19", state, State.VOID) for state in State if state is not State.VOID}
    assert expected == _EDGES


def test_there_are_twenty_states_and_twenty_kinds_of_move() -> None:
    """The names are those of the rules, none more."""
    assert len(State) == 20
    assert {move.move_id for move in MOVES} == {f"A{number:02d}" for number in range(1, 21)}


def test_every_state_is_reached_from_a_draft() -> None:
    """No state stands in the table for nothing."""
    reached = {State.DRAFT}
    for _ in State:
        reached |= {target for _, source, target in _EDGES if source in reached}
    assert reached == set(State)


def test_nothing_leaves_an_end_but_a_proof_of_forgery() -> None:
    """A terminal state is only ever left by A19, and void by nothing."""
    leaving = {(move_id, source) for move_id, source, _ in _EDGES if source in TERMINAL}
    assert leaving == {("A19", state) for state in TERMINAL - {State.VOID}}


def test_no_agreement_becomes_a_draft_again() -> None:
    """What was offered is changed by a new agreement, never in place."""
    assert State.DRAFT not in {target for _, _, target in _EDGES}


def test_an_agreement_is_active_only_after_somebody_confirmed_it() -> None:
    """Without A08 no path from a draft leads to a state in which an agreement ever ran."""
    reached = {State.DRAFT}
    for _ in State:
        reached |= {
            target for move_id, source, target in _EDGES if source in reached and move_id != "A08"
        }
    assert reached.isdisjoint(
        {State.ACTIVE, State.SCHEDULED, State.NOTICE_GIVEN, State.SUSPENDED, State.SUPERSEDED}
    )


@pytest.mark.parametrize("move_id", sorted({move.move_id for move in MOVES}))
def test_a_move_that_is_not_in_the_table_is_refused(move_id: str) -> None:
    """Of all 20 by 20 changes by all actors, a move makes its own and no other."""
    for source, target, actor in itertools.product(State, State, Actor):
        rows = [
            move
            for move in MOVES
            if move.move_id == move_id
            and source in move.sources
            and target in move.targets
            and actor in move.actors
        ]
        if rows:
            assert agreement_table.find(move_id, source, target, actor) == rows[0]
            assert len(rows) == 1
        else:
            with pytest.raises(IllegalMove):
                agreement_table.find(move_id, source, target, actor)


def test_an_unknown_kind_of_move_is_refused() -> None:
    """A misspelt move makes nothing."""
    with pytest.raises(IllegalMove):
        agreement_table.find("A21", State.DRAFT, State.OFFERED, Actor.SYSTEM)


def test_only_a_second_person_of_the_helpdesk_makes_an_agreement_active() -> None:
    """Neither the board nor the system nor the recorder has the part that A08 asks for."""
    (row,) = [move for move in MOVES if move.move_id == "A08"]
    assert row.actors == {Actor.SECOND_HELPDESK}
    assert row.guard is Guard.SECOND_PERSON


def test_every_guard_that_the_table_names_is_a_function() -> None:
    """A row cannot name a guard that nobody asks, and no guard stands unused."""
    assert set(GUARDS) == set(Guard) == {move.guard for move in MOVES}


def test_the_diagram_names_every_move_and_every_state() -> None:
    """Who reads the diagram sees all of the table."""
    diagram = agreement_table.__doc__ or ""
    assert [move.move_id for move in MOVES if move.move_id not in diagram] == []
    assert [state.name for state in State if state.name not in diagram] == []
