"""A school's link to its administration system: which one, and its authorisation keys, sealed.

A key is encrypted under the key for secrets with the school in the encryption context, so that
one school's sealed key opens nothing for another. Only its last four characters are ever shown.

    none ──enter──▶ working ◀──accepted again── refused
                      │  ▲ └──refused by the LAS──▶ │
                  withdrawn by the helpdesk     enter (a new key)
                      ▼                             │
                    none ◀──withdrawn───────────────┘

A new key does not end the one before it: that stays until the new one has brought a night's
roster. Without a key of its own a school is read with the supplier's general key, where there is
one, until the day from which the supplier wants keys.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from roster_sync.uwlr_envelope import XsdVersion

SCHEMA_VERSION = 1
LINK_KEY = "las_link"
LINKS_PARTITION = "links"
SCHOOL_PREFIX = "school#"

LinkStatus = Literal["working", "refused", "withdrawn", "none"]

# UWLR allows 1 to 64 characters; shorter than this cannot be a key that was copied whole.
_KEY = re.compile(r"[\x21-\x7e]{6,64}")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SealedKey:
    """An authorisation key as it is stored, and what a page may show of it."""

    ciphertext: bytes = field(repr=False)
    last_four: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored; `brin6` is BRIN and location code.

    `key` is the school's own, `previous_key` the one that it replaced and that is not let go yet.
    `status` is of `key`: withdrawn and none mean that there is no key. `customer` is the school's
    part of the supplier's address, where it has one.
    """

    supplier: str
    brin6: str
    key: SealedKey | None
    status: LinkStatus
    checked_at_epoch_s: int
    previous_key: SealedKey | None = None
    customer: str = ""
    xsd_version: XsdVersion = "2.2"

    @property
    def has_valid_key(self) -> bool:
        """Say whether the school's own key worked when it was last tried."""
        return self.key is not None and self.status == "working"

    def checked(self, status: LinkStatus, now_epoch_s: int) -> "Link":
        """Return the link as it is after the LAS accepted or refused its key."""
        return replace(self, status=status, checked_at_epoch_s=now_epoch_s)

    def without_previous(self) -> "Link":
        """Return the link after its new key has proved itself."""
        return replace(self, previous_key=None)

    def withdrawn(self, now_epoch_s: int) -> "Link":
        """Return the link after the helpdesk took its keys away."""
        return replace(self.checked("withdrawn", now_epoch_s), key=None, previous_key=None)


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
        "key": _key_item(link.key),
        "previous_key": _key_item(link.previous_key),
        "status": link.status,
        "checked_at_epoch_s": link.checked_at_epoch_s,
        "customer": link.customer,
        "xsd_version": link.xsd_version,
    }


def listed_item(school_id: str, link: Link) -> dict[str, Any]:
    """Return what the list of all links says of one: enough to plan a night and to count keys."""
    return {
        "school_id": LINKS_PARTITION,
        "item_key": SCHOOL_PREFIX + school_id,
        "schema_version": SCHEMA_VERSION,
        "supplier": link.supplier,
        "has_valid_key": link.has_valid_key,
    }


def link_of(item: Mapping[str, Any]) -> Link:
    """Read a stored link back."""
    return Link(
        supplier=item["supplier"],
        brin6=item["brin"] + item["location_code"],
        key=_key_of(item["key"]),
        status=item["status"],
        checked_at_epoch_s=item["checked_at_epoch_s"],
        previous_key=_key_of(item["previous_key"]),
        customer=item["customer"],
        xsd_version=item["xsd_version"],
    )


def _key_item(key: SealedKey | None) -> dict[str, Any] | None:
    return None if key is None else {"ciphertext": key.ciphertext, "last_four": key.last_four}


def _key_of(item: Mapping[str, Any] | None) -> SealedKey | None:
    return None if item is None else SealedKey(item["ciphertext"], item["last_four"])
