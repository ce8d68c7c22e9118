"""How a function asks for a mail: a message on the mail queue, answered by password_reset.

A message names who and why, never a token: the mail job mints that when it sends. The request id
makes asking twice send once.
"""

import json
from typing import Any

from schoolpoort import aws
from schoolpoort.settings import require


def enqueue(kind: str, *, request_id: str, **values: Any) -> None:
    """Ask for a mail of a kind ("invitation", "password_reset", "password_changed")."""
    message = {"kind": kind, "request_id": request_id, **values}
    aws.client("sqs").send_message(QueueUrl=require("MAIL_QUEUE"), MessageBody=json.dumps(message))
