"""A substitute for today, added by a colleague at a quarter past eight.

    who gives      teachers for the own groups and those of the same years; heads, internal support
                   and coordinators for every group
    until          18:00 of the same day, by itself; or when a coordinator stops it
    who is told    every coordinator of the school, at once

Longer than a day is the coordinator's to give (appointments).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schoolpoort.memberships import Grant, Membership
from schoolpoort.rosters import Group, Person

ROLE = "substitute"
_ENDS = dt.time(18, 0)
_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Today:
    """Somebody who stands in today: the names of the groups, who gave it."""

    membership: Membership
    groups: tuple[str, ...]
    given_by: str


def ends_at(now_epoch_s: int) -> int | None:
    """Return when a role for today ends, or None when the day is over."""
    today = dt.datetime.fromtimestamp(now_epoch_s, _ZONE).date()
    end = int(dt.datetime.combine(today, _ENDS, _ZONE).timestamp())
    return end if now_epoch_s < end else None


def offered(
    groups: Sequence[Group], pupils: Iterable[Person], own: frozenset[str] | None
) -> list[Group]:
    """Return the groups that somebody may give: all, or the own ones and those parallel to them.

    Parallel is a base group with pupils of a year group that an own group has too.
    """
    if own is None:
        return list(groups)
    years = _years(pupils)
    shared = {year for group_id in own for year in years.get(group_id, ())}
    return [
        group
        for group in groups
        if group.group_id in own
        or (group.kind == "base" and shared & years.get(group.group_id, set()))
    ]


def _years(pupils: Iterable[Person]) -> dict[str, set[str]]:
    years: dict[str, set[str]] = {}
    for pupil in pupils:
        for group in pupil.groups:
            if pupil.year_group:
                years.setdefault(group.group_id, set()).add(pupil.year_group)
    return years


def is_for_today(grant: Grant | None, now_epoch_s: int) -> bool:
    """Say whether a grant is one of a colleague for today that still counts."""
    return grant is not None and grant.ends_at_epoch_s is not None and grant.holds_at(now_epoch_s)


def of_today(
    members: Sequence[Membership], group_names: Mapping[str, str], now_epoch_s: int
) -> list[Today]:
    """Return who stands in today by a colleague's word, by name."""
    names = {member.account_id: member.display_name for member in members}
    found = [
        Today(
            member,
            tuple(sorted(group_names.get(one, "") for one in grant.group_ids)),
            names.get(grant.given_by, ""),
        )
        for member in members
        if ROLE in member.roles
        for grant in [member.grants.get(ROLE)]
        if grant is not None and is_for_today(grant, now_epoch_s)
    ]
    return sorted(found, key=lambda one: one.membership.display_name.casefold())
