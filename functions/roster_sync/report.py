"""The plan in counts per group, for a page to say in words; it names nobody."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from roster_sync.model import PersonKind
from roster_sync.plan import Change, PersonChange, Plan
from roster_sync.records import StoredPerson


@dataclass(slots=True)
class GroupLine:
    """What changes in one base group; `name` is None for pupils without one.

    A pupil who moves counts in the group that he leaves: `moved` is to which group, how many.
    """

    name: str | None
    added: int = 0
    changed: int = 0
    left: int = 0
    moved: Counter[str] = field(default_factory=Counter)

    def as_item(self) -> dict[str, Any]:
        """Return the line's stored form."""
        return {
            "name": self.name,
            "added": self.added,
            "changed": self.changed,
            "left": self.left,
            "moved": [
                {"to": to, "count": self.moved[to]} for to in sorted(self.moved, key=natural)
            ],
        }


def per_group(plan: Plan) -> list[GroupLine]:
    """Return a line for each base group with changes among its pupils, in natural order."""
    lines: dict[str | None, GroupLine] = {}
    for one in _of_kind(plan, PersonKind.PUPIL):
        # What somebody is recognised by is nothing that a coordinator sees change.
        if one.change == Change.RELINKED:
            continue
        before = _group_name(one.before) if one.before else None
        after = _group_name(one.after)
        name = before if one.change == Change.MOVED else after
        line = lines.setdefault(name, GroupLine(name))
        match one.change:
            case Change.ADDED | Change.RETURNED:
                line.added += 1
            case Change.MOVED:
                line.moved[after or ""] += 1
            case Change.CHANGED:
                line.changed += 1
            case Change.LEFT:
                line.left += 1
    return [lines[name] for name in sorted(lines, key=lambda name: (name is None, natural(name)))]


def counts(plan: Plan, kind: PersonKind) -> dict[str, int]:
    """Return how many people of a kind are added (returned too), changed, moved and left."""
    found = Counter(one.change for one in _of_kind(plan, kind))
    return {
        "added": found[Change.ADDED] + found[Change.RETURNED],
        "changed": found[Change.CHANGED],
        "moved": found[Change.MOVED],
        "left": found[Change.LEFT],
    }


def _of_kind(plan: Plan, kind: PersonKind) -> Iterable[PersonChange]:
    return (one for one in plan.people if one.after.kind == kind)


def _group_name(person: StoredPerson) -> str | None:
    group = person.base_group
    return group.name if group else None


def natural(name: str | None) -> list[tuple[int, str]]:
    """Return a key that sorts "Groep 10" after "Groep 9"."""
    parts = re.split(r"(\d{1,9})", name or "")
    return [(int(part), "") if part.isdigit() else (0, part.casefold()) for part in parts]
