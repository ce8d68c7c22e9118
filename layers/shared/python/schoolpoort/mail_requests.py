"""How a function asks for a mail, and how it went: both are password_reset's to answer.

A message names who and why, never a token: the mail job mints that when it sends. The request id
makes asking twice send once, and finds how far the mail is.
"""

import json
from collections.abc import Sequence
from typing import Any

from schoolpoort import aws, dynamodb
from schoolpoort.settings import require

SCHOOL_HOURS = "school_hours"
"""What `leaves` says of a mail that waits for a school day between 7 and 18 o'clock."""


def enqueue(kind: str, *, request_id: str, **values: Any) -> None:
    """Ask for a mail of a kind ("invitation", "password_reset", "password_changed")."""
    message = {"kind": kind, "request_id": request_id, **values}
    aws.client("sqs").send_message(QueueUrl=require("MAIL_QUEUE"), MessageBody=json.dumps(message))


def states(request_ids: Sequence[str]) -> dict[str, str]:
    """Return how far each known request is (mail_events.MailState and what mail_job ends with).

    A call per hundred; a request that still waits in the queue is absent.
    """
    table = require("MAIL_TABLE")
    items = dynamodb.batch_get([(table, {"request_id": name}) for name in set(request_ids) if name])
    return {item["request_id"]: item["state"] for item in items if item}
