"""Hands mails of the outbox to the mail queue; asked twice, a mail still goes once.

A move writes its mails beside itself, in one transaction. They are handed over right after, and
whatever a crash left lying is handed over by the next run of the clock. The id of a request is that
of the move, so that the mail job knows a second asking from a new mail.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dpa import store
from schoolpoort import mail_requests


def hand_over() -> int:
    """Empty the outbox; return how many mails were asked for."""
    asked = 0
    for entry in store.outbox():
        _enqueue(entry["mails"])
        store.take_from_outbox(entry)
        asked += len(entry["mails"])
    return asked


def _enqueue(mails: Iterable[Mapping[str, Any]]) -> None:
    for mail in mails:
        said = {name: value for name, value in mail.items() if name not in {"kind", "request_id"}}
        mail_requests.enqueue(mail["kind"], request_id=mail["request_id"], **said)
