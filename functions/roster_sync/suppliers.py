"""The suppliers of administration systems that we may ask, as the deployment lists them.

The list is LAS_ENDPOINTS, JSON from supplier to an address, or to more where a supplier needs it:

    {"parnassys": "https://las.example/uwlr",
     "esis": {"url": "https://{customer}.esis.example/uwlr2.2.svc", "xsdversie": "2.2",
              "headers": {"X-Client": "schoolpoort"}, "secret": true}}

"{customer}" is for suppliers that give each customer a host of its own; a school fills in that one
label and nothing else of the address. With `secret`, LAS_SECRET_ARN holds more of this supplier.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import urlsplit

from roster_sync.uwlr_envelope import XsdVersion
from schoolpoort import settings
from schoolpoort.errors import SettingRefused

_SETTING = "LAS_ENDPOINTS"
_PLACEHOLDER = "{customer}"
_CUSTOMER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,1024}")


@dataclass(frozen=True, slots=True)
class Supplier:
    """How one supplier is asked; `headers` go with every question."""

    name: str
    address: str
    xsd_version: XsdVersion = "2.2"
    headers: Mapping[str, str] = field(default_factory=dict)
    has_secret: bool = False

    @property
    def needs_customer(self) -> bool:
        """Say whether each customer has a host of its own."""
        return _PLACEHOLDER in self.address

    def url(self, customer: str) -> str:
        """Return the address for a customer that `is_customer` accepted."""
        return self.address.replace(_PLACEHOLDER, customer)


def is_customer(text: str) -> bool:
    """Say whether a text is one label of a host name, which cannot lead to another host."""
    return _CUSTOMER.fullmatch(text) is not None


def listed() -> dict[str, Supplier]:
    """Return the suppliers of this deployment by name; raises SettingRefused for a bad list."""
    try:
        entries: Mapping[str, Any] = json.loads(settings.require(_SETTING))
        found = {name: _supplier(name, entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingRefused(_SETTING, "it is not the JSON that is asked for") from error
    for supplier in found.values():
        _check(supplier)
    return found


def _supplier(name: str, entry: Any) -> Supplier:
    if isinstance(entry, str):
        return Supplier(name, entry)
    return Supplier(
        name=name,
        address=entry["url"],
        xsd_version=entry.get("xsdversie", "2.2"),
        headers=dict(entry.get("headers", {})),
        has_secret=bool(entry.get("secret", False)),
    )


def _check(supplier: Supplier) -> None:
    """Raise SettingRefused for an address, version or header that must not be used."""
    address = supplier.url("customer")
    settings.check_url(_SETTING, address)
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment or not parts.hostname:
        raise SettingRefused(_SETTING, "an address has a host, no user and no fragment")
    if supplier.needs_customer and not _is_a_label(supplier.address):
        raise SettingRefused(_SETTING, "{customer} is the first label of a host of the supplier")
    if supplier.xsd_version not in get_args(XsdVersion):
        raise SettingRefused(_SETTING, "we speak UWLR 2.2 and 2.3")
    if not are_headers(supplier.headers):
        raise SettingRefused(_SETTING, "a header has a plain name and a plain value")


def _is_a_label(address: str) -> bool:
    host = urlsplit(address).netloc
    rest = host.removeprefix(_PLACEHOLDER)
    # At least two labels must follow, or a customer would choose the domain itself.
    is_first = rest != host and rest.count(".") > 1
    return is_first and address.count(_PLACEHOLDER) == 1


def are_headers(headers: Mapping[str, str]) -> bool:
    """Say whether all can be sent as headers as they are."""
    return all(
        _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)
        for name, value in headers.items()
    )
