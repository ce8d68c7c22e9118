"""The names of the registered publishers: a reader of the publishers table, which sso owns."""

from schoolpoort import dynamodb
from schoolpoort.settings import require

_CATALOG = {"client_id": "catalog"}


def names() -> list[tuple[str, str]]:
    """Return (publisher id, name) of every publisher, by name; at most two calls."""
    table = require("PUBLISHERS_TABLE")
    catalog = dynamodb.get(table, _CATALOG)
    ids = sorted(catalog["publisher_ids"]) if catalog else []
    if not ids:
        return []
    items = dynamodb.batch_get([(table, {"client_id": one}) for one in ids])
    found = [(item["client_id"], item["name"]) for item in items if item]
    return sorted(found, key=lambda entry: entry[1].casefold())
