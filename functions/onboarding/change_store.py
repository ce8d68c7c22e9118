"""What onboarding keeps of changes in DUO's lists: open ones, what was told, what was decided.

The open changes are one item, "changes#open", so that a list of them costs one call. A decided one
is "change#<id>" with the board's number, so that whoever asks for a board's changes finds it; a
school that changed board is found from both ("change#<id>#to" is the second).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding import registry_changes
from onboarding.registry_changes import Change, Mutation
from schoolpoort import dynamodb, registry
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_OPEN = {"entry": "changes#open"}
_TOLD = {"entry": "changes#told"}
_DUE = {"entry": "changes#due"}
_MOST_TOLD = 500
_TOLD_FOR_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about changes; the date is the first day on which they hold."""

    confirms: bool
    effective_on: str
    meaning: str
    note: str
    account_id: str
    at_epoch_s: int


def open_changes() -> list[Change]:
    """Return what waits for a person, the heaviest first; one call."""
    return _changes(_OPEN)


def told_changes() -> list[Change]:
    """Return what the newest import took over at once; one call."""
    return _changes(_TOLD)


def due_changes() -> dict[str, str]:
    """Return confirmed changes that a later day brings: change id to that day; one call."""
    found = dynamodb.get(require("REGISTRY_TABLE"), _DUE, consistent=True)
    return dict(json.loads(found["due"])) if found else {}


def _changes(key: Mapping[str, str]) -> list[Change]:
    found = dynamodb.get(require("REGISTRY_TABLE"), key, consistent=True)
    return registry_changes.unpacked(found["changes"]) if found else []


def merge(found: list[Change], source: str, upload_id: str) -> int:
    """Keep what an import found, and return how many of its changes wait for a person.

    What an earlier issue of the same list had and this one has no more is taken back; what people
    decided stays decided.
    """
    standing = open_changes()
    waiting = [change for change in found if change.waits]
    known = {change.change_id for change in standing}
    decided = _decided([one.change_id for one in waiting if one.change_id not in known])
    fresh = [change for change in waiting if change.change_id not in decided]
    others = [change for change in standing if change.source != source]
    if [change for change in standing if change.source == source] != fresh:
        _write_open([*fresh, *others])
    _tell([change for change in found if not change.waits], upload_id)
    return len(fresh)


def _tell(told: list[Change], upload_id: str) -> None:
    """Keep what was taken over at once; a second run of an import adds to what its first told."""
    before = dynamodb.get(require("REGISTRY_TABLE"), _TOLD, consistent=True)
    if before and before["upload_id"] == upload_id:
        earlier = registry_changes.unpacked(before["changes"])
        told = list({one.change_id: one for one in (*earlier, *told)}.values())
    if told:
        text = registry_changes.packed(told[:_MOST_TOLD])
        _write([{**_TOLD, "upload_id": upload_id, "changes": text}])


def _decided(change_ids: list[str]) -> set[str]:
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, _key(change_id)) for change_id in change_ids])
    return {item["change_id"] for item in items if item}


def settle(changes: list[Change], decision: Decision, *, is_due: bool) -> None:
    """Record a decision and take its changes off the list; those of a later day are remembered."""
    _write(item for change in changes for item in _items(change, decision))
    gone = {change.change_id for change in changes}
    if decision.confirms and not is_due:
        due = {**due_changes(), **dict.fromkeys(gone, decision.effective_on)}
        _write([{**_DUE, "due": json.dumps(due)}])
    if decision.confirms:
        _tell_boards(changes, decision)
    _write_open([change for change in open_changes() if change.change_id not in gone])


def _tell_boards(changes: list[Change], decision: Decision) -> None:
    """Let other contexts see that something was decided about these boards.

    The number of a board only grows, also for two decisions of one second.
    """
    known = {
        number: at
        for number, at in registry.decided_boards().items()
        if at > decision.at_epoch_s - _TOLD_FOR_S
    }
    moved = (one.after for one in changes if one.mutation is Mutation.BOARD_CHANGED)
    for number in {*(one.board_number for one in changes), *moved}:
        known[number] = max(decision.at_epoch_s, known.get(number, 0) + 1)
    _write([{**registry.DECIDED, "boards": json.dumps(known)}])


def done(change_ids: Iterable[str]) -> None:
    """Forget that changes were due: they have been applied."""
    left = {name: day for name, day in due_changes().items() if name not in set(change_ids)}
    _write([{**_DUE, "due": json.dumps(left)}])


def decided(change_ids: Iterable[str]) -> list[tuple[Change, Decision]]:
    """Return decided changes with their decision."""
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, _key(change_id)) for change_id in change_ids])
    return [(_change(item), _decision(item)) for item in items if item]


def _items(change: Change, decision: Decision) -> list[Item]:
    told = {
        "change_id": change.change_id,
        "kind": change.mutation.value,
        "subject": change.subject,
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "codes": list(change.codes),
        "source": change.source,
        "state": "confirmed" if decision.confirms else "dismissed",
        "effective_on": decision.effective_on,
        "meaning": decision.meaning,
        "note": decision.note,
        "decided_by": decision.account_id,
        "decided_at_epoch_s": decision.at_epoch_s,
    }
    first = {**_key(change.change_id), **told, "board_number": change.board_number}
    if change.mutation is not Mutation.BOARD_CHANGED:
        return [first]
    second = {"entry": f"{first['entry']}#to", "board_number": change.after}
    return [first, {**told, **second}]


def _change(item: Item) -> Change:
    return Change(
        mutation=Mutation(item["kind"]),
        subject=item["subject"],
        name=item["name"],
        before=item["before"],
        after=item["after"],
        codes=tuple(item["codes"]),
        board_number=item["board_number"],
        source=item["source"],
    )


def _decision(item: Item) -> Decision:
    return Decision(
        confirms=item["state"] == "confirmed",
        effective_on=item["effective_on"],
        meaning=item["meaning"],
        note=item["note"],
        account_id=item["decided_by"],
        at_epoch_s=item["decided_at_epoch_s"],
    )


def _key(change_id: str) -> dict[str, str]:
    return {"entry": f"change#{change_id}"}


def _write_open(changes: list[Change]) -> None:
    _write([{**_OPEN, "changes": registry_changes.packed(changes)}])


def _write(items: Iterable[Mapping[str, Any]]) -> None:
    versioned = ({**item, "schema_version": SCHEMA_VERSION} for item in items)
    dynamodb.batch_write(require("REGISTRY_TABLE"), puts=versioned)
