"""The ledger: what left to whom, when and why; names of fields, never their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sso.grants import Grant

SCHEMA_VERSION = 1
WHY_SIGN_ON = "sign_on"
"""A person opened the publisher's app and was signed in there."""

_DIGITS_OF_MS = 13


@dataclass(frozen=True, slots=True)
class Entry:
    """One release, as the school sees it."""

    publisher_id: str
    publisher_name: str
    role: str
    fields: tuple[str, ...]
    why: str
    released_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class Shared:
    """All releases to one publisher in a list of entries, the latest first."""

    publisher_name: str
    fields: tuple[str, ...]
    entries: tuple[Entry, ...]


def item(
    grant: Grant, *, new_id: str, publisher_name: str, agreement_id: str, now_epoch_s: int
) -> dict[str, Any]:
    """Return the row of a release; its key sorts by time, `agreement_ids` are those of ours."""
    epoch_ms = f"{now_epoch_s * 1000:0{_DIGITS_OF_MS}d}"
    return {
        "school_id": grant.school_id,
        "entry_key": f"{epoch_ms}#{new_id}",
        "publisher_id": grant.client_id,
        "publisher_name": publisher_name,
        "account_id": grant.account_id,
        "role": grant.role,
        "fields": list(grant.fields),
        "agreement_ids": [agreement_id],
        "why": WHY_SIGN_ON,
        "released_at_epoch_s": now_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Entry:
    """Read a row."""
    return Entry(
        publisher_id=item["publisher_id"],
        publisher_name=item["publisher_name"],
        role=item["role"],
        fields=tuple(item["fields"]),
        why=item["why"],
        released_at_epoch_s=item["released_at_epoch_s"],
    )


def by_publisher(entries: Sequence[Entry]) -> list[Shared]:
    """Group entries (newest first) per publisher, the one of the latest release first."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.publisher_id, []).append(entry)
    return [
        Shared(
            publisher_name=found[0].publisher_name,
            fields=tuple(dict.fromkeys(field for entry in found for field in entry.fields)),
            entries=tuple(found),
        )
        for found in grouped.values()
    ]
