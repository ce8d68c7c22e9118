"""The mails that the house has sent, as a person would read them."""

import email
import email.policy
import email.utils
import functools
from typing import Any

import moto.ses.models

from infra.local.cloud import ACCOUNT, REGION


def sent() -> list[dict[str, Any]]:
    """Return all mails, newest first: to, from, subject, text, html, sent_at, message_id."""
    return [_read(message) for message in reversed(_backend().sent_messages)]


def request_of(dynamodb: Any, table: str, message_id: str) -> str | None:
    """Return the id of the request in the table of mails that a message was sent for, or None."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if item.get("message_id", {}).get("S") == message_id:
                return str(item["request_id"]["S"])
    return None


def kept() -> tuple[Any, ...]:
    """Return the mails as the emulator holds them, to put back later."""
    return tuple(_backend().sent_messages)


def put_back(mails: tuple[Any, ...]) -> None:
    """Hold these mails and no others."""
    _backend().sent_messages[:] = mails


def _backend() -> Any:
    return moto.ses.models.ses_backends[ACCOUNT][REGION]


@functools.lru_cache(maxsize=1024)  # a mail does not change once it is sent
def _read(message: Any) -> dict[str, Any]:
    raw = message.raw_data
    parsed = email.message_from_string(raw, policy=email.policy.default)
    text = parsed.get_body(("plain",))
    html = parsed.get_body(("html",))
    return {
        "message_id": message.id,
        "to": [address for _, address in email.utils.getaddresses([parsed.get("To", "")])],
        "from": parsed.get("From", ""),
        "subject": parsed.get("Subject", ""),
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
        "sent_at": parsed.get("Date", ""),
    }
