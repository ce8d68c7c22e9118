"""A school's link to its administration system: which one, and the authorisation key, sealed.

The key is encrypted under the key for secrets with the school in the encryption context, so that
one school's sealed key opens nothing for another. Only its last four characters are ever shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

SCHEMA_VERSION = 1
LINK_KEY = "las_link"

LinkStatus = Literal["working", "refused"]

# UWLR allows 1 to 64 characters; shorter than this cannot be a key that was copied whole.
_KEY = re.compile(r"[\x21-\x7e]{6,64}")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored; `brin6` is BRIN and location code."""

    supplier: str
    brin6: str
    key_ciphertext: bytes = field(repr=False)
    key_last_four: str
    status: LinkStatus
    checked_at_epoch_s: int

    def checked(self, status: LinkStatus, now_epoch_s: int) -> "Link":
        """Return the link as it is after the LAS accepted or refused its key."""
        return replace(self, status=status, checked_at_epoch_s=now_epoch_s)


def clean_key(typed: str) -> str | None:
    """Return an authorisation key without the white space that copying adds; None when unusable."""
    key = "".join(typed.split())
    return key if _KEY.fullmatch(key) else None


def last_four(key: str) -> str:
    """Return what a page may show of a key."""
    return key[-_SHOWN:]


def encryption_context(school_id: str) -> dict[str, str]:
    """Return what a sealed key is bound to."""
    return {"purpose": "las_key", "school_id": school_id}


def link_item(school_id: str, link: Link) -> dict[str, Any]:
    """Return the stored form of a link."""
    return {
        "school_id": school_id,
        "item_key": LINK_KEY,
        "schema_version": SCHEMA_VERSION,
        "supplier": link.supplier,
        "brin": link.brin6[:4],
        "location_code": link.brin6[4:],
        "key_ciphertext": link.key_ciphertext,
        "key_last_four": link.key_last_four,
        "status": link.status,
        "checked_at_epoch_s": link.checked_at_epoch_s,
    }


def link_of(item: Mapping[str, Any]) -> Link:
    """Read a stored link back."""
    return Link(
        supplier=item["supplier"],
        brin6=item["brin"] + item["location_code"],
        key_ciphertext=item["key_ciphertext"],
        key_last_four=item["key_last_four"],
        status=item["status"],
        checked_at_epoch_s=item["checked_at_epoch_s"],
    )
