"""Which reminders are due on a day: of offers that nobody signs, and of ends that come.

A reminder is due for two weeks from its day on, so that a day on which the clock did not run skips
none, and is sent once, because its request is named after what it reminds of. Offers are left
alone in July and August, when schools are closed.
"""

import datetime as dt
from typing import Any

from dpa import news
from dpa.agreement import Agreement
from dpa.agreement_states import State
from dpa.coverage_rules import Declared
from dpa.offer import REMINDER_DAYS, REVIEWER, Offer
from schoolpoort import ids

_END_DAYS = (180, 90, 30, 7)
_DECLARATION_DAYS = (60, 14)
_DUE_FOR_DAYS = 14
"""Shorter than the mail job remembers a request, so that nothing is sent anew."""
_SUMMER = frozenset({7, 8})
_UNSIGNED = frozenset({State.OFFERED, State.IN_REVIEW, State.READY_TO_SIGN, State.RETURNED})
_ENOUGH_DIGITS = 16


def of_offer(agreement: Agreement, offer: Offer, today: dt.date) -> list[dict[str, Any]]:
    """Return the mails that remind of an unsigned offer today; none in a school's summer."""
    age = (today - offer.offered_on).days
    passed = [days for days in REMINDER_DAYS if days <= age < days + _DUE_FOR_DAYS]
    if agreement.state not in _UNSIGNED or not passed or today.month in _SUMMER:
        return []
    until = offer.expires_on.isoformat()
    if agreement.state in {State.OFFERED, State.IN_REVIEW} and offer.reviewer is not None:
        mails = news.to_part(agreement, offer, REVIEWER, "reminded", until=until)
    else:
        mails = news.to_waiting(agreement, offer, "reminded", until=until)
    return [_once(mail, agreement.agreement_id, f"d{passed[-1]}") for mail in mails]


def of_end(
    agreement: Agreement, offer: Offer | None, more: list[str], today: dt.date
) -> list[dict[str, Any]]:
    """Return the mails that warn of an end that is known: 180, 90, 30 and 7 days before it."""
    end = agreement.ends_on
    if end is None or agreement.state not in {State.ACTIVE, State.NOTICE_GIVEN}:
        return []
    due = _due((end - today).days, _END_DAYS)
    if not due:
        return []
    mails = news.to_everybody(agreement, offer, more, "ending", until=end.isoformat())
    about = f"{end.isoformat()}-{min(due)}"
    return [_once(mail, agreement.agreement_id, about) for mail in mails]


def of_declaration(
    board_number: str, board_name: str, declared: Declared, addresses: list[str], today: dt.date
) -> list[dict[str, Any]]:
    """Return the mails that warn a board of its own agreement that ends: 60 and 14 days before."""
    if declared.until is None:
        return []
    left = (dt.date.fromisoformat(declared.until) - today).days
    due = _due(left, _DECLARATION_DAYS)
    if not due:
        return []
    about = f"{ids.sha256_hex(declared.party_id)[:_ENOUGH_DIGITS]}-{declared.until}-{min(due)}"
    return [
        {
            "kind": "agreement",
            "request_id": f"declaration-{board_number}-{about}-{_short(address)}",
            "address": address,
            "news": "declaration_ending",
            "board_name": board_name,
            "path": "/board/agreements",
            "name": declared.party_name,
            "reason": "",
            "until": declared.until,
        }
        for address in addresses
    ]


def _due(left_days: int, marks: tuple[int, ...]) -> list[int]:
    """Return the marks that a number of days before an end has just passed."""
    return [days for days in marks if left_days > 0 and days - _DUE_FOR_DAYS < left_days <= days]


def _once(mail: dict[str, Any], agreement_id: str, about: str) -> dict[str, Any]:
    """Return a reminder whose name does not change with the agreement's version."""
    news_kind, address = mail["news"], mail["address"]
    return {**mail, "request_id": f"remind-{agreement_id}-{news_kind}-{about}-{_short(address)}"}


def _short(address: str) -> str:
    return ids.sha256_hex(address)[:_ENOUGH_DIGITS]
