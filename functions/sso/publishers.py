"""The registered publishers: found by id, listed for a school, and registered."""

from collections.abc import Mapping
from typing import Any

from schoolpoort import settings
from sso import registration, store
from sso.registration import Publisher


def find(client_id: str) -> Publisher | None:
    """Return a registered publisher, or None; a text that can be no id is not looked up."""
    if not registration.is_client_id(client_id):
        return None
    item = store.publisher(client_id)
    return None if item is None else registration.of_item(item)


def listed() -> list[Publisher]:
    """Return all publishers, by name."""
    found = [registration.of_item(item) for item in store.publishers()]
    return sorted(found, key=lambda publisher: publisher.name.casefold())


def register(item: Mapping[str, Any]) -> Publisher:
    """Store a registration or replace it; raises RegistrationRefused for an unsafe one."""
    publisher = registration.check(item, is_http_allowed=settings.is_local())
    store.add_publisher({**item, "schema_version": 1})
    return publisher
