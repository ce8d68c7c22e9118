"""Pays what moves owe: mails to the mail queue, coverage to the schools; asked twice, once is done.

A move writes what it owes beside itself, in one transaction. It is paid right after, and whatever
a crash left lying is paid by the next run of the clock: else an agreement that ended would cover
on, because nothing looks at a board without one. The id of a mail's request is that of the move,
so that the mail job knows a second asking from a new mail.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dpa import effects, store
from dpa.agreement import Agreement
from schoolpoort import mail_requests


def hand_over(now_epoch_s: int, agreement: Agreement | None = None) -> int:
    """Empty the outbox; return how many mails were asked for.

    `agreement` is what the caller has just written, and its board is looked at in any case.
    """
    asked, settled = 0, set()
    for entry in store.outbox():
        _enqueue(entry["mails"])
        number = entry["of_board"]
        _settle(number, now_epoch_s, agreement)
        settled.add(number)
        store.take_from_outbox(entry)
        asked += len(entry["mails"])
    if agreement is not None and agreement.board_number not in settled:
        _settle(agreement.board_number, now_epoch_s, agreement)
    return asked


def _settle(board_number: str, now_epoch_s: int, agreement: Agreement | None) -> None:
    is_of_board = agreement is not None and agreement.board_number == board_number
    effects.settle(board_number, now_epoch_s, agreement=agreement if is_of_board else None)


def _enqueue(mails: Iterable[Mapping[str, Any]]) -> None:
    for mail in mails:
        said = {name: value for name, value in mail.items() if name not in {"kind", "request_id"}}
        mail_requests.enqueue(mail["kind"], request_id=mail["request_id"], **said)
