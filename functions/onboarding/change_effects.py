"""What follows from a confirmed change in DUO's list: tenures, the schools' items and the index.

Everything may run again and ends the same: a decision that died half-way is simply made again. It
takes the import's turn, because an import writes the same index.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from onboarding import change_store, renumbering, store, tenure_rules
from onboarding.change_store import Decision
from onboarding.duo_list import Kind
from onboarding.registry_changes import Change, Mutation
from schoolpoort import clock, ids, tenures
from schoolpoort.errors import SchoolpoortError
from schoolpoort.log import logger


class Busy(SchoolpoortError):
    """A list is being imported, or somebody else is deciding, at this moment."""


def decide(change_ids: set[str], decision: Decision, today: dt.date) -> int:
    """Confirm or dismiss changes that still wait, and return how many did.

    Raises Busy, and renumbering.NewcomerInUse for a change of BRIN that is none.
    """
    run_id = ids.new_id()
    if store.take_turn(run_id, "-", now_epoch_s=clock.now_epoch_s()) is not None:
        raise Busy("registry")
    try:
        open_now = change_store.open_changes()
        chosen = [change for change in open_now if change.change_id in change_ids]
        is_due = decision.effective_on <= today.isoformat()
        if decision.confirms:
            for change in chosen if decision.meaning == renumbering.MEANING else ():
                renumbering.require_unused(change)
            _remember(chosen, decision)
            if is_due:
                _apply(chosen, decision)
        if chosen:
            change_store.settle(chosen, decision, is_due=is_due)
        return len(chosen)
    finally:
        store.end_turn(run_id)


def apply_due(today: dt.date) -> int:
    """Apply confirmed changes whose day has come, and return how many; raises Busy."""
    due = [name for name, day in change_store.due_changes().items() if day <= today.isoformat()]
    if not due:
        return 0
    run_id = ids.new_id()
    if store.take_turn(run_id, "-", now_epoch_s=clock.now_epoch_s()) is not None:
        raise Busy("registry")
    try:
        for change, decision in change_store.decided(due):
            try:
                _apply([change], decision)
            except renumbering.NewcomerInUse:
                # People came in under the new code meanwhile: the helpdesk finds it waiting still.
                logger.warning("renumbering waits", extra={"code": change.subject})
                due.remove(change.change_id)
        change_store.done(due)
    finally:
        store.end_turn(run_id)
    return len(due)


def _remember(changes: list[Change], decision: Decision) -> None:
    """Write the tenures of schools that change board: known now, valid from their day."""
    moves = [one for one in changes if one.mutation is Mutation.BOARD_CHANGED]
    locations = store.stored_rows(Kind.LOCATIONS, (code for one in moves for code in one.codes))
    recorded = tenures.of_schools(item["school_id"] for item in locations.values())
    items = []
    for change in moves:
        for code in change.codes:
            school_id = locations[code]["school_id"]
            after = tenure_rules.moved(
                recorded[school_id],
                from_board=change.before,
                to_board=change.after,
                day=dt.date.fromisoformat(decision.effective_on),
                now_epoch_s=decision.at_epoch_s,
            )
            items.append(tenures.to_item(school_id, after))
    store.write_rows(items)


def _apply(changes: Iterable[Change], decision: Decision) -> None:
    """Let the registry show the new state."""
    for change in changes:
        if change.mutation is Mutation.BOARD_GONE:
            _mark(Kind.BOARDS, change, {"closed_on": decision.effective_on})
        elif change.mutation is Mutation.BOARD_CHANGED:
            _mark(Kind.LOCATIONS, change, {"board_number": change.after})
            _point(change)
        elif decision.meaning == renumbering.MEANING:
            renumbering.apply(
                change,
                decision.effective_on,
                new_id=ids.new_id(),
                now_epoch_s=clock.now_epoch_s(),
            )
        else:
            moved_to = {"moved_to": change.after} if change.after else {}
            _mark(Kind.LOCATIONS, change, {"closed_on": decision.effective_on, **moved_to})


def _mark(kind: Kind, change: Change, added: dict[str, str]) -> None:
    stored = store.stored_rows(kind, change.codes)
    store.write_rows({**item, **added} for item in stored.values())


def _point(change: Change) -> None:
    """Let the index name the new board."""
    standing = store.standing(Kind.LOCATIONS)
    moved = {
        code: replace(standing[code], board_number=change.after)
        for code in change.codes
        if code in standing
    }
    store.write_index({**standing, **moved}.values(), moved)
    store.stamp_index()
