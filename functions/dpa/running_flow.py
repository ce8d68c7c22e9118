"""What happens to an agreement that runs: notice, ends, replacement, suspension, a board that goes.

Plain functions over plain values, as `offer_flow`.
"""

from collections.abc import Sequence
from typing import Any

from dpa import agreement_moves, agreement_notes, news
from dpa.agreement import Agreement
from dpa.agreement_guards import SYSTEM, By
from dpa.agreement_moves import advance
from dpa.agreement_states import State
from dpa.offer import Offer
from dpa.offer_flow import Step
from schoolpoort.coverage import amsterdam_day

_ENDS = {State.NOTICE_GIVEN: ("A15", State.TERMINATED), State.ACTIVE: ("A17", State.EXPIRED)}
_NEWS_OF = {
    State.SUSPENDED: "suspended",
    State.ACTIVE: "resumed",
    State.VOID: "void",
    State.TERMINATED: "ended",
    State.SUPERSEDED: "ended",
}


def notice_given(
    agreement: Agreement,
    offer: Offer | None,
    by: By,
    ends_on: str,
    more: Sequence[str],
    now_epoch_s: int,
) -> Step:
    """A13: it ends on a day that is known beforehand."""
    moved = advance(agreement, "A13", State.NOTICE_GIVEN, by, {"ends_on": ends_on}, now_epoch_s)
    mails = news.to_everybody(moved.agreement, offer, more, "notice", until=ends_on)
    return Step(moved, agreement.version, mails)


def notice_withdrawn(
    agreement: Agreement,
    offer: Offer | None,
    by: By,
    reason: str,
    more: Sequence[str],
    now_epoch_s: int,
) -> Step:
    """A14: it runs on as if nobody had given notice."""
    moved = advance(agreement, "A14", State.ACTIVE, by, {"reason": reason}, now_epoch_s)
    mails = news.to_everybody(moved.agreement, offer, more, "notice_withdrawn", reason=reason)
    return Step(moved, agreement.version, mails)


def begun(agreement: Agreement, now_epoch_s: int) -> Step | None:
    """A09 on the first day of a scheduled agreement, else None."""
    moved = agreement_moves.begun(agreement, now_epoch_s)
    return None if moved is None else Step(moved, agreement.version)


def ended(
    agreement: Agreement, offer: Offer | None, more: Sequence[str], now_epoch_s: int
) -> Step | None:
    """A15 or A17 on the first day outside an agreement, else None."""
    end, today = agreement.ends_on, amsterdam_day(now_epoch_s)
    if agreement.state not in _ENDS or end is None or end > today:
        return None
    move_id, target = _ENDS[agreement.state]
    moved = advance(agreement, move_id, target, SYSTEM, {}, now_epoch_s)
    mails = news.to_everybody(moved.agreement, offer, more, "ended", until=end.isoformat())
    return Step(moved, agreement.version, mails)


def superseded(before: Agreement, successor: Agreement, now_epoch_s: int) -> Step | None:
    """A16 of what an agreement replaces, for the same transaction; None when it runs no more.

    It ends on the first day of its successor: no day without one, none with two.
    """
    if before.state is not State.ACTIVE:
        return None
    ends_on = max(successor.effective_from, before.effective_from)
    evidence = {"successor": successor.agreement_id, "ends_on": ends_on.isoformat()}
    moved = advance(before, "A16", State.SUPERSEDED, SYSTEM, evidence, now_epoch_s)
    return Step(moved, before.version)


def decided(
    agreement: Agreement,
    offer: Offer | None,
    account_id: str,
    more: Sequence[str],
    now_epoch_s: int,
) -> Step:
    """A18, A19 or a way out of A20, as one proposed and another decides."""
    moved = agreement_notes.decided(agreement, account_id, now_epoch_s)
    said: dict[str, Any] = {"reason": agreement.proposal["reason"]}
    if moved.agreement.ends_on:
        said["until"] = moved.agreement.ends_on.isoformat()
    kind = _NEWS_OF[moved.agreement.state]
    return Step(
        moved, agreement.version, news.to_everybody(moved.agreement, offer, more, kind, **said)
    )


def under_review(agreement: Agreement, reason: str, now_epoch_s: int) -> Step | None:
    """A20: the registry tells something of its board that a person must look at; else None."""
    if agreement.state is not State.ACTIVE:
        return None
    evidence = {"reason": reason}
    moved = advance(agreement, "A20", State.TRANSFER_REVIEW, SYSTEM, evidence, now_epoch_s)
    return Step(moved, agreement.version)
