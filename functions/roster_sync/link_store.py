"""Links, their keys, and the days from which suppliers want keys, at AWS.

A link stands twice: whole in its school's partition, and in short in the partition "links", which
the night and the helpdesk go through. Both are written together, or neither.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from roster_sync.links import (
    LINK_KEY,
    LINKS_PARTITION,
    SCHOOL_PREFIX,
    Link,
    SealedKey,
    encryption_context,
    last_four,
    link_item,
    link_of,
    listed_item,
)
from schoolpoort import aws, dynamodb
from schoolpoort.dynamodb import Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.settings import require

_TABLE = "ROSTER_TABLE"
_DATES_KEY = {"school_id": "suppliers", "item_key": "key_dates"}
_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list of links says of one; `noticed` is the last notice: its due day and days."""

    school_id: str
    supplier: str
    has_valid_key: bool
    noticed: str


class LinkChanged(Exception):
    """Somebody else changed the link meanwhile; nothing was written."""


def _key(school_id: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": LINK_KEY}


def link(school_id: str) -> Link | None:
    """Return a school's link."""
    item = dynamodb.get(require(_TABLE), _key(school_id), consistent=True)
    return link_of(item) if item else None


def put_link(school_id: str, new: Link) -> None:
    """Store a link and let the night visit the school, both or neither."""
    table = require(_TABLE)
    dynamodb.transact(
        [Put(table, link_item(school_id, new)), Put(table, listed_item(school_id, new))]
    )


def change_link(school_id: str, before: Link, after: Link) -> None:
    """Store what became of a link's keys; raises LinkChanged when its key is another by now."""
    item = link_item(school_id, after)
    names = ("key", "previous_key", "status", "checked_at_epoch_s")
    values = {f":{name}": item[name] for name in names}
    # A missing key is stored as null, so this compares keys and absences alike.
    values[":before"] = link_item(school_id, before)["key"]
    listed_key = {"school_id": LINKS_PARTITION, "item_key": SCHOOL_PREFIX + school_id}
    table = require(_TABLE)
    try:
        dynamodb.transact(
            [
                Update(
                    table,
                    _key(school_id),
                    "SET " + ", ".join(f"#{name} = :{name}" for name in names),
                    "#key = :before",
                    names={f"#{name}": name for name in names},
                    values=values,
                ),
                Update(
                    table,
                    listed_key,
                    "SET has_valid_key = :valid",
                    "attribute_exists(item_key)",
                    values={":valid": after.has_valid_key},
                ),
            ]
        )
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise StoreUnavailable from error
        raise LinkChanged from error


def renumber_link(school_id: str, before: Link, after: Link) -> None:
    """Store under which code a school is asked from now on, unless somebody was first."""
    names = ("brin", "location_code")
    old, new = link_item(school_id, before), link_item(school_id, after)
    try:
        dynamodb.update(
            require(_TABLE),
            _key(school_id),
            "SET " + ", ".join(f"{name} = :{name}" for name in names),
            condition=" AND ".join(f"{name} = :old_{name}" for name in names),
            values={
                **{f":{name}": new[name] for name in names},
                **{f":old_{name}": old[name] for name in names},
            },
        )
    except ConditionFailed:
        return


def listed_links() -> list[Listed]:
    """Return every link in short; one Query per megabyte."""
    items = dynamodb.query(
        require(_TABLE), "school_id = :links", values={":links": LINKS_PARTITION}
    )
    return [
        Listed(
            school_id=item["item_key"].removeprefix(SCHOOL_PREFIX),
            supplier=item["supplier"],
            has_valid_key=item["has_valid_key"],
            noticed=item.get("noticed", ""),
        )
        for item in items
    ]


def note_notice(school_id: str, noticed: str) -> None:
    """Remember which notice a school had last."""
    key = {"school_id": LINKS_PARTITION, "item_key": SCHOOL_PREFIX + school_id}
    try:
        dynamodb.update(
            require(_TABLE),
            key,
            "SET noticed = :noticed",
            condition="attribute_exists(item_key)",
            values={":noticed": noticed},
        )
    except ConditionFailed:
        return


def key_dates() -> dict[str, dt.date]:
    """Return from which day each supplier wants keys; suppliers without a day are not in it."""
    item = dynamodb.get(require(_TABLE), _DATES_KEY, consistent=True)
    stored: dict[str, str] = item["dates"] if item else {}
    return {supplier: dt.date.fromisoformat(day) for supplier, day in stored.items()}


def put_key_date(supplier: str, day: dt.date | None, *, by: str, now_epoch_s: int) -> None:
    """Set or take away the day of a supplier; who did it last is kept beside it."""
    before = dynamodb.get(require(_TABLE), _DATES_KEY, consistent=True)
    dates: dict[str, Any] = dict(before["dates"]) if before else {}
    dates.pop(supplier, None)
    if day is not None:
        dates[supplier] = day.isoformat()
    dynamodb.put(
        require(_TABLE),
        {
            **_DATES_KEY,
            "schema_version": _SCHEMA_VERSION,
            "dates": dates,
            "changed_by": by,
            "changed_at_epoch_s": now_epoch_s,
        },
    )


def seal_key(school_id: str, authorisation_key: str) -> SealedKey:
    """Return an authorisation key encrypted for this school alone."""
    answer = aws.client("kms").encrypt(
        KeyId=require("SECRETS_KEY_ID"),
        Plaintext=authorisation_key.encode(),
        EncryptionContext=encryption_context(school_id),
    )
    return SealedKey(bytes(answer["CiphertextBlob"]), last_four(authorisation_key))


def open_key(school_id: str, sealed: SealedKey) -> str:
    """Return the authorisation key that was sealed for this school."""
    answer = aws.client("kms").decrypt(
        CiphertextBlob=sealed.ciphertext,
        KeyId=require("SECRETS_KEY_ID"),
        EncryptionContext=encryption_context(school_id),
    )
    opened: bytes = answer["Plaintext"]
    return opened.decode()
