"""What the clock does with agreements: each day begins, ends, lets lapse and reminds.

Everything here may run twice, at once or late: moves are guarded by the version they start from,
mails are named after what they tell. One agreement that cannot be moved stops no other.
"""

from collections.abc import Mapping
from typing import Any

from dpa import (
    effects,
    ledger,
    offer_flow,
    post,
    recipients,
    reminders,
    running_flow,
    store,
    transfers,
)
from dpa.agreement import Agreement
from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import IllegalMove, State
from dpa.offer import Offer
from dpa.offer_flow import Step
from schoolpoort import clock, mail_requests
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger

_SEALING_S = 7 * 86_400
_LAPSING = frozenset({State.OFFERED, State.IN_REVIEW, State.READY_TO_SIGN})


def handler(event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Run what the schedule asks for: {"job": "day"}, or {"job": "outbox"} for what lay waiting.

    What lies waiting is what a crash left owing, and boards that people decided about.
    """
    now_epoch_s = clock.now_epoch_s()
    if event.get("job") == "outbox":
        return {
            "mails": post.hand_over(now_epoch_s),
            "boards": transfers.look_at_decided(now_epoch_s),
        }
    done = run_day(now_epoch_s)
    logger.info("agreements of the day", extra=done)
    return done


def run_day(now_epoch_s: int) -> dict[str, int]:
    """Do everything that the day asks for; returns how much of each was done."""
    post.hand_over(now_epoch_s)
    transfers.look_at_decided(now_epoch_s)
    live = store.live()
    moved = sum(_move(one, now_epoch_s) for one in live)
    boards = {one.board_number: one.board_name for one in live}
    reviews = sum(transfers.look_at(number, now_epoch_s) for number in boards)
    for one in live:
        if _is_fresh(one, now_epoch_s):
            ledger.seal(one)
    rows = sum(effects.settle(number, now_epoch_s).rows_written for number in boards)
    mails = [mail for one in store.live() for mail in _reminders_of(one, now_epoch_s)]
    for number, name in boards.items():
        mails.extend(_declarations_of(number, name, now_epoch_s))
    for mail in mails:
        said = {key: value for key, value in mail.items() if key not in {"kind", "request_id"}}
        mail_requests.enqueue(mail["kind"], request_id=mail["request_id"], **said)
    return {"moved": moved, "reviews": reviews, "rows": rows, "reminders": len(mails)}


def _is_fresh(agreement: Agreement, now_epoch_s: int) -> bool:
    """Say whether an agreement was confirmed lately, so that its paper may still be missing."""
    confirmed_at = agreement.confirmed_at_epoch_s
    return confirmed_at is not None and now_epoch_s - confirmed_at < _SEALING_S


def _move(listed: Agreement, now_epoch_s: int) -> int:
    """Make the move of an agreement whose day has come; 0 when none has."""
    agreement = store.find(listed.board_number, listed.agreement_id)
    if agreement is None:
        return 0
    try:
        step = _step(agreement, ledger.offer_of(agreement), now_epoch_s)
        if step is None:
            return 0
        ledger.write(step, now_epoch_s)
    except (MoveRefused, IllegalMove, store.ChangedMeanwhile) as problem:
        # Somebody moved it meanwhile, or it is not its day after all: tomorrow looks again.
        logger.warning("agreement not moved", extra={"reason": type(problem).__name__})
        return 0
    return 1


def _step(agreement: Agreement, offer: Offer | None, now_epoch_s: int) -> Step | None:
    begun = running_flow.begun(agreement, now_epoch_s)
    if begun is not None:
        return begun
    if agreement.state in _LAPSING:
        try:
            return offer_flow.lapsed(agreement, offer, now_epoch_s)
        except MoveRefused as refused:
            if refused.refusal is Refusal.TOO_EARLY:
                return None
            raise
    more = recipients.of_board(agreement.board_number, offer) if agreement.ends_on else []
    return running_flow.ended(agreement, offer, more, now_epoch_s)


def _reminders_of(agreement: Agreement, now_epoch_s: int) -> list[dict[str, Any]]:
    today = amsterdam_day(now_epoch_s)
    offer = ledger.offer_of(agreement)
    mails = [] if offer is None else reminders.of_offer(agreement, offer, today)
    if agreement.ends_on is not None:
        more = recipients.of_board(agreement.board_number, offer)
        mails += reminders.of_end(agreement, offer, more, today)
    return mails


def _declarations_of(board_number: str, board_name: str, now_epoch_s: int) -> list[dict[str, Any]]:
    _, declarations = store.of_board(board_number)
    ending = [one for one in declarations if one.until]
    if not ending:
        return []
    today = amsterdam_day(now_epoch_s)
    addresses = recipients.of_board(board_number, None)
    return [
        mail
        for one in ending
        for mail in reminders.of_declaration(board_number, board_name, one, addresses, today)
    ]
