"""The link in a mail: a GUID of 36 characters that sets one password, once.

                 consume (POST, one transaction with the password)
    ISSUED ────────────────────────────────────────────────────────► CONSUMED
       │
       ├── time passes: 7 days (activation) or 60 minutes (reset) ──► EXPIRED
       ├── the password changes by another link or page ────────────► PASSWORD_CHANGED
       └── the address becomes another account's, or nobody's ──────► ADDRESS_CHANGED

Only ISSUED and CONSUMED are written; the other ends follow from what is known of the account, so
that no job has to be on time. Looking at a link changes nothing: mail scanners open links too.
Up to three links stay usable beside each other, because asking again must not punish the
impatient; using one moves the password's version on, and that ends the others.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort.credentials import Credential

SCHEMA_VERSION = 1
MOST_USABLE = 3
_AN_HOUR_S = 3600


class Purpose(enum.StrEnum):
    """What a link is for."""

    ACTIVATION = "activation"
    RESET = "reset"


LIFE_S: Mapping[Purpose, int] = {
    Purpose.ACTIVATION: 7 * 24 * _AN_HOUR_S,
    Purpose.RESET: _AN_HOUR_S,
}


class LinkState(enum.StrEnum):
    """Where a link is; only ISSUED can still be used."""

    ISSUED = "issued"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a state
    ADDRESS_CHANGED = "address_changed"
    UNKNOWN = "unknown"


TRANSITIONS: Mapping[LinkState, frozenset[LinkState]] = {
    LinkState.ISSUED: frozenset(
        {
            LinkState.CONSUMED,
            LinkState.EXPIRED,
            LinkState.PASSWORD_CHANGED,
            LinkState.ADDRESS_CHANGED,
        }
    ),
    LinkState.CONSUMED: frozenset(),
    LinkState.EXPIRED: frozenset(),
    LinkState.PASSWORD_CHANGED: frozenset(),
    LinkState.ADDRESS_CHANGED: frozenset(),
    LinkState.UNKNOWN: frozenset(),
}
"""Every move that a link can make; a link that can no longer be used never moves again."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored: under the hash of its token, bound to address and password."""

    token_hash: str
    purpose: Purpose
    address_key: str
    account_id: str
    password_version: int
    issued_at_epoch_s: int
    expires_at_epoch_s: int
    is_consumed: bool = False

    def item(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "token_hash": self.token_hash,
            "purpose": self.purpose.value,
            "address_key": self.address_key,
            "account_id": self.account_id,
            "password_version": self.password_version,
            "issued_at_epoch_s": self.issued_at_epoch_s,
            "expires_at_epoch_s": self.expires_at_epoch_s,
            "state": (LinkState.CONSUMED if self.is_consumed else LinkState.ISSUED).value,
            "schema_version": SCHEMA_VERSION,
        }


def from_item(item: Mapping[str, Any]) -> Link:
    """Read a stored link."""
    return Link(
        token_hash=item["token_hash"],
        purpose=Purpose(item["purpose"]),
        address_key=item["address_key"],
        account_id=item["account_id"],
        password_version=item["password_version"],
        issued_at_epoch_s=item["issued_at_epoch_s"],
        expires_at_epoch_s=item["expires_at_epoch_s"],
        is_consumed=item["state"] == LinkState.CONSUMED,
    )


def issue(purpose: Purpose, token_hash: str, credential: Credential, *, now_epoch_s: int) -> Link:
    """Return a new link to the password of an address, as it is known now."""
    return Link(
        token_hash=token_hash,
        purpose=purpose,
        address_key=credential.address_key,
        account_id=credential.account_id,
        password_version=credential.password_version,
        issued_at_epoch_s=now_epoch_s,
        expires_at_epoch_s=now_epoch_s + LIFE_S[purpose],
    )


def state(link: Link | None, credential: Credential | None, *, now_epoch_s: int) -> LinkState:
    """Return where a link is, given what its address is now."""
    if link is None:
        return LinkState.UNKNOWN
    if link.is_consumed:
        return LinkState.CONSUMED
    if credential is None or credential.account_id != link.account_id:
        return LinkState.ADDRESS_CHANGED
    if credential.password_version != link.password_version:
        return LinkState.PASSWORD_CHANGED
    if now_epoch_s >= link.expires_at_epoch_s:
        return LinkState.EXPIRED
    return LinkState.ISSUED


def surplus(links: list[Link]) -> list[Link]:
    """Return the links of one address that a new one pushes out: all but the newest two."""
    newest_first = sorted(links, key=lambda link: link.issued_at_epoch_s, reverse=True)
    return newest_first[MOST_USABLE - 1 :]
