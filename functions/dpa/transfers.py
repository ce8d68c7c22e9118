"""What a change of boards asks of us: a review of what it touches, and nothing by itself.

People at the helpdesk decided what a difference in DUO's list means (`registry.changes_of_board`).
Within ten minutes, and again with each day's run, those decisions are read. Of a board that is gone
the agreement goes under review (A20), of a school that leaves a task is opened; the coverage of
both boards is computed anew for the days that each holds the school, also for a day to come.
"""

from dpa import effects, ledger, review_store, running_flow, store
from dpa.agreement_states import State
from schoolpoort import registry
from schoolpoort.registry import Change

BOARD_GONE = "M1"
SCHOOL_MOVED = "M3"
_TOUCHING = frozenset({BOARD_GONE, SCHOOL_MOVED, "M4", "M7"})


def look_at_decided(now_epoch_s: int) -> int:
    """Look at each board about which people decided since the last time; returns how many.

    What was seen is kept after the work, so that a crash only makes it be done again.
    """
    decided, seen = registry.decided_boards(), review_store.decisions_seen()
    fresh = sorted(number for number, at in decided.items() if seen.get(number) != at)
    for number in fresh:
        look_at(number, now_epoch_s)
        effects.settle(number, now_epoch_s)
    if decided != seen:
        review_store.keep_decisions_seen(decided)
    return len(fresh)


def look_at(board_number: str, now_epoch_s: int) -> int:
    """Open a review for every new change of a board that ever signed; returns how many were new."""
    agreements, _ = store.of_board(board_number)
    if not agreements:
        return 0
    return sum(
        _look(change, now_epoch_s)
        for change in registry.changes_of_board(board_number)
        if change.kind in _TOUCHING and _is_of(change, board_number)
    )


def _look(change: Change, now_epoch_s: int) -> int:
    """Open the review of a change; its task comes last, because it says that all was done."""
    if review_store.is_known(change.change_id):
        return 0
    if change.kind == BOARD_GONE:
        _review_agreements(change, now_epoch_s)
    to_board = change.after if change.kind == SCHOOL_MOVED else ""
    is_new = review_store.open_review(change, to_board)
    if to_board:
        effects.settle(to_board, now_epoch_s)
    return int(is_new)


def _is_of(change: Change, board_number: str) -> bool:
    """Say whether a change takes something from a board; what it names differs by its kind."""
    return change.kind != SCHOOL_MOVED or change.before == board_number


def _review_agreements(change: Change, now_epoch_s: int) -> None:
    agreements, _ = store.of_board(change.board_number)
    for agreement in agreements:
        reason = f"{change.kind} {change.change_id}: {change.meaning}"
        step = running_flow.under_review(agreement, reason, now_epoch_s)
        if step is not None and agreement.state is State.ACTIVE:
            ledger.write(step, now_epoch_s)
