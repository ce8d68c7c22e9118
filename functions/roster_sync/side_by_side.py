"""The people whom a feed lacks beside those whom it brings, as a coordinator pairs them."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from roster_sync.model import PersonKind
from roster_sync.records import Snapshot, StoredPerson
from roster_sync.renumbering import Stranger, Unlinked

MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One missing person beside the stranger of the same name, or those whom it might be.

    `is_certain` when the name is one person's on each side, and the group is the same too.
    """

    person: StoredPerson
    same_name: Stranger | None
    is_certain: bool
    candidates: tuple[Stranger, ...] = ()

    def token(self, stranger: Stranger) -> str:
        """Return what names the pair in a form."""
        return f"{self.person.person_id}.{stranger.token}"


def rows(people: Snapshot, unlinked: Unlinked) -> list[Row]:
    """Return each missing person with the stranger whom he probably is, or the nearest ones."""
    missing = [people.people[person_id] for person_id in unlinked.missing]
    times = Counter((one.kind, one.full_name) for one in missing)
    named: dict[tuple[PersonKind, tuple[str, str, str]], list[Stranger]] = defaultdict(list)
    for stranger in unlinked.strangers:
        named[stranger.kind, stranger.full_name].append(stranger)
    paired: list[Row] = []
    alone: list[StoredPerson] = []
    taken: set[str] = set()
    for person in missing:
        name = person.kind, person.full_name
        if times[name] == 1 and len(named[name]) == 1:
            [same] = named[name]
            taken.add(same.token)
            paired.append(Row(person, same, _group_of(person) == same.group))
        else:
            alone.append(person)
    free = [one for one in unlinked.strangers if one.token not in taken]
    return paired + [
        Row(one, None, is_certain=False, candidates=_nearest(one, free)) for one in alone
    ]


def _group_of(person: StoredPerson) -> str | None:
    group = person.base_group
    return group.name if group else None


def _nearest(person: StoredPerson, free: Sequence[Stranger]) -> tuple[Stranger, ...]:
    given, _, surname = person.full_name

    def distance(one: Stranger) -> tuple[int, str]:
        near = 2 * (one.surname.casefold() == surname) + 2 * (one.given_name.casefold() == given)
        return -(near + (one.group == _group_of(person))), one.display_name.casefold()

    return tuple(sorted((one for one in free if one.kind == person.kind), key=distance))[
        :MOST_CANDIDATES
    ]


def version_of(found: Iterable[Row]) -> str:
    """Return what names all certain pairs in a form, and changes when they become others."""
    tokens = sorted(row.token(row.same_name) for row in found if row.is_certain and row.same_name)
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()[:16]


def chosen_pairs(
    people: Snapshot, unlinked: Unlinked, tokens: Collection[str]
) -> list[tuple[StoredPerson, Stranger]] | None:
    """Return the pairs that a form names; None when one of them cannot be made (any more)."""
    strangers = {one.token: one for one in unlinked.strangers}
    pairs = []
    for token in tokens:
        person_id, _, name = token.partition(".")
        person, stranger = people.people.get(person_id), strangers.get(name)
        if person is None or stranger is None or person_id not in unlinked.missing:
            return None
        if person.kind != stranger.kind:
            return None
        pairs.append((person, stranger))
    return pairs


def has_somebody_twice(tokens: Iterable[str]) -> bool:
    """Say whether a form pairs one person with two others."""
    parts = [token.partition(".") for token in tokens]
    sides = ([one[0] for one in parts], [one[2] for one in parts])
    return any(len(set(side)) < len(side) for side in sides)
