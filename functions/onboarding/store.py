"""What onboarding reads and writes: the registry with its index and the record of imports."""

from collections.abc import Iterable, Mapping
from typing import Any

from onboarding import registry_index
from onboarding.registry_index import Entry
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

SCHEMA_VERSION = 1


def locations_index() -> dict[str, Entry]:
    """Return the index of all locations; one call."""
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, key) for key in registry_index.location_keys()])
    return registry_index.unpack(items)


def boards_index() -> dict[str, Entry]:
    """Return the index of all boards; one call."""
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, key) for key in registry_index.board_keys()])
    return registry_index.unpack(items)


def write_index(entries: Iterable[Entry], changed_codes: Iterable[str]) -> None:
    """Write those index items in which a code changed."""
    keys = {registry_index.key_of(code) for code in changed_codes}
    items = [item for item in registry_index.items(entries) if item["entry"] in keys]
    dynamodb.batch_write(require("REGISTRY_TABLE"), puts=items)


def write_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the items of locations or boards."""
    versioned = ({**row, "schema_version": SCHEMA_VERSION} for row in rows)
    dynamodb.batch_write(require("REGISTRY_TABLE"), puts=versioned)


def record_import(upload_id: str, outcome: Mapping[str, Any]) -> None:
    """Record how an import ended, under its own id and as the latest."""
    dynamodb.batch_write(
        require("REGISTRY_TABLE"),
        puts=[
            {"entry": f"import#{name}", **outcome, "schema_version": SCHEMA_VERSION}
            for name in (upload_id, "latest")
        ],
    )


def import_record(name: str) -> Item | None:
    """Return how an import ended ("latest" for the last one), or None while it runs."""
    return dynamodb.get(require("REGISTRY_TABLE"), {"entry": f"import#{name}"}, consistent=True)
