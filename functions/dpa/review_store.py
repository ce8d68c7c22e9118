"""What dpa keeps of changes of boards: which were looked at, and the graces that people decided."""

from collections.abc import Mapping
from typing import Any

from dpa import transfer_grace
from dpa.transfer_grace import Grace
from schoolpoort import dynamodb
from schoolpoort.registry import Change
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_REVIEWS = "reviews"
"""A partition of its own: changes of boards that a person must look at, of all boards."""
_SEEN = "reviewed"
_DECISIONS = {"board_number": "clock", "item_key": "decisions"}


def open_review(change: Change, to_board: str) -> bool:
    """Keep a change that nobody looked at yet as a task; False when it is one already.

    `to_board` is the board that a school went to, or empty.
    """
    item = {
        "item_key": change.change_id,
        "kind": change.kind,
        "before": change.board_number,
        "after": to_board,
        "codes": list(change.codes),
        "effective_on": change.effective_on,
        "meaning": change.meaning,
        "schema_version": SCHEMA_VERSION,
    }
    table = require("AGREEMENTS_TABLE")
    return dynamodb.put_once(table, {"board_number": _REVIEWS, **item}, key="item_key")


def is_known(change_id: str) -> bool:
    """Say whether a change is a task, or was done with."""
    table = require("AGREEMENTS_TABLE")
    return any(
        dynamodb.get(table, {"board_number": name, "item_key": change_id}, consistent=True)
        for name in (_SEEN, _REVIEWS)
    )


def decisions_seen() -> dict[str, int]:
    """Return which decisions about boards were acted on, as `registry.decided_boards` has them."""
    found = dynamodb.get(require("AGREEMENTS_TABLE"), _DECISIONS, consistent=True)
    return dict(found["boards"]) if found else {}


def keep_decisions_seen(boards: Mapping[str, int]) -> None:
    """Remember which decisions about boards were acted on."""
    item = {**_DECISIONS, "boards": dict(boards), "schema_version": SCHEMA_VERSION}
    dynamodb.put(require("AGREEMENTS_TABLE"), item)


def reviews() -> list[dict[str, Any]]:
    """Return the changes that a person must look at."""
    return dynamodb.query(
        require("AGREEMENTS_TABLE"), "board_number = :name", values={":name": _REVIEWS}
    )


def review(change_id: str) -> dict[str, Any] | None:
    """Return one of them, or None."""
    key = {"board_number": _REVIEWS, "item_key": change_id}
    return dynamodb.get(require("AGREEMENTS_TABLE"), key, consistent=True)


def close_review(found: Mapping[str, Any], account_id: str, *, now_epoch_s: int) -> None:
    """Take a task off the list; that it was there, and who closed it, stays."""
    table = require("AGREEMENTS_TABLE")
    closed = {"closed_by": account_id, "closed_at_epoch_s": now_epoch_s}
    dynamodb.put(table, {**found, **closed, "board_number": _SEEN})
    dynamodb.delete(table, {"board_number": _REVIEWS, "item_key": found["item_key"]})


def graces_of(board_number: str) -> dict[str, Grace]:
    """Return the graces of a board's schools by school, decided or not."""
    items = dynamodb.query(
        require("AGREEMENTS_TABLE"),
        "board_number = :board AND begins_with(item_key, :grace)",
        values={":board": board_number, ":grace": "grace#"},
    )
    return {item["school_id"]: transfer_grace.of_item(item) for item in items}


def propose_grace(grace: Grace) -> bool:
    """Keep a proposal; False when there was one for this school at this board, decided or not."""
    item = {**transfer_grace.item_of(grace), **_grace_key(grace)}
    return dynamodb.put_once(require("AGREEMENTS_TABLE"), item, key="item_key")


def decide_grace(grace: Grace) -> None:
    """Keep what a second person decided."""
    item = {**transfer_grace.item_of(grace), **_grace_key(grace)}
    dynamodb.put(require("AGREEMENTS_TABLE"), item)


def _grace_key(grace: Grace) -> dict[str, str]:
    return {"board_number": grace.board_number, "item_key": f"grace#{grace.school_id}"}
