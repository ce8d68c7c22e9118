"""What onboarding reads and writes: the registry with its index and the record of imports."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from onboarding import registry_index
from onboarding.duo_list import Kind
from onboarding.registry_index import Entry
from schoolpoort import dynamodb, ids, registry
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

SCHEMA_VERSION = 1
TURN_LIFE_S = 360
"""Longer than Lambda lets an import run, so that a turn that ended is nobody's any more."""

_RUNNING = "running"
_TURN = {"entry": "import#turn"}
_STAMP = {"entry": "stamp#index"}


def standing(kind: Kind) -> dict[str, Entry]:
    """Return the index of one kind as it is at this moment, also just after another import.

    An entry that is read too early would give a school a second id.
    """
    is_boards = kind is Kind.BOARDS
    keys = registry_index.board_keys() if is_boards else registry_index.location_keys()
    table = require("REGISTRY_TABLE")
    return registry_index.unpack(dynamodb.get(table, key, consistent=True) for key in keys)


def whole_index() -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Return the index of all locations and that of all boards, as of this moment; one call."""
    table, places = require("REGISTRY_TABLE"), registry_index.location_keys()
    keys = [*places, *registry_index.board_keys()]
    items = dynamodb.batch_get([(table, key) for key in keys])
    return registry_index.unpack(items[: len(places)]), registry_index.unpack(items[len(places) :])


def index_stamp() -> str | None:
    """Return what changes with every write of the index, or None before the first; one call."""
    found = dynamodb.get(require("REGISTRY_TABLE"), _STAMP, consistent=True)
    return found["stamp"] if found else None


def stored_rows(kind: Kind, codes: Iterable[str]) -> dict[str, Item]:
    """Return the items of those codes that have one; a call per hundred."""
    key = registry.board_key if kind is Kind.BOARDS else registry.location_key
    wanted, table = sorted(codes), require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, key(code)) for code in wanted])
    return {code: item for code, item in zip(wanted, items, strict=True) if item}


def write_index(entries: Iterable[Entry], changed_codes: Iterable[str]) -> None:
    """Write those index items in which a code changed."""
    keys = {registry_index.key_of(code) for code in changed_codes}
    items = registry_index.items(
        entry for entry in entries if registry_index.key_of(entry.code) in keys
    )
    _write(items)


def stamp_index() -> None:
    """Tell who keeps a copy of the index that it changed; only after what it stands for.

    The other way round somebody could keep an old copy under the new stamp for ever.
    """
    _write([{**_STAMP, "stamp": ids.new_id()}])


def write_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the items of locations or boards."""
    _write(rows)


def _write(items: Iterable[Mapping[str, Any]]) -> None:
    versioned = ({**item, "schema_version": SCHEMA_VERSION} for item in items)
    dynamodb.batch_write(require("REGISTRY_TABLE"), puts=versioned)


def take_turn(run_id: str, upload_id: str, *, now_epoch_s: int) -> str | None:
    """Make a run the only one; return None, or the upload that is being imported instead."""
    try:
        dynamodb.update(
            require("REGISTRY_TABLE"),
            _TURN,
            "SET run_id = :run, upload_id = :upload, ends_at_epoch_s = :ends",
            condition="attribute_not_exists(ends_at_epoch_s) OR ends_at_epoch_s <= :now",
            values={
                ":run": run_id,
                ":upload": upload_id,
                ":ends": now_epoch_s + TURN_LIFE_S,
                ":now": now_epoch_s,
            },
        )
    except ConditionFailed as error:
        # The answer to a first try of this very write can get lost on the way.
        holder = error.item or {}
        return None if holder.get("run_id") == run_id else str(holder.get("upload_id", ""))
    return None


def end_turn(run_id: str) -> None:
    """Let the next import begin, unless the turn of this run ended long ago."""
    with contextlib.suppress(ConditionFailed):
        dynamodb.update(
            require("REGISTRY_TABLE"),
            _TURN,
            "SET ends_at_epoch_s = :zero",
            condition="run_id = :run",
            values={":zero": 0, ":run": run_id},
        )


def begun_import(upload_id: str, names: Iterable[str]) -> Mapping[str, int] | None:
    """Return the counts of these names with which an import began, if one did and then died."""
    begun = dynamodb.get(require("REGISTRY_TABLE"), _import_key(upload_id), consistent=True)
    if begun is None or begun["outcome"] == "refused":
        return None
    return {name: begun[name] for name in names}


def begin_import(upload_id: str, counts: Mapping[str, int]) -> None:
    """Record what an import is about to do, for a run after a crash to tell."""
    _write([{**_import_key(upload_id), "outcome": _RUNNING, **counts}])


def record_import(upload_id: str, outcome: Mapping[str, Any]) -> None:
    """Record how an import ended, under its own id and as the latest."""
    _write({**_import_key(name), **outcome} for name in (upload_id, "latest"))


def finished_import(name: str) -> Item | None:
    """Return how an import ended ("latest" for the last one), or None before that."""
    record = dynamodb.get(require("REGISTRY_TABLE"), _import_key(name), consistent=True)
    return None if record is None or record["outcome"] == _RUNNING else record


def _import_key(name: str) -> dict[str, str]:
    return {"entry": f"import#{name}"}
