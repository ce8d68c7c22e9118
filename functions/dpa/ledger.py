"""Writes what happened to agreements, and lets follow what follows: mails and coverage.

The move, its events, what it owes and what it replaces are one transaction. What comes after may
be done again at any time: mails are handed over, the coverage is computed. A crash in between is
mended by whoever comes next, a person or the clock.
"""

from collections.abc import Sequence

from dpa import exports, offer_papers, offer_store, post, running_flow, store
from dpa.agreement import Agreement
from dpa.agreement_states import State
from dpa.offer import Offer
from dpa.offer_flow import Step
from schoolpoort.dynamodb import Operation


def write(step: Step, now_epoch_s: int, *, more: Sequence[Operation] = ()) -> Agreement:
    """Store a step with all that goes with it; raises store.ChangedMeanwhile, nothing written."""
    after = step.moved.agreement
    changes = [(step.moved, step.known_version)]
    replaced = _replaced(step, now_epoch_s)
    if replaced is not None:
        changes.append((replaced.moved, replaced.known_version))
    store.write(*changes, more=more, mails=step.mails)
    settle(after, now_epoch_s)
    return after


def settle(agreement: Agreement, now_epoch_s: int) -> None:
    """Let follow what follows from an agreement as it is now."""
    post.hand_over(now_epoch_s, agreement)


def seal(agreement: Agreement) -> None:
    """Ask for the paper that both sides signed, or to keep the export that shows it.

    Again when a crash or a slow paper kept it away.
    """
    if agreement.export_id:
        exports.ask_for_record(agreement)
    offer = offer_of(agreement)
    if offer is not None:
        events = store.events(agreement.board_number, agreement.agreement_id)
        offer_papers.ask_for_countersigned(agreement, offer, events)


def offer_of(agreement: Agreement) -> Offer | None:
    """Return what was offered, or None for what was recorded from a paper."""
    if not agreement.was_offered_here:
        return None
    return offer_store.find(agreement.board_number, agreement.agreement_id)


def _replaced(step: Step, now_epoch_s: int) -> Step | None:
    """Return the end of what an agreement replaces, on the step that makes it active."""
    after = step.moved.agreement
    becomes_active = any(event["move"] in {"A08", "A09"} for event in step.moved.events)
    if not (after.supersedes_id and becomes_active and after.state is State.ACTIVE):
        return None
    before = store.find(after.board_number, after.supersedes_id)
    return None if before is None else running_flow.superseded(before, after, now_epoch_s)
