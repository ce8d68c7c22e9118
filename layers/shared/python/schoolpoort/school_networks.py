"""Is somebody at a school? A reader of the registered networks, which the login function owns.

All ranges around an address stand in one item, so that they are found without knowing the school.
"""

import ipaddress
from collections.abc import Mapping

from schoolpoort import dynamodb
from schoolpoort.settings import require

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WIDEST_IPV4_PREFIX = 24
WIDEST_IPV6_PREFIX = 48
FORGOTTEN_AFTER_S = 60 * 24 * 60 * 60
"""A network from which nobody came for sixty days may be somebody else's by now."""


def near_key(source: str) -> dict[str, str]:
    """Return the key under which all ranges around an address or range stand.

    No range is wider than these prefixes, so each has one such place; what is neither address nor
    range has a place where nothing stands.
    """
    try:
        network = ipaddress.ip_network(source, strict=False)
    except ValueError:
        return {"school_id": "net#unknown", "item_key": "places"}
    if isinstance(network, ipaddress.IPv6Network):
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return near_key(str(mapped))
        around: ipaddress.IPv4Network | ipaddress.IPv6Network = network.supernet(
            new_prefix=WIDEST_IPV6_PREFIX
        )
    else:
        around = network.supernet(new_prefix=WIDEST_IPV4_PREFIX)
    return {"school_id": f"net#{around}", "item_key": "places"}


def place_name(cidr: str, school_id: str) -> str:
    """Return the name under which a school's range stands among those near it."""
    return f"{cidr} {school_id}"


def is_of_school(source_ip: str, near: Mapping[str, object] | None, *, now_epoch_s: int) -> bool:
    """Say whether an address is in a range that a school registered and that is not forgotten.

    `near` is the item at `near_key` of the address.
    """
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(
        address in ipaddress.ip_network(name.partition(" ")[0])
        for name, seen in (near or {}).items()
        if " " in name and now_epoch_s - int(str(seen)) < FORGOTTEN_AFTER_S
    )


def is_at_school(source_ip: str, *, now_epoch_s: int) -> bool:
    """Say whether an address is in a school's range; one GetItem."""
    near = dynamodb.get(require("PUPIL_ACCESS_TABLE"), near_key(source_ip))
    return is_of_school(source_ip, near, now_epoch_s=now_epoch_s)
