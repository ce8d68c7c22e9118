"""Every applied plan with its reverse, kept for thirty days: "restore last night" is one button.

Taking a plan back does not forbid the administration to say the same again. So what is taken back
is kept as refused: it stands until a feed says something else, and can still be accepted.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from roster_sync.held import Waiting
from roster_sync.plan import Change, PersonChange, Plan, apply, kind_of_change
from roster_sync.records import (
    Snapshot,
    StoredGroup,
    StoredPerson,
    group_item,
    group_of,
    person_item,
    person_of,
)

SCHEMA_VERSION = 1
UNDO_PREFIX = "undo#"
KEPT_S = 30 * 24 * 60 * 60
_CHANGES_PER_ITEM = 500
"""Far below an item's 400 KB, also when every change is of a long name."""

PersonStep = tuple[StoredPerson | None, StoredPerson]
GroupStep = tuple[StoredGroup | None, StoredGroup]


@dataclass(frozen=True, slots=True)
class Undo:
    """What a plan made of what, each as (before, after); before is None for what was not there."""

    people: tuple[PersonStep, ...] = ()
    groups: tuple[GroupStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """What taking a plan back does; `changed_since` counts who is left as he has become."""

    plan: Plan
    refused: tuple[Waiting, ...]
    changed_since: int


def undo_of(stored: Snapshot, plan: Plan) -> Undo:
    """Return the reverse of a plan that is about to be applied to a school."""
    return Undo(
        tuple((one.before, one.after) for one in plan.people),
        tuple((stored.groups.get(group.identity), group) for group in plan.groups),
    )


def restored(now: Snapshot, undo: Undo, *, erased_at_epoch_s: int | None) -> Restored:
    """Return what makes a school as it was before a plan; later changes of people are left alone.

    Who was new then is no longer at the school, but is kept for as long as other leavers are.
    """
    steps = [step for step in undo.people if now.people.get(step[1].person_id) == step[1]]
    back = [_taken_back(before, after, erased_at_epoch_s) for before, after in steps]
    people = tuple(one for one in back if one.before != one.after)
    refused = tuple(_refused(one) for one in people)
    after = apply(now, Plan((), people))
    groups = tuple(_groups_back(after, undo))
    return Restored(Plan(groups, people), refused, len(undo.people) - len(steps))


def _taken_back(
    before: StoredPerson | None, after: StoredPerson, erased_at_epoch_s: int | None
) -> PersonChange:
    was = before or replace(after, active=False, erased_at_epoch_s=erased_at_epoch_s)
    change = kind_of_change(after, was) if was.active else Change.LEFT
    return PersonChange(change, after, was)


def _refused(one: PersonChange) -> Waiting:
    """Return the change that a feed will ask for again, as refused; `one` takes it back."""
    again = one.before or one.after
    change = kind_of_change(one.after, again) if again.active else Change.LEFT
    return Waiting(change, replace(again, erased_at_epoch_s=None), 0)


def _groups_back(after: Snapshot, undo: Undo) -> Iterator[StoredGroup]:
    filled = {group.group_id for one in after.people.values() if one.active for group in one.groups}
    for before, became in undo.groups:
        if after.groups.get(became.identity) != became:
            continue
        was = before or replace(became, active=False)
        if was.active or was.group_id not in filled:
            yield was


def undo_items(
    school_id: str, run_id: str, undo: Undo, now_epoch_s: int
) -> Iterator[dict[str, Any]]:
    """Return the stored forms of an undo, so many changes each."""
    steps = [*_group_steps(school_id, undo.groups), *_person_steps(school_id, undo.people)]
    for start in range(0, len(steps), _CHANGES_PER_ITEM):
        content = json.dumps(steps[start : start + _CHANGES_PER_ITEM], ensure_ascii=False).encode()
        # A run that is cut off and comes again has a second, smaller undo beside its first.
        digest = hashlib.sha256(content).hexdigest()[:16]
        yield {
            "school_id": school_id,
            "item_key": f"{UNDO_PREFIX}{run_id}#{digest}",
            "schema_version": SCHEMA_VERSION,
            "steps": zlib.compress(content),
            "expires_at_epoch_s": now_epoch_s + KEPT_S,
        }


def _group_steps(school_id: str, groups: Iterable[GroupStep]) -> Iterator[list[Any]]:
    for before, after in groups:
        was = group_item(school_id, before) if before else None
        yield ["group", was, group_item(school_id, after)]


def _person_steps(school_id: str, people: Iterable[PersonStep]) -> Iterator[list[Any]]:
    for before, after in people:
        was = person_item(school_id, before) if before else None
        yield ["person", was, person_item(school_id, after)]


def undo_from(items: Iterable[Mapping[str, Any]], now_epoch_s: int) -> Undo:
    """Read an undo back; empty when there is none (any more)."""
    people: dict[str, PersonStep] = {}
    groups: dict[str, GroupStep] = {}
    for item in items:
        if item["expires_at_epoch_s"] <= now_epoch_s:
            continue
        for kind, was, became in json.loads(zlib.decompress(item["steps"])):
            if kind == "person":
                before, after = (person_of(was) if was else None), person_of(became)
                people.setdefault(after.person_id, (before, after))
            else:
                groups.setdefault(
                    became["item_key"], (group_of(was) if was else None, group_of(became))
                )
    return Undo(tuple(people.values()), tuple(groups.values()))
