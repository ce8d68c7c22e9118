"""What is kept to find out why somebody cannot sign in: codes for an hour, traces for a day."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from login import audit, store, throttle, trouble
from login.throttle import Draw
from schoolpoort import dynamodb, school_networks
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed
from schoolpoort.ids import sha256_hex
from schoolpoort.settings import require

_HOUR_S = 60 * 60
_MOST_AN_HOUR = 60
"""Codes for one network: a class that tries together fits, a machine does not."""


def may_ask(source_ip: str, *, now_epoch_s: int) -> bool:
    """Count one code in the network's budget of this hour; False when it was spent."""
    hour = now_epoch_s // _HOUR_S
    network = sha256_hex(throttle.source_prefix(source_ip))
    key = f"trouble_asked#{network}#{hour}"
    return store.draw_on([Draw(key, _MOST_AN_HOUR, (hour + 2) * _HOUR_S)])


def keep(code: str, checks: trouble.Checks, trace: str, *, now_epoch_s: int) -> bool:
    """Keep what a code stands for; False when the code is taken."""
    item = trouble.code_item(_key(code), checks, trace, now_epoch_s=now_epoch_s)
    try:
        dynamodb.put(require("THROTTLE_TABLE"), item, unless_exists="budget_key")
    except ConditionFailed:
        return False
    return True


def find(code: str, *, now_epoch_s: int) -> tuple[trouble.Checks, str] | None:
    """Return what a code stands for and the browser's mark, or None; one GetItem."""
    item = dynamodb.get(require("THROTTLE_TABLE"), {"budget_key": _key(code)}, consistent=True)
    if item is None or now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return trouble.Checks(**item["checks"]), item["trace"]


def events_of(trace: str, *, now_epoch_s: int) -> list[Item]:
    """Return what a browser did in a day, newest first, with the schools that stand beside it.

    A Query, and a BatchGetItem of each of both tables.
    """
    if not trace:
        return []
    found = dynamodb.query(
        require("SIGN_IN_ADDRESSES_TABLE"),
        "#trace = :trace AND event_id > :from",
        names={"#trace": "trace"},
        values={":trace": trace, ":from": f"{now_epoch_s - trouble.LOOK_BACK_S:012d}"},
        index="by_trace",
        newest_first=True,
        limit=trouble.MOST_TRIES,
    )
    keys = [{"stream": row["stream"], "event_id": row["event_id"]} for row in found]
    events = _batch("SIGN_IN_EVENTS_TABLE", keys)
    return [
        event | {"school_ids": row.get("school_ids", [])}
        for row, event in zip(found, events, strict=True)
        if event is not None
    ]


def _batch(table: str, keys: Sequence[Mapping[str, Any]]) -> list[Item | None]:
    return dynamodb.batch_get([(require(table), key) for key in keys]) if keys else []


def without_school(*, now_epoch_s: int) -> list[Item]:
    """Return the latest refused attempts that belong to no school, newest first; one Query.

    Boards and the helpdesk sign in without a school too: they are in the stream and not in this.
    """
    events = dynamodb.query(
        require("SIGN_IN_EVENTS_TABLE"),
        "stream = :stream",
        values={":stream": audit.STREAM_WITHOUT_SCHOOL},
        newest_first=True,
        limit=200,
    )
    return [
        event
        for event in events
        if event["outcome"] == "refused" and now_epoch_s < event["expires_at_epoch_s"]
    ]


def is_school_network(source_ip: str, *, now_epoch_s: int) -> bool:
    """Say whether an address is of a school's network; one GetItem."""
    return school_networks.is_at_school(source_ip, now_epoch_s=now_epoch_s)


def accounts_in(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the accounts that events name, each once."""
    return sorted({event["account_id"] for event in events if event["account_id"]})


def _key(code: str) -> str:
    return f"trouble#{sha256_hex(code)}"
