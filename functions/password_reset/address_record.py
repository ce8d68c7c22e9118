"""What is known of an address that mails go to: its newest links, and whether mails arrive.

One item for each address, for the account of staff and that of a parent together: it is the
mailbox that receives, loses and bounces. Its version makes two mails at once agree on which
links are the newest three.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from password_reset.mail_links import Link, Standing

SCHEMA_VERSION = 1
MOST_USABLE = 3
USABLE_BESIDE_S = 60 * 60
"""How young a link is that stays usable when a newer one is made."""


@dataclass(frozen=True, slots=True)
class Recent:
    """One of the newest links of an address."""

    token_hash: str
    address_key: str
    issued_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """What is known of an address.

    `used` holds, for each account, the password's version that the last used link set aside;
    `bounced_at_epoch_s` is when its host said that there is no such mailbox, 0 for never;
    `last_request_id` is the newest request whose mail had a link.
    """

    address: str
    recent: tuple[Recent, ...] = ()
    used: Mapping[str, int] = field(default_factory=dict)
    bounced_at_epoch_s: int = 0
    last_request_id: str = ""
    version: int = 0

    def standing(self, link: Link) -> Standing:
        """Return what the address knows of one of its links."""
        return Standing(
            is_newest=any(one.token_hash == link.token_hash for one in self.recent),
            used_version=self.used.get(link.address_key, -1),
        )

    def item(self) -> dict[str, Any]:
        """Return what is stored, without its key."""
        return {
            "recent": {
                one.token_hash: {
                    "address_key": one.address_key,
                    "issued_at_epoch_s": one.issued_at_epoch_s,
                }
                for one in self.recent
            },
            "used": dict(self.used),
            "bounced_at_epoch_s": self.bounced_at_epoch_s,
            "last_request_id": self.last_request_id,
            "record_version": self.version,
            "schema_version": SCHEMA_VERSION,
        }


def from_item(address: str, item: Mapping[str, Any] | None) -> AddressRecord:
    """Read a stored record; without one, an address of which nothing is known."""
    if item is None:
        return AddressRecord(address)
    return AddressRecord(
        address=address,
        recent=tuple(
            Recent(token_hash, one["address_key"], one["issued_at_epoch_s"])
            for token_hash, one in item["recent"].items()
        ),
        used=item["used"],
        bounced_at_epoch_s=item["bounced_at_epoch_s"],
        last_request_id=item["last_request_id"],
        version=item["record_version"],
    )


def with_links(
    record: AddressRecord, links: Sequence[Link], unsent: Collection[str], *, now_epoch_s: int
) -> AddressRecord:
    """Return a record in which new links stand beside the newest two of the last hour.

    `unsent` are hashes of links that this same mail was to have and that certainly went nowhere:
    they take no place.
    """
    kept: list[Recent] = []
    of_new = {link.address_key: link for link in links}
    for address_key in {one.address_key for one in record.recent} | of_new.keys():
        mine = [
            one
            for one in record.recent
            if one.address_key == address_key and one.token_hash not in unsent
        ]
        if address_key not in of_new:
            kept += mine
            continue
        oldest = now_epoch_s - USABLE_BESIDE_S
        young = [one for one in mine if one.issued_at_epoch_s > oldest]
        young.sort(key=lambda one: one.issued_at_epoch_s, reverse=True)
        kept += young[: MOST_USABLE - 1]
    kept += [Recent(one.token_hash, one.address_key, one.issued_at_epoch_s) for one in links]
    request_id = links[0].request_id if links else record.last_request_id
    return replace(
        record,
        recent=tuple(kept),
        last_request_id=request_id,
        # A mail goes to an address that bounced only where somebody says that it is right.
        bounced_at_epoch_s=0,
        version=record.version + 1,
    )
