"""Run after the suite: a permission that no test needed is one too many.

`make test` collects, from all workers, which statement and action allowed each recorded call.
That every call is allowed needs no test of its own: the house refuses the others on the spot.
"""

import json
import os
from pathlib import Path

import pytest

from infra.local import template

_WITHOUT_A_CALL = {
    "sqs:ReceiveMessage": "Lambda's own poller reads the queue with the function's role",
    "sqs:DeleteMessage": "the poller takes finished messages off the queue",
    "sqs:GetQueueAttributes": "the poller asks how long the queue is",
    "sqs:ChangeMessageVisibility": "the poller hands failed messages out again",
    "ses:SendEmail": "SES asks for it beside SendRawEmail where a mail is sent as raw MIME",
}
_BEHIND_ENCRYPTION = "UseDataKey"
"""DynamoDB, SQS and S3 use the data key in the caller's name; no call of ours shows it."""


@pytest.fixture(scope="module")
def used() -> set[tuple[str, str, str]]:
    """Return (function, statement, action) of every call that the suite made."""
    path = Path(os.environ.get("SCHOOLPOORT_ROLES_USED", ".local/roles/used.jsonl"))
    if not path.exists():
        pytest.skip("nothing recorded: this runs as part of make test")
    return {tuple(json.loads(line)) for line in path.read_text("utf-8").splitlines()}


@pytest.mark.parametrize("function", template.functions())
def test_every_permission_is_used(function: str, used: set[tuple[str, str, str]]) -> None:
    """Each action that a role allows allowed a call of the suite, or stands above with why."""
    idle = [
        f"{statement['Sid']}: {action}"
        for statement in template.statements(function)
        if statement["Sid"] != _BEHIND_ENCRYPTION
        for action in statement["Action"]
        if action not in _WITHOUT_A_CALL and (function, statement["Sid"], action) not in used
    ]
    assert idle == []


def test_only_what_is_allowed_is_explained() -> None:
    """An explanation for an action that no role allows is out of date."""
    allowed = {
        action
        for function in template.functions()
        for statement in template.statements(function)
        for action in statement["Action"]
    }
    assert set(_WITHOUT_A_CALL) <= allowed
