"""A school's own networks: from which addresses its pupils see their pictures.

An address is a place, not a proof: whoever stands in the school yard with its wifi is in it too.
That is why a range must be small, and why what everybody's phone has is refused.
"""

import enum
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schoolpoort.school_networks import FORGOTTEN_AFTER_S, WIDEST_IPV4_PREFIX, WIDEST_IPV6_PREFIX

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SUBSCRIBER_IPV6_PREFIX = 64

_OF_PHONES = tuple(
    ipaddress.ip_network(known)
    for known in ("62.140.128.0/20", "89.205.128.0/17", "178.227.0.0/16", "178.228.0.0/14")
)
"""Ranges that Dutch operators give to phones: Vodafone's, and those that AS31615 (Odido) routes.

A help against a hotspot that becomes "the school", and no wall: such lists grow old, and a range
stands here only when it is certain, because a school behind it would be refused.
"""


class Unfit(enum.StrEnum):
    """Why a range cannot be a school's network."""

    MALFORMED = "malformed"
    NOT_PUBLIC = "not_public"
    TOO_WIDE = "too_wide"
    OF_PHONES = "of_phones"


@dataclass(frozen=True, slots=True)
class SchoolNetwork:
    """A registered range, and when somebody last came from it."""

    cidr: str
    added_at_epoch_s: int
    seen_at_epoch_s: int

    def is_forgotten(self, now_epoch_s: int) -> bool:
        """Say whether the range no longer opens before the coordinator confirms it."""
        return now_epoch_s - self.seen_at_epoch_s >= FORGOTTEN_AFTER_S


def read(typed: str, *, is_local: bool = False) -> Network | Unfit:
    """Return the range that somebody typed, or why it will not do.

    An IPv6 address alone stands for its /64: devices change the rest by themselves. The house on
    one machine may register its own loopback address (`is_local`).
    """
    text = typed.strip()
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return Unfit.MALFORMED
    unfit = _unfit(network, is_local=is_local)
    if unfit is not None:
        return unfit
    if isinstance(network, ipaddress.IPv6Network) and "/" not in text:
        return network.supernet(new_prefix=_SUBSCRIBER_IPV6_PREFIX)
    return network


def _unfit(network: Network, *, is_local: bool) -> Unfit | None:
    if is_local and network.is_loopback:
        return None
    if not network.is_global or network.is_multicast:
        return Unfit.NOT_PUBLIC
    is_ipv4 = isinstance(network, ipaddress.IPv4Network)
    widest = WIDEST_IPV4_PREFIX if is_ipv4 else WIDEST_IPV6_PREFIX
    if network.prefixlen < widest:
        return Unfit.TOO_WIDE
    if any(network.version == known.version and network.overlaps(known) for known in _OF_PHONES):
        return Unfit.OF_PHONES
    return None


def of_address(source_ip: str, known: Iterable[SchoolNetwork]) -> SchoolNetwork | None:
    """Return the registered range that an address lies in, or None."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return next((one for one in known if address in ipaddress.ip_network(one.cidr)), None)


def from_item(item: Mapping[str, object]) -> SchoolNetwork:
    """Read a registered range from its item."""
    return SchoolNetwork(
        cidr=str(item["item_key"]).removeprefix("network#"),
        added_at_epoch_s=int(str(item["added_at_epoch_s"])),
        seen_at_epoch_s=int(str(item["seen_at_epoch_s"])),
    )
