"""Who in a feed is who at the school: by ECK iD first, then by the key of the administration.

    ECK iD known here ........................ that person, whatever his key has become
    key known here, no other ECK iD .......... that person; an ECK iD that came later is added
    neither known ............................ somebody new
    neither given ("#" keys are none) ........ kept apart
    the ECK iD of one, the key of another .... kept apart

Names and birth dates match nobody: twins share them. A name only confirms a key that another
system gave out, since two systems may use one number for two children. Keys are unique within
(school, kind, source), ECK iDs within (school, kind). Whoever is kept apart changes nothing, and
nobody whom it might be leaves; a coordinator sees both and repairs it in the administration.
"""

import enum
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roster_sync.model import Person, PersonKind, Roster
from roster_sync.records import Snapshot, StoredPerson


class Doubt(enum.StrEnum):
    """Why somebody of a feed is kept apart."""

    NO_IDENTITY = "no_identity"
    KEY_TWICE = "key_twice"
    ECK_ID_TWICE = "eck_id_twice"
    TWO_PEOPLE = "two_people"
    OTHER_ECK_ID = "other_eck_id"


@dataclass(frozen=True, slots=True)
class Apart:
    """Somebody of a feed who is kept apart; `about` are the ids of whom it might be."""

    doubt: Doubt
    person: Person
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """A feed next to a school; a pair without an id is somebody new."""

    roster: Roster
    source: str
    pairs: tuple[tuple[Person, str | None], ...]
    apart: tuple[Apart, ...] = ()

    @property
    def present(self) -> frozenset[str]:
        """Return the ids of who is in the feed."""
        return frozenset(person_id for _, person_id in self.pairs if person_id is not None)

    @property
    def doubted(self) -> frozenset[str]:
        """Return the ids of whom somebody kept apart might be."""
        return frozenset(person_id for one in self.apart for person_id in one.about)


def match(stored: Snapshot, roster: Roster, source: str) -> Matched:
    """Return who of a roster is who at the school; `source` is whose keys the roster has."""
    known = _Known(stored, source)
    alone, apart = _alone(roster.people, known)
    found = [(person, known.by_mark(person), known.by_key(person)) for person in alone]
    by_mark = {of_mark.person_id for _, of_mark, _ in found if of_mark is not None}
    pairs: list[tuple[Person, str | None]] = []
    for person, of_mark, of_key in found:
        if of_key is not None and of_key is not of_mark:
            doubt = _doubt(person, of_mark, of_key, by_mark)
            if doubt is not None:
                apart.append(doubt)
                continue
        own = of_mark or of_key
        pairs.append((person, own.person_id if own else None))
    return Matched(roster, source, tuple(pairs), tuple(apart))


class _Known:
    """The people of a school by what a feed may recognise them by."""

    def __init__(self, stored: Snapshot, source: str) -> None:
        self._marks: dict[tuple[PersonKind, str], StoredPerson] = {}
        self._keys: dict[tuple[PersonKind, str], list[StoredPerson]] = defaultdict(list)
        self._source = source
        # Who is here goes before who left.
        for one in sorted(stored.people.values(), key=lambda one: (not one.active, one.person_id)):
            if one.eck_mark is not None:
                self._marks.setdefault((one.kind, one.eck_mark), one)
            if one.key is not None:
                self._keys[one.kind, one.key].append(one)

    def by_mark(self, person: Person) -> StoredPerson | None:
        if person.eck_mark is None:
            return None
        return self._marks.get((person.kind, person.eck_mark))

    def by_key(self, person: Person) -> StoredPerson | None:
        if person.key is None:
            return None
        candidates = self._keys.get((person.kind, person.key), [])
        own = next((one for one in candidates if one.source == self._source), None)
        return own or next((one for one in candidates if _same_name(one, person)), None)


def _same_name(stored: StoredPerson, person: Person) -> bool:
    parts = (person.given_name, person.prefix, person.surname)
    return stored.full_name == tuple(part.casefold() for part in parts)


def _alone(people: Iterable[Person], known: _Known) -> tuple[list[Person], list[Apart]]:
    """Return who shares neither key nor ECK iD with another, and the others, kept apart."""
    identified: list[Person] = []
    apart: list[Apart] = []
    for person in people:
        if person.key is None and person.eck_mark is None:
            apart.append(Apart(Doubt.NO_IDENTITY, person))
        else:
            identified.append(person)
    keys, marks = _claimed_twice(identified)
    if not keys and not marks:
        return identified, apart
    once = _once(identified)
    keys, marks = _claimed_twice(once)
    alone: list[Person] = []
    for person in once:
        if (person.kind, person.key) in keys:
            apart.append(_twice(Doubt.KEY_TWICE, person, known))
        elif (person.kind, person.eck_mark) in marks:
            apart.append(_twice(Doubt.ECK_ID_TWICE, person, known))
        else:
            alone.append(person)
    return alone, apart


def _once(people: Iterable[Person]) -> list[Person]:
    """Return each person once who stands in the feed twice, with one key, ECK iD and name."""
    found: dict[object, Person] = {}
    for one in people:
        same = (one.kind, one.key, one.eck_mark, one.given_name, one.prefix, one.surname)
        found[same] = min(found[same], one, key=repr) if same in found else one
    return list(found.values())


def _claimed_twice(people: Iterable[Person]) -> tuple[set[Hashable], set[Hashable]]:
    """Return the keys and the marks, each with its kind, that more than one person claims."""
    keys = Counter([(one.kind, one.key) for one in people if one.key])
    marks = Counter([(one.kind, one.eck_mark) for one in people if one.eck_mark])
    return _several(keys), _several(marks)


def _several(counted: Mapping[Any, int]) -> set[Hashable]:
    if len(counted) == sum(counted.values()):
        return set()
    return {identity for identity, times in counted.items() if times > 1}


def _twice(doubt: Doubt, person: Person, known: _Known) -> Apart:
    found = (known.by_mark(person), known.by_key(person))
    return Apart(doubt, person, tuple(sorted({one.person_id for one in found if one})))


def _doubt(
    person: Person, of_mark: StoredPerson | None, of_key: StoredPerson, by_mark: set[str]
) -> Apart | None:
    """Return why somebody whose key is another's cannot be told from him, or None when he can."""
    if of_mark is not None:
        # The other has his own ECK iD in this feed: then only the keys were dealt out anew.
        if of_key.person_id in by_mark:
            return None
        return Apart(Doubt.TWO_PEOPLE, person, (of_mark.person_id, of_key.person_id))
    if of_key.person_id in by_mark:
        return Apart(Doubt.TWO_PEOPLE, person, (of_key.person_id,))
    if _is_another(person, of_key):
        return Apart(Doubt.OTHER_ECK_ID, person, (of_key.person_id,))
    return None


def _is_another(person: Person, of_key: StoredPerson) -> bool:
    """Say whether a key came with an ECK iD and a name that are not its owner's.

    An ECK iD of a pupil may be put right, and that of staff follows their address; a key that
    suddenly belongs to another child was given out twice.
    """
    if person.kind == PersonKind.STAFF or None in {person.eck_mark, of_key.eck_mark}:
        return False
    return not _same_name(of_key, person)
