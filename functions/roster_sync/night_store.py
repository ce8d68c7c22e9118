"""The night at AWS: the schools that it visits, their queues, and the messages that gave up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roster_sync.links import LINKS_PARTITION, SCHOOL_PREFIX
from roster_sync.night import Visit, queue_of
from schoolpoort import aws, dynamodb
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require

_BATCH = 10
_ROUNDS = 5
_LOOK_S = 2
"""How long a message that is only looked at stays out of others' sight."""

_TAKE_S = 60
_OTHERS_JOBS = frozenset({"day", "outbox"})


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A message that failed too often; `school_id` is None for what is not about one school."""

    school_id: str | None
    night: str | None
    failed_at_epoch_s: int


def schools() -> list[tuple[str, str]]:
    """Return the id and supplier of each school with a link; one Query per megabyte."""
    values = {":links": LINKS_PARTITION}
    items = dynamodb.query(require("ROSTER_TABLE"), "school_id = :links", values=values)
    return [(item["item_key"].removeprefix(SCHOOL_PREFIX), item["supplier"]) for item in items]


def queue_visits(visits: Iterable[Visit], night: str) -> None:
    """Queue the visits of a night, ten a call; raises StoreUnavailable when SQS keeps refusing.

    What was queued before that is queued again by the next try, which harms nobody.
    """
    queues: Mapping[str, str] = json.loads(require("ROSTER_QUEUES"))
    by_queue: dict[str, list[Visit]] = {}
    for visit in visits:
        by_queue.setdefault(queue_of(visit.supplier, queues), []).append(visit)
    for url, own in by_queue.items():
        for start in range(0, len(own), _BATCH):
            _send(url, own[start : start + _BATCH], night)


def _send(url: str, visits: list[Visit], night: str) -> None:
    left = {
        str(number): {
            "Id": str(number),
            "MessageBody": json.dumps(visit.message(night)),
            "DelaySeconds": visit.delay_s,
        }
        for number, visit in enumerate(visits)
    }
    for _ in range(_ROUNDS):
        answer = aws.client("sqs").send_message_batch(QueueUrl=url, Entries=list(left.values()))
        left = {one["Id"]: left[one["Id"]] for one in answer.get("Failed", ())}
        if not left:
            return
    raise StoreUnavailable


def given_up() -> tuple[int, list[GivenUp]]:
    """Return how many messages gave up, about, and a look at up to ten of them."""
    number = number_given_up()
    found = [_given_up(message) for message in _received(require("ROSTER_DEAD_LETTERS"), _LOOK_S)]
    return max(number, len(found)), found


def number_given_up() -> int:
    """Return how many messages gave up, about."""
    name = "ApproximateNumberOfMessages"
    told = aws.client("sqs").get_queue_attributes(
        QueueUrl=require("ROSTER_DEAD_LETTERS"), AttributeNames=[name]
    )
    return int(told["Attributes"][name])


def _received(url: str, hidden_s: int) -> list[Mapping[str, Any]]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=_BATCH,
        VisibilityTimeout=hidden_s,
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    messages: list[Mapping[str, Any]] = answer.get("Messages", [])
    return messages


def _given_up(message: Mapping[str, Any]) -> GivenUp:
    body = _body(message)
    sent_at = int(message["Attributes"]["SentTimestamp"]) // 1000
    return GivenUp(body.get("school_id"), body.get("night"), sent_at)


def _body(message: Mapping[str, Any]) -> dict[str, Any]:
    try:
        body = json.loads(message["Body"])
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def try_again(most: int) -> int:
    """Hand up to so many messages that gave up to their queues again; return how many.

    A message is taken away only after it was sent on: cut off in between it is worked off twice,
    which a run of a school and night allows. Jobs of the agreements' clock, whose schedules have
    this queue too, stay: nobody here can do them, and they come again anyway.
    """
    url = require("ROSTER_DEAD_LETTERS")
    queues: Mapping[str, str] = json.loads(require("ROSTER_QUEUES"))
    sqs = aws.client("sqs")
    done = 0
    while done < most and (messages := _received(url, _TAKE_S)):
        own = [message for message in messages if _body(message).get("job") not in _OTHERS_JOBS]
        for message in own:
            supplier = str(_body(message).get("supplier", ""))
            sqs.send_message(QueueUrl=queue_of(supplier, queues), MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        done += len(own)
    return done
