"""What a change of boards asks of us: a review of what it touches, and nothing by itself.

People at the helpdesk decided what a difference in DUO's list means (`registry.changes_of_board`).
The day's run reads those decisions of every board that has an agreement. Of a board that is gone
the agreement goes under review (A20), of a school that leaves a task is opened; the coverage of
both boards is computed anew from the registry, so that no school stays under its old board.
"""

import datetime as dt

from dpa import effects, ledger, review_store, running_flow, store
from dpa.agreement_states import State
from schoolpoort import registry
from schoolpoort.coverage import amsterdam_day
from schoolpoort.registry import Change

BOARD_GONE = "M1"
_SETTLING = dt.timedelta(days=7)
"""How long after a change its new board is computed again each day; a run may be missed."""
_TOUCHING = frozenset({BOARD_GONE, "M3", "M4", "M7"})


def look_at(board_number: str, now_epoch_s: int) -> int:
    """Open a review for every new change of a board; returns how many were new."""
    opened = 0
    for change in registry.changes_of_board(board_number):
        if change.kind in _TOUCHING and change.before == board_number:
            opened += _look(change, now_epoch_s)
    return opened


def _look(change: Change, now_epoch_s: int) -> int:
    is_new = review_store.open_review(change)
    if is_new and change.kind == BOARD_GONE:
        _review_agreements(change, now_epoch_s)
    since = dt.date.fromisoformat(change.effective_on)
    if change.after and since <= amsterdam_day(now_epoch_s) < since + _SETTLING:
        effects.settle(change.after, now_epoch_s)
    return int(is_new)


def _review_agreements(change: Change, now_epoch_s: int) -> None:
    agreements, _ = store.of_board(change.before)
    for agreement in agreements:
        reason = f"{change.kind} {change.change_id}: {change.meaning}"
        step = running_flow.under_review(agreement, reason, now_epoch_s)
        if step is not None and agreement.state is State.ACTIVE:
            ledger.write(step, now_epoch_s)
