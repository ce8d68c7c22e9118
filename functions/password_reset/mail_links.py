"""The link in a mail: a GUID of 36 characters that sets one password, once.

                 shown (GET)
    ISSUED ───────────────────► OPENED
       │                          │
       ├──────── used (POST, one transaction with the password) ──► CONSUMED
       │                          │
       └────────────┬─────────────┘
                    ├── its life passed ─────────────────► EXPIRED ──────────┐
                    ├── newer ones took its place ───────► SUPERSEDED ───────┤ a graver
                    ├── the password changed otherwise ──► PASSWORD_CHANGED ─┤ reason may
                    ├── another link was used ───────────► USED_ELSEWHERE ───┤ be told later
                    └── the address is another's ────────► ADDRESS_CHANGED ◄─┘

ISSUED, OPENED and CONSUMED are written; the other ends follow from what is known of the address
and its password, so that no job has to be on time. A look uses nothing up: mail scanners open
links too. Up to three links of the last hour stay usable beside each other, because asking again
must not punish the impatient; using one moves the password's version on, and that ends the others.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort.credentials import Credential

SCHEMA_VERSION = 2


class Purpose(enum.StrEnum):
    """What a link is for."""

    ACTIVATION = "activation"
    RESET = "reset"


class LinkState(enum.StrEnum):
    """Where a link is; only ISSUED and OPENED can still be used. UNKNOWN is no link of ours."""

    ISSUED = "issued"
    OPENED = "opened"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a state
    USED_ELSEWHERE = "used_elsewhere"
    ADDRESS_CHANGED = "address_changed"
    UNKNOWN = "unknown"


class LinkEvent(enum.StrEnum):
    """What may happen to a link."""

    SHOWN = "shown"
    USED = "used"
    LIFE_PASSED = "life_passed"
    NEWER_ISSUED = "newer_issued"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an event
    OTHER_USED = "other_used"
    ADDRESS_MOVED = "address_moved"


USABLE = frozenset({LinkState.ISSUED, LinkState.OPENED})
_REASON: Mapping[LinkEvent, LinkState] = {
    LinkEvent.LIFE_PASSED: LinkState.EXPIRED,
    LinkEvent.NEWER_ISSUED: LinkState.SUPERSEDED,
    LinkEvent.PASSWORD_SET: LinkState.PASSWORD_CHANGED,
    LinkEvent.OTHER_USED: LinkState.USED_ELSEWHERE,
    LinkEvent.ADDRESS_MOVED: LinkState.ADDRESS_CHANGED,
}
"""Why a link ends without being used, the least grave first."""

_GRAVITY = tuple(_REASON.values())
TRANSITIONS: Mapping[tuple[LinkState, LinkEvent], LinkState] = {
    (LinkState.ISSUED, LinkEvent.SHOWN): LinkState.OPENED,
    (LinkState.ISSUED, LinkEvent.USED): LinkState.CONSUMED,
    (LinkState.OPENED, LinkEvent.USED): LinkState.CONSUMED,
    **{(state, event): dead for state in USABLE for event, dead in _REASON.items()},
    **{
        (dead, event): graver
        for number, dead in enumerate(_GRAVITY)
        for event, graver in _REASON.items()
        if graver in _GRAVITY[number + 1 :]
    },
}
"""Every move that a link can make. None leads from a dead link, or a used one, to a usable one."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is stored: under the hash of its token, bound to address and password.

    `request_id` is the request whose mail it stands in.
    """

    token_hash: str
    purpose: Purpose
    address_key: str
    account_id: str
    password_version: int
    issued_at_epoch_s: int
    expires_at_epoch_s: int
    request_id: str = ""
    written: LinkState = LinkState.ISSUED

    @property
    def address(self) -> str:
        """Return the address that the link was mailed to."""
        return self.address_key.partition("#")[2]

    @property
    def is_home(self) -> bool:
        """Say whether it is of a parent's account."""
        return self.address_key.startswith("home#")

    def item(self) -> dict[str, Any]:
        """Return what is stored, without its key."""
        return {
            "purpose": self.purpose.value,
            "address_key": self.address_key,
            "account_id": self.account_id,
            "password_version": self.password_version,
            "issued_at_epoch_s": self.issued_at_epoch_s,
            "expires_at_epoch_s": self.expires_at_epoch_s,
            "request_id": self.request_id,
            "state": self.written.value,
            "schema_version": SCHEMA_VERSION,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """What an address knows of its links: which are the newest, and when one was last used.

    `is_newest` is False for a link whose place newer ones took; `used_version` is the version of
    the password that the last used link set aside, or -1 before any.
    """

    is_newest: bool
    used_version: int


def from_item(token_hash: str, item: Mapping[str, Any]) -> Link:
    """Read a stored link."""
    return Link(
        token_hash=token_hash,
        purpose=Purpose(item["purpose"]),
        address_key=item["address_key"],
        account_id=item["account_id"],
        password_version=item["password_version"],
        issued_at_epoch_s=item["issued_at_epoch_s"],
        expires_at_epoch_s=item["expires_at_epoch_s"],
        request_id=item["request_id"],
        written=LinkState(item["state"]),
    )


def issue(
    purpose: Purpose,
    token_hash: str,
    credential: Credential,
    *,
    request_id: str,
    now_epoch_s: int,
    life_s: int,
) -> Link:
    """Return a new link to the password of an address, as it is known now."""
    return Link(
        token_hash=token_hash,
        purpose=purpose,
        address_key=credential.address_key,
        account_id=credential.account_id,
        password_version=credential.password_version,
        issued_at_epoch_s=now_epoch_s,
        expires_at_epoch_s=now_epoch_s + life_s,
        request_id=request_id,
    )


def state(
    link: Link | None, credential: Credential | None, standing: Standing, *, now_epoch_s: int
) -> LinkState:
    """Return where a link is, given what its address is now; the gravest reason counts."""
    if link is None:
        return LinkState.UNKNOWN
    if link.written is LinkState.CONSUMED:
        return LinkState.CONSUMED
    if credential is None or credential.account_id != link.account_id:
        return LinkState.ADDRESS_CHANGED
    if credential.password_version != link.password_version:
        was_used = standing.used_version >= link.password_version
        return LinkState.USED_ELSEWHERE if was_used else LinkState.PASSWORD_CHANGED
    if not standing.is_newest:
        return LinkState.SUPERSEDED
    return LinkState.EXPIRED if now_epoch_s >= link.expires_at_epoch_s else link.written
