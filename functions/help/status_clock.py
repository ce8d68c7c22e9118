"""Looks at the parts of the house every five minutes and writes what everybody may read of it.

Only what is there already is looked at: whether the store answers, what waits and what gave up in
the queues, and how the night's runs of the schools ended.
"""

import datetime as dt
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from help import notice_store, notices, status
from schoolpoort import aws, clock, dynamodb, roster_nights
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger
from schoolpoort.settings import require

_NIGHT_IS_OVER = 6
"""Until six o'clock in the morning the page tells of the night before."""

_COUNT_EVERY_S = 60 * 60
_QUEUES = {
    "mail": ("MAIL_QUEUE", "MAIL_DEAD_LETTERS"),
    "papers": ("PAPERS_QUEUE", "PAPERS_DEAD_LETTERS"),
}


def handler(_event: dict[str, Any], _context: object) -> dict[str, str]:
    """Look at everything once; without the store the copy says so and the history waits."""
    now_epoch_s = clock.now_epoch_s()
    at = dt.datetime.fromtimestamp(now_epoch_s, notices.AMSTERDAM)
    night = at.date() - dt.timedelta(days=at.hour < _NIGHT_IS_OVER)
    queues = {part: _of_queue(*names) for part, names in _QUEUES.items()}
    copy = notice_store.read_copy(notice_store.STATUS)
    try:
        dynamodb.get(require("SESSIONS_TABLE"), {"session_hash": "status"})
        copy |= _rosters(copy, night, now_epoch_s)
        rosters = status.worst(one["state"] for one in copy["suppliers"].values())
        parts = {"sign_in": "good", "rosters": rosters, **queues}
        copy |= _remembered(at.date(), parts, now_epoch_s)
    except StoreUnavailable:
        parts = {"sign_in": "down", "rosters": "unknown", **queues}
    copy |= {"written_at": now_epoch_s, "parts": parts}
    notice_store.write_copy(notice_store.STATUS, copy)
    logger.info("status", extra={"parts": parts})
    return parts


def _rosters(copy: dict[str, Any], night: dt.date, now_epoch_s: int) -> dict[str, Any]:
    """Return how the night went; counted anew once an hour, because it reads every school."""
    is_fresh = now_epoch_s < copy.get("counted_at", 0) + _COUNT_EVERY_S
    if is_fresh and copy.get("night") == night.isoformat():
        return {}
    suppliers = status.of_rosters(roster_nights.of_night(night))
    return {"night": night.isoformat(), "suppliers": suppliers, "counted_at": now_epoch_s}


def _remembered(day: dt.date, parts: dict[str, str], now_epoch_s: int) -> dict[str, Any]:
    """Keep the day and return the history; the notices' copy is written anew on the way."""
    days = {item["item_key"]: item for item in notice_store.days()}
    today = status.day_item(day, days.get(day.isoformat()), parts, now_epoch_s=now_epoch_s)
    if days.get(day.isoformat(), {}).get("parts") != today["parts"]:
        notice_store.put(today)
    days[day.isoformat()] = today
    since = (day - dt.timedelta(days=notices.HISTORY_DAYS - 1)).isoformat()
    every = notice_store.every_notice()
    shown = {"notices": notices.open_ones(every, now_epoch_s=now_epoch_s)}
    if notice_store.read_copy(notice_store.NOTICES) != shown:
        notice_store.write_copy(notice_store.NOTICES, shown)
    return {
        "days": [
            {"day": key, "parts": item["parts"]}
            for key, item in sorted(days.items(), reverse=True)
            if key >= since
        ],
        "past": [
            notices.public(one)
            for one in every
            if notices.state(one, now_epoch_s=now_epoch_s) in {"past", "taken_down"}
        ],
    }


def _of_queue(queue: str, dead_letters: str) -> str:
    return status.of_queue(_count(dead_letters), _count(queue))


def _count(queue: str) -> int | None:
    """Return how many messages a queue holds, about; None when SQS does not say."""
    name = "ApproximateNumberOfMessages"
    try:
        answer = aws.client("sqs").get_queue_attributes(
            QueueUrl=require(queue), AttributeNames=[name]
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("queue not counted", extra={"queue": queue, "error": aws.failure(error)})
        return None
    return int(answer["Attributes"][name])
