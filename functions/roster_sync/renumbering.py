"""Who is who by hand: a school whose administration gave everybody other numbers, without ECK iDs.

Nothing in such a feed says who is who but names, and names match nobody by themselves. So it
changes nothing; the people whom it lacks and those whom it brings are laid side by side, and a
coordinator says which are the same. That only changes what a feed recognises somebody by: the
account, the picture, the PIN and the badge stay, and the next feed finds everybody.
"""

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from roster_sync.held import Held
from roster_sync.matching import Matched
from roster_sync.model import GroupKind, PersonKind
from roster_sync.plan import Change, PersonChange, Plan
from roster_sync.records import Snapshot, StoredPerson

SCHEMA_VERSION = 1
UNLINKED_PREFIX = "unlinked#"
KEPT_S = 30 * 24 * 60 * 60
_PEOPLE_PER_ITEM = 500
_SAME_NAMES_PERCENT = 50


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody of a feed whom nothing recognises; `group` is the name of the base group."""

    kind: PersonKind
    source: str
    key: str | None
    eck_mark: str | None
    given_name: str
    prefix: str
    surname: str
    group: str | None

    @property
    def full_name(self) -> tuple[str, str, str]:
        """Return the name in a form that capitals make no difference to."""
        return self.given_name.casefold(), self.prefix.casefold(), self.surname.casefold()

    @property
    def display_name(self) -> str:
        """Return the name as people say it."""
        return " ".join(part for part in (self.given_name, self.prefix, self.surname) if part)

    @property
    def token(self) -> str:
        """Return what names this person in a form: no number and no mark can be read from it."""
        of = f"{self.kind} {self.source} {self.key} {self.eck_mark} {self.full_name}"
        return hashlib.sha256(of.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The two sides: ids of active people whom a feed lacks, and the strangers that it brings."""

    missing: frozenset[str] = frozenset()
    strangers: tuple[Stranger, ...] = ()


def unlinked_of(stored: Snapshot, matched: Matched) -> Unlinked:
    """Return the two sides of a feed beside its school."""
    roster = matched.roster
    names = {(group.kind, group.key): group.name for group in roster.groups}
    here = matched.present | matched.doubted
    kinds = PersonKind if roster.staff_known else (PersonKind.PUPIL,)
    missing = (
        one.person_id for kind in kinds for one in stored.active(kind) if one.person_id not in here
    )
    strangers = (
        Stranger(
            kind=person.kind,
            source=matched.source,
            key=person.key,
            eck_mark=person.eck_mark,
            given_name=person.given_name,
            prefix=person.prefix,
            surname=person.surname,
            group=next((names[key] for key in person.groups if key[0] == GroupKind.BASE), None),
        )
        for person, person_id in matched.pairs
        if person_id is None
    )
    return Unlinked(frozenset(missing), tuple(strangers))


def looks_renumbered(stored: Snapshot, unlinked: Unlinked) -> bool:
    """Say whether most of the missing come with the same name and another number."""
    names = {(one.kind, one.full_name) for one in unlinked.strangers}
    missing = [stored.people[person_id] for person_id in unlinked.missing]
    same = sum((one.kind, one.full_name) in names for one in missing)
    return bool(missing) and same * 100 >= len(missing) * _SAME_NAMES_PERCENT


def still_unlinked(people: Snapshot, held: Held, kept: Unlinked) -> Unlinked:
    """Return the two sides as they are by now: of the refused feed, and of what waits."""
    leaving = {one.after.person_id for one in held.changes.values() if one.change == Change.LEFT}
    strangers = {one.token: one for one in (*kept.strangers, *map(_stranger, held.newcomers))}
    known = set(_identities(one for one in people.people.values() if one.active))
    left_over = [one for one in strangers.values() if not known & set(_identities([one]))]
    keys = set(_identities(strangers.values()))
    missing = {
        person_id
        for person_id in kept.missing | leaving
        if (one := people.people.get(person_id)) is not None
        and one.active
        and not keys & set(_identities([one]))
    }
    return Unlinked(frozenset(missing), tuple(left_over)) if missing else Unlinked()


def _stranger(one: StoredPerson) -> Stranger:
    group = one.base_group
    return Stranger(
        kind=one.kind,
        source=one.source,
        key=one.key,
        eck_mark=one.eck_mark,
        given_name=one.given_name,
        prefix=one.prefix,
        surname=one.surname,
        group=group.name if group else None,
    )


def _identities(people: Iterable[Stranger | StoredPerson]) -> Iterator[tuple[str, str, str]]:
    for one in people:
        if one.key is not None:
            yield one.kind, one.source, one.key
        if one.eck_mark is not None:
            yield one.kind, "", one.eck_mark


def linked(pairs: Iterable[tuple[StoredPerson, Stranger]]) -> Plan:
    """Return the plan that lets the next feed recognise people: nothing else of them changes."""
    changes = []
    for person, stranger in pairs:
        after = replace(person, eck_mark=stranger.eck_mark or person.eck_mark)
        if stranger.key is not None:
            after = replace(after, key=stranger.key, source=stranger.source)
        changes.append(PersonChange(Change.RELINKED, person, after))
    return Plan((), tuple(changes))


def without_linked(held: Held, pairs: Iterable[tuple[StoredPerson, Stranger]]) -> Held:
    """Return what waits, without the leaving of the one and the coming of the other."""
    gone = list(pairs)
    people = {person.person_id for person, _ in gone}
    names = set(_identities(stranger for _, stranger in gone))
    changes = {
        key: one
        for key, one in held.changes.items()
        if not (
            (one.change == Change.LEFT and one.after.person_id in people)
            or (one.change == Change.ADDED and names & set(_identities([one.after])))
        )
    }
    return replace(held, changes=changes)


def unlinked_items(
    school_id: str, run_id: str, unlinked: Unlinked, now_epoch_s: int
) -> Iterator[dict[str, Any]]:
    """Return the stored forms of the two sides, so many people each."""
    sides: list[Any] = [*sorted(unlinked.missing), *map(asdict, unlinked.strangers)]
    for start in range(0, len(sides), _PEOPLE_PER_ITEM):
        content = json.dumps(sides[start : start + _PEOPLE_PER_ITEM], ensure_ascii=False).encode()
        yield {
            "school_id": school_id,
            "item_key": f"{UNLINKED_PREFIX}{run_id}#{start:06d}",
            "schema_version": SCHEMA_VERSION,
            "people": zlib.compress(content),
            "expires_at_epoch_s": now_epoch_s + KEPT_S,
        }


def unlinked_from(items: Iterable[Mapping[str, Any]], now_epoch_s: int) -> Unlinked:
    """Read back what the newest run kept; empty when there is none (any more)."""
    by_run: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        if item["expires_at_epoch_s"] > now_epoch_s:
            run_id = item["item_key"].removeprefix(UNLINKED_PREFIX).rpartition("#")[0]
            by_run[run_id] += json.loads(zlib.decompress(item["people"]))
    if not by_run:
        return Unlinked()
    newest = by_run[max(by_run)]
    return Unlinked(
        frozenset(one for one in newest if isinstance(one, str)),
        tuple(
            Stranger(**{**one, "kind": PersonKind(one["kind"])})
            for one in newest
            if not isinstance(one, str)
        ),
    )
