"""What waits for a coordinator's word: changes above their measure, and people kept apart.

    (nothing) --night: above the measure--> waiting --accepted--> (applied)
                                            waiting --refused---> refused --asked again--> waiting
    waiting, refused --a feed no longer says it--> (nothing)

Each stands as an item of its own, so that a night writes only what began or ceased to wait.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from roster_sync.matching import Apart, Doubt
from roster_sync.model import PersonKind
from roster_sync.plan import Change, PersonChange
from roster_sync.records import StoredPerson, person_item, person_of

SCHEMA_VERSION = 1
HELD_PREFIX = "held#"
_CHANGE_PREFIX = f"{HELD_PREFIX}change#"
_APART_PREFIX = f"{HELD_PREFIX}apart#"
_GROUP_PREFIX = f"{HELD_PREFIX}group#"

Part = tuple[Change, PersonKind]
"""What is measured together."""

APART = "apart"
"""The name under which people who are kept apart are counted."""


def part_name(part: Part) -> str:
    """Return how a part is called in records and forms: "left_pupil"."""
    return f"{part[0].value}_{part[1].value}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person's change that waits; `refused_at_epoch_s` is set when somebody said no."""

    change: Change
    after: StoredPerson
    refused_at_epoch_s: int | None = None

    @property
    def part(self) -> Part:
        """Return what it is measured with."""
        return self.change, self.after.kind

    @property
    def token(self) -> str:
        """Return what names it in a form, and changes when the change becomes another."""
        of = f"{self.change} {self.after!r} {self.refused_at_epoch_s}"
        version = hashlib.sha256(of.encode()).hexdigest()[:12]
        return f"{self.change}.{self.after.person_id}.{version}"

    def is_of(self, change: PersonChange) -> bool:
        """Say whether this is the waiting form of a change that a feed asks for now."""
        return (self.change, self.after) == (change.change, _comparable(change.after))


def version_of(waiting: Iterable[Waiting]) -> str:
    """Return what names a whole part in a form, and changes when the part becomes another."""
    return hashlib.sha256(" ".join(sorted(one.token for one in waiting)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeptApart:
    """Somebody of a feed who cannot be told from another: a task in the administration."""

    doubt: Doubt
    kind: PersonKind
    display_name: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """All that waits at a school; `groups` are ids of groups that end when nobody is left."""

    changes: Mapping[str, Waiting]
    apart: Mapping[str, KeptApart]
    groups: frozenset[str] = frozenset()

    @property
    def refused(self) -> list[Waiting]:
        """Return what somebody said no to."""
        return [one for one in self.changes.values() if one.refused_at_epoch_s is not None]

    @property
    def waiting(self) -> list[Waiting]:
        """Return what waits for a word."""
        return [one for one in self.changes.values() if one.refused_at_epoch_s is None]

    @property
    def newcomers(self) -> list[StoredPerson]:
        """Return who is not let in yet, with the ids that are kept for them."""
        return [one.after for one in self.changes.values() if one.change == Change.ADDED]

    def counts(self) -> dict[str, int]:
        """Return how many wait, by part, and how many are kept apart."""
        found: dict[str, int] = {}
        for one in self.waiting:
            found[part_name(one.part)] = found.get(part_name(one.part), 0) + 1
        if self.apart:
            found[APART] = len(self.apart)
        return dict(sorted(found.items()))


NOTHING = Held({}, {})


def held(
    changes: Iterable[PersonChange],
    refused: Iterable[Waiting],
    apart: Iterable[Apart],
    groups: Collection[str] = (),
) -> Held:
    """Return what waits after a feed."""
    waiting = [Waiting(one.change, _comparable(one.after)) for one in changes]
    kept = [KeptApart(one.doubt, one.person.kind, _display_name(one), one.about) for one in apart]
    return Held(
        {_change_key(one): one for one in [*waiting, *refused]},
        {_apart_key(one): one for one in kept},
        frozenset(groups),
    )


def with_refused(
    before: Held, refused: Iterable[Waiting], became: Collection[StoredPerson]
) -> Held:
    """Return what waits when more is refused, after some people became as they are.

    A person's earlier change gives way, and who became just what the feed asked for waits no more.
    """
    wanted = {one.after for one in before.changes.values()}
    content = {one.person_id for one in became if one in wanted}
    people = {one.person_id for one in became}
    kept = {key: one for key, one in before.changes.items() if one.after.person_id not in people}
    more = {_change_key(one): one for one in refused if one.after.person_id not in content}
    return replace(before, changes=kept | more)


def _comparable(after: StoredPerson) -> StoredPerson:
    # When somebody is forgotten is reckoned from the day on which he is let go.
    return replace(after, erased_at_epoch_s=None)


def _display_name(one: Apart) -> str:
    person = one.person
    return " ".join(part for part in (person.given_name, person.prefix, person.surname) if part)


def _change_key(one: Waiting) -> str:
    return f"{_CHANGE_PREFIX}{one.change}#{one.after.person_id}"


def _apart_key(one: KeptApart) -> str:
    digest = hashlib.sha256(repr(one).encode()).hexdigest()[:16]
    return f"{_APART_PREFIX}{digest}"


def held_items(school_id: str, now: Held) -> dict[str, dict[str, Any]]:
    """Return the stored forms of all that waits, by key."""
    items: dict[str, dict[str, Any]] = {}
    for key, one in now.changes.items():
        items[key] = {
            "change": one.change.value,
            "after": person_item(school_id, one.after),
            "refused_at_epoch_s": one.refused_at_epoch_s,
        }
    for key, other in now.apart.items():
        items[key] = {
            "doubt": other.doubt.value,
            "kind": other.kind.value,
            "display_name": other.display_name,
            "about": list(other.about),
        }
    items |= {_GROUP_PREFIX + group_id: {} for group_id in now.groups}
    own = {"school_id": school_id, "schema_version": SCHEMA_VERSION}
    return {key: {**own, "item_key": key, **item} for key, item in items.items()}


def held_of(items: Iterable[Mapping[str, Any]]) -> Held:
    """Read what waits back from its stored forms."""
    changes: dict[str, Waiting] = {}
    apart: dict[str, KeptApart] = {}
    groups = set()
    for item in items:
        key = item["item_key"]
        if key.startswith(_CHANGE_PREFIX):
            after = person_of(item["after"])
            changes[key] = Waiting(Change(item["change"]), after, item["refused_at_epoch_s"])
        elif key.startswith(_APART_PREFIX):
            about = tuple(item["about"])
            kind = PersonKind(item["kind"])
            apart[key] = KeptApart(Doubt(item["doubt"]), kind, item["display_name"], about)
        else:
            groups.add(key.removeprefix(_GROUP_PREFIX))
    return Held(changes, apart, frozenset(groups))
