"""How often somebody may ask for a link: for one address, and from one network.

An empty budget of an address changes nothing that is shown: its three newest links still work.
An empty budget of a network says so, because whoever waits there may be a colleague in good faith.
Windows stand still on the clock, as those of passwords do.
"""

import ipaddress
from dataclasses import dataclass

from schoolpoort.ids import sha256_hex

_HOUR_S = 60 * 60
_DAY_S = 24 * _HOUR_S
_IPV6_PREFIX = 56


@dataclass(frozen=True, slots=True)
class Draw:
    """One asking: the counter's key, how far it may count, when it may be forgotten."""

    budget_key: str
    most: int
    expires_at_epoch_s: int


OF_ADDRESS = (("asked_hour", 3, _HOUR_S), ("asked_day", 5, _DAY_S))
OF_SOURCE = ("asked_source", 20, _HOUR_S)
OF_SCHOOL = ("asked_school", 300, _HOUR_S)
"""A whole school sits behind one address, and on its first morning everybody asks."""


def draws(
    address: str, source_ip: str, *, is_school: bool, now_epoch_s: int
) -> tuple[Draw, Draw, Draw]:
    """Return what asking draws on: the network first, then the address by hour and by day."""
    hourly, daily = OF_ADDRESS
    whom = sha256_hex(address)
    where = sha256_hex(source_prefix(source_ip))
    return (
        _draw(OF_SCHOOL if is_school else OF_SOURCE, where, now_epoch_s),
        _draw(hourly, whom, now_epoch_s),
        _draw(daily, whom, now_epoch_s),
    )


def _draw(budget: tuple[str, int, int], subject_hash: str, now_epoch_s: int) -> Draw:
    name, most, window_s = budget
    window = now_epoch_s // window_s
    return Draw(f"{name}#{subject_hash}#{window}", most, (window + 1) * window_s + _HOUR_S)


def source_prefix(source_ip: str) -> str:
    """Return the network that shares a budget: one IPv4 address, or an IPv6 subscriber's /56."""
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
