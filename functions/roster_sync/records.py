"""What we keep of a school: people and groups with ids of our own, and their stored form.

A person's own id is his for ever; the key of an administration system and the mark of his ECK iD
are only what a feed recognises him by, and both may be absent or change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roster_sync.model import GroupKind, PersonKind

SCHEMA_VERSION = 1

GROUP_PREFIX = "group#"
PERSON_PREFIX = "person#"

FILE = "file"
"""The source of keys that came with an uploaded file."""

YearGroupKey = tuple[str, GroupKind, str]
"""A group lives one school year: its identity is (school year, kind, key)."""


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group of one school year; one that the feed no longer has is not active."""

    group_id: str
    school_year: str
    kind: GroupKind
    key: str
    name: str
    year_group: str | None
    active: bool

    @property
    def identity(self) -> YearGroupKey:
        """Return what the feed matches it by."""
        return self.school_year, self.kind, self.key


@dataclass(frozen=True, slots=True)
class GroupRef:
    """A membership, with what a page shows of the group, so that a person is read with one call."""

    kind: GroupKind
    group_id: str
    name: str
    year_group: str | None


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """A pupil or a member of staff; one who left is not active and keeps all else.

    `source` is whose key it is: a supplier of administration systems, or "file". `eck_mark` is the
    keyed hash of his ECK iD. `erased_at_epoch_s` is when one who left is forgotten.
    """

    person_id: str
    kind: PersonKind
    key: str | None
    given_name: str
    prefix: str
    surname: str
    year_group: str | None
    address: str | None
    roles: tuple[str, ...]
    groups: tuple[GroupRef, ...]
    active: bool
    source: str = FILE
    eck_mark: str | None = field(default=None, repr=False)
    erased_at_epoch_s: int | None = None

    @property
    def full_name(self) -> tuple[str, str, str]:
        """Return the name in a form that capitals make no difference to."""
        return self.given_name.casefold(), self.prefix.casefold(), self.surname.casefold()

    @property
    def display_name(self) -> str:
        """Return the name as people say it."""
        return " ".join(part for part in (self.given_name, self.prefix, self.surname) if part)

    @property
    def base_group(self) -> GroupRef | None:
        """Return the first base group, which for a pupil is the only one."""
        return next((group for group in self.groups if group.kind == GroupKind.BASE), None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All people (by id) and groups that are stored of one school."""

    groups: Mapping[YearGroupKey, StoredGroup]
    people: Mapping[str, StoredPerson]

    @classmethod
    def of(cls, groups: Iterable[StoredGroup], people: Iterable[StoredPerson]) -> "Snapshot":
        """Return a snapshot of these records."""
        return cls(
            {group.identity: group for group in groups},
            {person.person_id: person for person in people},
        )

    def active(self, kind: PersonKind) -> list[StoredPerson]:
        """Return who of a kind is at the school."""
        return [one for one in self.people.values() if one.kind == kind and one.active]

    def active_groups(self) -> list[StoredGroup]:
        """Return the groups of now."""
        return [group for group in self.groups.values() if group.active]


EMPTY = Snapshot({}, {})


def group_item(school_id: str, group: StoredGroup) -> dict[str, Any]:
    """Return the stored form of a group."""
    return {
        "school_id": school_id,
        "item_key": GROUP_PREFIX + group.group_id,
        "schema_version": SCHEMA_VERSION,
        "school_year": group.school_year,
        "kind": group.kind.value,
        "las_key": group.key,
        "name": group.name,
        "year_group": group.year_group,
        "active": group.active,
    }


def person_item(school_id: str, person: StoredPerson) -> dict[str, Any]:
    """Return the stored form of a person."""
    item: dict[str, Any] = {
        "school_id": school_id,
        "item_key": PERSON_PREFIX + person.person_id,
        "schema_version": SCHEMA_VERSION,
        "kind": person.kind.value,
        "las_key": person.key,
        "las": person.source,
        "eck_mark": person.eck_mark,
        "given_name": person.given_name,
        "prefix": person.prefix,
        "surname": person.surname,
        "groups": [
            {
                "group_id": group.group_id,
                "kind": group.kind.value,
                "name": group.name,
                "year_group": group.year_group,
            }
            for group in person.groups
        ],
        "active": person.active,
    }
    if person.erased_at_epoch_s is not None:
        item["expires_at_epoch_s"] = person.erased_at_epoch_s
    if person.kind == PersonKind.STAFF:
        return item | {"address": person.address, "roles_in_las": list(person.roles)}
    return item | {"year_group": person.year_group}


def group_of(item: Mapping[str, Any]) -> StoredGroup:
    """Read a stored group back."""
    return StoredGroup(
        group_id=item["item_key"].removeprefix(GROUP_PREFIX),
        school_year=item["school_year"],
        kind=GroupKind(item["kind"]),
        key=item["las_key"],
        name=item["name"],
        year_group=item["year_group"],
        active=item["active"],
    )


def person_of(item: Mapping[str, Any]) -> StoredPerson:
    """Read a stored person back."""
    return StoredPerson(
        person_id=item["item_key"].removeprefix(PERSON_PREFIX),
        kind=PersonKind(item["kind"]),
        key=item["las_key"],
        given_name=item["given_name"],
        prefix=item["prefix"],
        surname=item["surname"],
        year_group=item.get("year_group"),
        address=item.get("address"),
        roles=tuple(item.get("roles_in_las", ())),
        groups=tuple(
            GroupRef(GroupKind(ref["kind"]), ref["group_id"], ref["name"], ref["year_group"])
            for ref in item["groups"]
        ),
        active=item["active"],
        source=item["las"],
        eck_mark=item["eck_mark"],
        erased_at_epoch_s=item.get("expires_at_epoch_s"),
    )
