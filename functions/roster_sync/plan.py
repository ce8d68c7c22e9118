"""What a feed would change at a school: found first, judged by the brake, written last.

People are matched on the key of the administration system within their kind and school, groups on
(school year, kind, key). Whoever is absent from the feed has left: no standard marks a departure.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from roster_sync.model import GroupKey, Person, PersonKind, Roster
from roster_sync.records import GroupRef, Snapshot, StoredGroup, StoredPerson


class Change(enum.StrEnum):
    """What happens to a person; `moved` is a pupil with another base group by name."""

    ADDED = "added"
    RETURNED = "returned"
    MOVED = "moved"
    CHANGED = "changed"
    LEFT = "left"


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

    def leavers(self, kind: PersonKind) -> list[StoredPerson]:
        """Return who of a kind would leave."""
        return [
            one.after for one in self.people if one.change == Change.LEFT and one.after.kind == kind
        ]


def diff(stored: Snapshot, roster: Roster, new_id: Callable[[], str]) -> Plan:
    """Return what makes the stored school equal to a roster; `new_id` gives ids to who is new."""
    fresh = _unused(stored, new_id)
    groups = _target_groups(stored, roster, fresh)
    refs = {
        (group.kind, group.key): GroupRef(group.kind, group.group_id, group.name, group.year_group)
        for group in groups
    }
    current = {group.identity for group in groups}
    over = [
        replace(group, active=False)
        for group in stored.active_groups()
        if group.identity not in current
    ]
    changed = [group for group in groups if stored.groups.get(group.identity) != group]
    people = [
        *_present(stored, roster, refs, fresh),
        *_absent(stored, roster),
    ]
    return Plan(tuple(changed + over), tuple(people))


def _unused(stored: Snapshot, new_id: Callable[[], str]) -> Callable[[], str]:
    """Return a source of ids that nobody here has or had; ids are never given out twice."""
    used = {group.group_id for group in stored.groups.values()}
    used |= {person.person_id for person in stored.people.values()}

    def fresh() -> str:
        while (found := new_id()) in used:
            pass
        used.add(found)
        return found

    return fresh


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


def _present(
    stored: Snapshot,
    roster: Roster,
    refs: Mapping[GroupKey, GroupRef],
    fresh: Callable[[], str],
) -> Iterable[PersonChange]:
    for person in roster.people:
        key = person.key
        if key is None:
            continue
        before = stored.people.get((person.kind, key))
        person_id = before.person_id if before else fresh()
        after = _target_person(person, key, person_id, refs)
        if after != before:
            yield PersonChange(_kind_of_change(before, after), before, after)


def _target_person(
    person: Person, key: str, person_id: str, refs: Mapping[GroupKey, GroupRef]
) -> StoredPerson:
    return StoredPerson(
        person_id=person_id,
        kind=person.kind,
        key=key,
        given_name=person.given_name,
        prefix=person.prefix,
        surname=person.surname,
        year_group=person.year_group,
        address=person.address,
        roles=person.roles,
        groups=tuple(refs[group] for group in person.groups),
        active=True,
    )


def _kind_of_change(before: StoredPerson | None, after: StoredPerson) -> Change:
    if before is None:
        return Change.ADDED
    if not before.active:
        return Change.RETURNED
    if after.kind == PersonKind.PUPIL and _base_name(before) != _base_name(after):
        return Change.MOVED
    return Change.CHANGED


def _base_name(person: StoredPerson) -> str | None:
    group = person.base_group
    return group.name if group else None


def _absent(stored: Snapshot, roster: Roster) -> Iterable[PersonChange]:
    present = {(person.kind, person.key) for person in roster.people}
    for identity, person in stored.people.items():
        if not person.active or identity in present:
            continue
        if person.kind == PersonKind.STAFF and not roster.staff_known:
            continue
        yield PersonChange(Change.LEFT, person, replace(person, active=False))


def apply(stored: Snapshot, plan: Plan) -> Snapshot:
    """Return the school as it is after a plan."""
    groups = {**stored.groups, **{group.identity: group for group in plan.groups}}
    people = {**stored.people, **{one.after.identity: one.after for one in plan.people}}
    return Snapshot(groups, people)


def without_leavers(plan: Plan, kinds: Iterable[PersonKind]) -> Plan:
    """Return a plan in which nobody of these kinds leaves, nor the groups that they are in."""
    held = set(kinds)
    people = tuple(
        one for one in plan.people if not (one.change == Change.LEFT and one.after.kind in held)
    )
    staying = {
        group.group_id for kind in held for one in plan.leavers(kind) for group in one.groups
    }
    groups = tuple(group for group in plan.groups if group.active or group.group_id not in staying)
    return Plan(groups, people)
