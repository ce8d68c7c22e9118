"""A publisher as he is registered: who he is, where people go back to, and what he needs to know.

The stored item: client_id, name, summary {"nl", "en"}, initiate_login_uri, target_link_uri,
redirect_uris, jwks {"keys": […]}, needs [{"field", "why": {"nl", "en"}}] and, where several
clients of one publisher share their people, sector.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sso.errors import RegistrationRefused
from sso.release_gate import OPTIONAL_FIELDS

CATALOG_ID = "catalog"
"""The item that lists the ids of all publishers; no publisher can have this id."""

_CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{1,62}")
_LANGUAGES = frozenset({"nl", "en"})
_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_SHORTEST_RSA_BITS = 2048
_BITS_PER_CHARACTER = 6


@dataclass(frozen=True, slots=True)
class Need:
    """One field that a publisher needs, and why, in the words of both languages."""

    field: str
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Publisher:
    """A registered publisher; `sector` is what his names for people depend on."""

    client_id: str
    name: str
    summary: Mapping[str, str]
    initiate_login_uri: str
    target_link_uri: str
    redirect_uris: tuple[str, ...]
    keys: tuple[Mapping[str, Any], ...]
    needs: tuple[Need, ...]
    sector: str

    @property
    def needed_fields(self) -> frozenset[str]:
        """Return the optional fields that the publisher declares to need."""
        return frozenset(need.field for need in self.needs)


def is_client_id(value: str) -> bool:
    """Say whether a text can be a publisher's id, so that no other item is ever taken for one."""
    return value != CATALOG_ID and _CLIENT_ID.fullmatch(value) is not None


def of_item(item: Mapping[str, Any]) -> Publisher:
    """Read a stored registration, which was checked when it was stored."""
    return Publisher(
        client_id=item["client_id"],
        name=item["name"],
        summary=item["summary"],
        initiate_login_uri=item["initiate_login_uri"],
        target_link_uri=item["target_link_uri"],
        redirect_uris=tuple(item["redirect_uris"]),
        keys=tuple(item["jwks"]["keys"]),
        needs=tuple(Need(need["field"], need["why"]) for need in item["needs"]),
        sector=item.get("sector") or item["client_id"],
    )


def check(item: Mapping[str, Any], *, is_http_allowed: bool) -> Publisher:
    """Return the publisher of a registration; raises RegistrationRefused for an unsafe one."""
    try:
        publisher = of_item(item)
    except (KeyError, TypeError) as error:
        raise RegistrationRefused("incomplete") from error
    if not is_client_id(publisher.client_id):
        raise RegistrationRefused("client_id")
    if not publisher.name.strip() or set(publisher.summary) != _LANGUAGES:
        raise RegistrationRefused("words")
    addresses = (
        publisher.initiate_login_uri,
        publisher.target_link_uri,
        *publisher.redirect_uris,
    )
    schemes = {"https", "http"} if is_http_allowed else {"https"}
    if not publisher.redirect_uris or not all(_is_address(uri, schemes) for uri in addresses):
        raise RegistrationRefused("address")
    if not publisher.keys or not all(map(_is_usable_key, publisher.keys)):
        raise RegistrationRefused("key")
    if not all(_is_known(need) for need in publisher.needs):
        raise RegistrationRefused("need")
    return publisher


def _is_address(uri: str, schemes: set[str]) -> bool:
    parts = urlsplit(uri)
    is_plain = uri.isascii() and uri.isprintable() and not set(uri) & set(' \\"<>*')
    return (
        is_plain
        and parts.scheme in schemes
        and bool(parts.hostname)
        and parts.username is None
        and "#" not in uri
    )


def _is_usable_key(key: Mapping[str, Any]) -> bool:
    """Say whether a JWK is a public key of a kind and size that we verify with."""
    if set(key) & _PRIVATE_PARTS:
        return False
    if key.get("kty") == "EC":
        return key.get("crv") == "P-256"
    modulus = str(key.get("n", ""))
    return key.get("kty") == "RSA" and len(modulus) * _BITS_PER_CHARACTER >= _SHORTEST_RSA_BITS


def _is_known(need: Need) -> bool:
    return need.field in OPTIONAL_FIELDS and set(need.why) == _LANGUAGES
