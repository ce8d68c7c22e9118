"""What a feed would change at a school: found first, judged by the brake, written last.

Who is who was found by `matching`; groups are matched on (school year, kind, key). Whoever is
absent from the feed has left, since no standard marks a departure; but whom somebody kept apart
might be stays.
"""

import enum
import operator
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from roster_sync.matching import Matched
from roster_sync.model import GroupKey, Person, PersonKind, Roster
from roster_sync.records import (
    GroupRef,
    Snapshot,
    StoredGroup,
    StoredPerson,
    YearGroupKey,
)

_said = operator.attrgetter(
    *("kind", "key", "eck_mark", "given_name", "prefix", "surname"),
    *("year_group", "address", "roles"),
)
"""What a person of a feed and a stored one both say of themselves."""


class Change(enum.StrEnum):
    """What happens to a person.

    `moved` is a pupil in another base group by name; a group that is called otherwise moves nobody.
    `relinked` only changes what a feed recognises somebody by.
    """

    ADDED = "added"
    RETURNED = "returned"
    MOVED = "moved"
    CHANGED = "changed"
    LEFT = "left"
    RELINKED = "relinked"


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person's change; `before` is None for who was never here."""

    change: Change
    before: StoredPerson | None
    after: StoredPerson


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one feed; `groups` holds each group to write, as it becomes."""

    groups: tuple[StoredGroup, ...]
    people: tuple[PersonChange, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is to be written."""
        return not self.groups and not self.people

    def of(self, change: Change, kind: PersonKind) -> list[PersonChange]:
        """Return the changes of one sort among the people of a kind."""
        return [one for one in self.people if one.change == change and one.after.kind == kind]


def diff(
    stored: Snapshot,
    matched: Matched,
    new_id: Callable[[], str],
    *,
    erased_at_epoch_s: int | None = None,
    awaited: Iterable[StoredPerson] = (),
) -> Plan:
    """Return what makes the stored school equal to a feed that was matched with it.

    `new_id` gives ids to who is new, unless he is among the `awaited`, who wait to be let in and
    have theirs. Who leaves is forgotten at `erased_at_epoch_s`.
    """
    fresh = _unused(stored, new_id)
    groups = _target_groups(stored, matched.roster, fresh)
    refs = {
        (group.kind, group.key): GroupRef(group.kind, group.group_id, group.name, group.year_group)
        for group in groups
    }
    doubted = matched.doubted - matched.present
    changed = [group for group in groups if stored.groups.get(group.identity) != group]
    people = [
        *_present(stored, matched, refs, _ids_of(awaited, fresh)),
        *_absent(stored, matched, doubted, erased_at_epoch_s),
    ]
    over = _over(stored, {group.identity for group in groups}, doubted)
    return Plan(tuple(changed + over), tuple(people))


def _unused(stored: Snapshot, new_id: Callable[[], str]) -> Callable[[], str]:
    """Return a source of ids that nobody here has or had; ids are never given out twice."""
    used = {group.group_id for group in stored.groups.values()} | set(stored.people)

    def fresh() -> str:
        while (found := new_id()) in used:
            pass
        used.add(found)
        return found

    return fresh


def _ids_of(
    awaited: Iterable[StoredPerson], fresh: Callable[[], str]
) -> Callable[[Person, str], str]:
    """Return a source of ids for who is new."""
    known: dict[tuple[str, str, str], str] = {}
    for one in awaited:
        if one.key is not None:
            known[one.kind, one.source, one.key] = one.person_id
        if one.eck_mark is not None:
            known[one.kind, "", one.eck_mark] = one.person_id

    def own_id(person: Person, source: str) -> str:
        by_mark = known.get((person.kind, "", person.eck_mark or ""))
        return by_mark or known.get((person.kind, source, person.key or "")) or fresh()

    return own_id


def _target_groups(stored: Snapshot, roster: Roster, fresh: Callable[[], str]) -> list[StoredGroup]:
    targets = []
    for group in roster.groups:
        before = stored.groups.get((roster.school_year, group.kind, group.key))
        targets.append(
            StoredGroup(
                group_id=before.group_id if before else fresh(),
                school_year=roster.school_year,
                kind=group.kind,
                key=group.key,
                name=group.name,
                year_group=group.year_group,
                active=True,
            )
        )
    return targets


def _over(
    stored: Snapshot, current: Collection[YearGroupKey], doubted: Iterable[str]
) -> list[StoredGroup]:
    """Return the groups that the feed no longer has, but for those of who stays in doubt."""
    staying = {group.group_id for one in doubted for group in stored.people[one].groups}
    return [
        replace(group, active=False)
        for group in stored.active_groups()
        if group.identity not in current and group.group_id not in staying
    ]


def _present(
    stored: Snapshot,
    matched: Matched,
    refs: Mapping[GroupKey, GroupRef],
    own_id: Callable[[Person, str], str],
) -> Iterable[PersonChange]:
    taken = {(person.kind, person.key) for person, _ in matched.pairs}
    for person, person_id in matched.pairs:
        before = stored.people[person_id] if person_id is not None else None
        groups = tuple([refs[group] for group in person.groups])
        if before is not None and _is_as_before(before, person, groups, matched.source):
            continue
        after = StoredPerson(
            person_id=before.person_id if before else own_id(person, matched.source),
            kind=person.kind,
            key=person.key,
            given_name=person.given_name,
            prefix=person.prefix,
            surname=person.surname,
            year_group=person.year_group,
            address=person.address,
            roles=person.roles,
            groups=groups,
            active=True,
            source=matched.source,
            eck_mark=person.eck_mark,
        )
        if before is not None:
            after = _still_known_by(before, after, taken)
        if after != before:
            yield PersonChange(kind_of_change(before, after), before, after)


def _is_as_before(
    before: StoredPerson, person: Person, groups: tuple[GroupRef, ...], source: str
) -> bool:
    """Say whether a feed says nothing new of somebody: so it is with most people on most nights."""
    return (
        before.active
        and before.source == source
        and before.groups == groups
        and before.erased_at_epoch_s is None
        and _said(before) == _said(person)
    )


def _still_known_by(
    before: StoredPerson, after: StoredPerson, taken: Collection[tuple[PersonKind, str | None]]
) -> StoredPerson:
    """Keep an ECK iD or key that a feed merely leaves out (UWLR 2.3 leaves out either)."""
    if after.eck_mark is None:
        after = replace(after, eck_mark=before.eck_mark)
    if after.key is None and (before.kind, before.key) not in taken:
        after = replace(after, key=before.key, source=before.source)
    return after


def kind_of_change(before: StoredPerson | None, after: StoredPerson) -> Change:
    """Return what happens to somebody who is in a feed."""
    if before is None:
        return Change.ADDED
    if not before.active:
        return Change.RETURNED
    if after.kind == PersonKind.PUPIL and _has_moved(before.base_group, after.base_group):
        return Change.MOVED
    recognised = replace(before, key=after.key, source=after.source, eck_mark=after.eck_mark)
    return Change.RELINKED if recognised == after else Change.CHANGED


def _has_moved(before: GroupRef | None, after: GroupRef | None) -> bool:
    if before is None or after is None:
        return before is not after
    return before.group_id != after.group_id and before.name != after.name


def _absent(
    stored: Snapshot, matched: Matched, doubted: Collection[str], erased_at_epoch_s: int | None
) -> Iterable[PersonChange]:
    here = matched.present | set(doubted)
    for person_id, person in stored.people.items():
        if not person.active or person_id in here:
            continue
        if person.kind == PersonKind.STAFF and not matched.roster.staff_known:
            continue
        after = replace(person, active=False, erased_at_epoch_s=erased_at_epoch_s)
        yield PersonChange(Change.LEFT, person, after)


def apply(stored: Snapshot, plan: Plan) -> Snapshot:
    """Return the school as it is after a plan."""
    groups = {**stored.groups, **{group.identity: group for group in plan.groups}}
    people = {**stored.people, **{one.after.person_id: one.after for one in plan.people}}
    return Snapshot(groups, people)


def without(plan: Plan, held: Collection[PersonChange]) -> Plan:
    """Return a plan without some changes of people; their groups of now stay too."""
    kept = set(map(id, held))
    staying = {group.group_id for one in held if one.before for group in one.before.groups}
    return Plan(
        tuple(group for group in plan.groups if group.active or group.group_id not in staying),
        tuple(one for one in plan.people if id(one) not in kept),
    )
