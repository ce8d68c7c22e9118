"""Notices and the days of the status page, in a table of this context and as a static copy.

The copy is what everybody reads: it is there when the store is not. Who writes reads the table
consistently and writes the copy from it, so two writers at once end with a copy of both.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from help import notices
from schoolpoort import aws, dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed, StoreUnavailable
from schoolpoort.settings import require

NOTICES = "static/now/notices.json"
STATUS = "static/now/status.json"
_FRESH = "public, max-age=20"
"""A sign-in page shows a notice within a minute: this, and the script's own half minute."""

_GONE = frozenset({"NoSuchKey", "404", "AccessDenied"})


def every_notice() -> list[Item]:
    """Return the notices that are kept, newest first; one Query."""
    return _part("notice")


def days() -> list[Item]:
    """Return the days of the status page, newest first; one Query."""
    return _part("day")


def _part(name: str) -> list[Item]:
    return dynamodb.query(
        require("NOTICES_TABLE"),
        "#part = :part",
        names={"#part": "part"},
        values={":part": name},
        newest_first=True,
    )


def put(item: Mapping[str, Any]) -> None:
    """Keep a notice or a day."""
    dynamodb.put(require("NOTICES_TABLE"), item)


def take_down(notice_id: str, *, now_epoch_s: int) -> bool:
    """End a notice now; False for one that is unknown or taken down already."""
    try:
        dynamodb.update(
            require("NOTICES_TABLE"),
            {"part": "notice", "item_key": notice_id},
            "SET taken_down_at_epoch_s = :now",
            condition="attribute_exists(item_key) AND taken_down_at_epoch_s = :none",
            values={":now": now_epoch_s, ":none": None},
        )
    except ConditionFailed:
        return False
    return True


def publish_notices(*, now_epoch_s: int) -> None:
    """Write the copy that sign-in pages read."""
    shown = notices.open_ones(every_notice(), now_epoch_s=now_epoch_s)
    write_copy(NOTICES, {"notices": shown})


def write_copy(key: str, value: Any) -> None:
    """Put a static copy; raises StoreUnavailable."""
    try:
        aws.client("s3").put_object(
            Bucket=require("STATIC_BUCKET"),
            Key=key,
            Body=json.dumps(value, ensure_ascii=False).encode(),
            ContentType="application/json; charset=utf-8",
            CacheControl=_FRESH,
        )
    except (ClientError, BotoCoreError) as error:
        raise StoreUnavailable from error


def read_copy(key: str) -> dict[str, Any]:
    """Return a static copy, empty before the first was written; raises StoreUnavailable."""
    try:
        answer = aws.client("s3").get_object(Bucket=require("STATIC_BUCKET"), Key=key)
        found: dict[str, Any] = json.loads(answer["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return {}
        raise StoreUnavailable from error
    except BotoCoreError as error:
        raise StoreUnavailable from error
    return found
