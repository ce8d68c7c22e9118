"""People and groups of schools: a reader of the roster table, which roster_sync owns.

A group stands in each of its members' items too, so that a page about one person needs one call.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schoolpoort import clock, dynamodb
from schoolpoort.settings import require

_TABLE = "ROSTER_TABLE"
_GROUP = "group#"
_PERSON = "person#"
_FEED = "feed"
_AFTER_ALL_YEARS = 99


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """A group as its member sees it; `year_group` is None for combinations and composed ones."""

    group_id: str
    name: str
    year_group: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of one school year, base or composed."""

    group_id: str
    kind: Literal["base", "composed"]
    name: str
    year_group: str | None
    school_year: str


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil or a member of staff; who is not `active` has left the school.

    `year_group` is of pupils. `address` and `roles_in_las` are of staff, as the administration has
    them: the address may be a placeholder or another's, the roles give no rights here.
    """

    person_id: str
    kind: Literal["pupil", "staff"]
    given_name: str
    prefix: str
    surname: str
    year_group: str | None
    address: str | None
    roles_in_las: tuple[str, ...]
    groups: tuple[GroupMembership, ...]
    active: bool

    @property
    def display_name(self) -> str:
        """Return the name as people say it: given name, prefix, surname."""
        return " ".join(part for part in (self.given_name, self.prefix, self.surname) if part)


StaffMember = Person
"""A person of kind "staff"."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many are active at a school and when that was last changed; all zero before a feed."""

    pupils: int
    staff: int
    groups: int
    school_year: str | None
    applied_at_epoch_s: int | None


def person(school_id: str, person_id: str) -> Person | None:
    """Return a person of a school, also one who left until he is forgotten; one GetItem."""
    table, key = person_key(school_id, person_id)
    item = dynamodb.get(table, key)
    if item is None or item.get("expires_at_epoch_s", math.inf) <= clock.now_epoch_s():
        return None
    return person_from_item(item)


def forgotten_at_epoch_s(school_id: str, person_id: str) -> int | None:
    """Return when somebody is forgotten: None for who is at the school, 0 for who is gone."""
    table, key = person_key(school_id, person_id)
    item = dynamodb.get(table, key, consistent=True)
    if item is None:
        return 0
    return None if item["active"] else int(item["expires_at_epoch_s"])


def person_key(school_id: str, person_id: str) -> tuple[str, dict[str, str]]:
    """Return the table and the key of a person, for a read together with others."""
    return require(_TABLE), {"school_id": school_id, "item_key": _PERSON + person_id}


def pupils(school_id: str) -> list[Person]:
    """Return the active pupils of a school by given name and surname; one Query."""
    everybody = map(person_from_item, _items(school_id, _PERSON))
    found = [one for one in everybody if one.kind == "pupil" and one.active]
    return sorted(found, key=lambda one: (one.given_name.casefold(), one.surname.casefold()))


def staff(school_id: str) -> list[StaffMember]:
    """Return the active staff of a school by surname; one Query."""
    everybody = map(person_from_item, _items(school_id, _PERSON))
    found = [one for one in everybody if one.kind == "staff" and one.active]
    return sorted(found, key=lambda one: (one.surname.casefold(), one.given_name.casefold()))


def groups(school_id: str) -> list[Group]:
    """Return the active groups of a school by year group and name; one Query."""
    found = [group_from_item(item) for item in _items(school_id, _GROUP) if item["active"]]
    return sorted(found, key=_order)


def groups_named(school_id: str, group_ids: Iterable[str]) -> list[Group]:
    """Return those of these groups that are active, by year group and name; a call per hundred."""
    table = require(_TABLE)
    keys = [(table, {"school_id": school_id, "item_key": _GROUP + name}) for name in group_ids]
    found = [group_from_item(item) for item in dynamodb.batch_get(keys) if item and item["active"]]
    return sorted(found, key=_order)


def summary(school_id: str) -> Summary:
    """Return the counts of a school; one GetItem."""
    item = dynamodb.get(require(_TABLE), {"school_id": school_id, "item_key": _FEED}) or {}
    counts = item.get("counts") or {}
    return Summary(
        pupils=counts.get("pupils", 0),
        staff=counts.get("staff", 0),
        groups=counts.get("groups", 0),
        school_year=item.get("school_year"),
        applied_at_epoch_s=item.get("applied_at_epoch_s"),
    )


def person_from_item(item: Mapping[str, Any]) -> Person:
    """Read a person from the stored form."""
    return Person(
        person_id=item["item_key"].removeprefix(_PERSON),
        kind=item["kind"],
        given_name=item["given_name"],
        prefix=item["prefix"],
        surname=item["surname"],
        year_group=item.get("year_group"),
        address=item.get("address"),
        roles_in_las=tuple(item.get("roles_in_las", ())),
        groups=tuple(
            GroupMembership(group["group_id"], group["name"], group["year_group"])
            for group in item["groups"]
        ),
        active=item["active"],
    )


def group_from_item(item: Mapping[str, Any]) -> Group:
    """Read a group from the stored form."""
    return Group(
        group_id=item["item_key"].removeprefix(_GROUP),
        kind=item["kind"],
        name=item["name"],
        year_group=item["year_group"],
        school_year=item["school_year"],
    )


def _items(school_id: str, prefix: str) -> list[dynamodb.Item]:
    return dynamodb.query(
        require(_TABLE),
        "school_id = :school AND begins_with(item_key, :prefix)",
        values={":school": school_id, ":prefix": prefix},
    )


def _order(group: Group) -> tuple[str, int, str]:
    year = group.year_group or ""
    number = int(year) if year.isdigit() else _AFTER_ALL_YEARS
    return group.kind, number, group.name.casefold()
