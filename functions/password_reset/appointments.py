"""Roles that a coordinator gives by hand: to whom, for which groups and until when.

The rules are a table. A substitute comes for weeks and a trainee for a year at most, and both
leave by themselves; whoever stays without an end is asked about every year (reviews).

    role               groups    ends
    ict_coordinator    all       when it is set, but one without an end is always left
    school_head        all       when it is set
    internal_support   all       when it is set
    teacher            some      when it is set; for who is not in the administration
    support_staff      some      when it is set
    trainee            one       always, within a year
    substitute         some      always, within six weeks, and can be renewed
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schoolpoort import addresses
from schoolpoort.memberships import Grant

COORDINATOR = "ict_coordinator"
_LONGEST_NAME = 80
_LONGEST_ADDRESS = 255


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role needs: how many groups, and within how many days it must end, if it must."""

    groups: Literal["all", "one", "some"]
    longest_days: int | None


RULES: Mapping[str, Rule] = {
    COORDINATOR: Rule("all", None),
    "school_head": Rule("all", None),
    "internal_support": Rule("all", None),
    "teacher": Rule("some", None),
    "support_staff": Rule("some", None),
    "trainee": Rule("one", 365),
    "substitute": Rule("some", 42),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What was filled in about a role; `errors` has a code per wrong field."""

    role: str
    group_ids: frozenset[str]
    typed_until: str
    until: dt.date | None
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who gets a role, and on which terms; `address` is normalised."""

    display_name: str
    typed_address: str
    address: str
    terms: Terms
    errors: Mapping[str, str]


def read_terms(
    role: str,
    fields: Mapping[str, str],
    group_ids: Sequence[str],
    *,
    known_groups: Collection[str],
    today: dt.date,
) -> Terms:
    """Read the terms of a role that stands in RULES."""
    rule = RULES[role]
    chosen = frozenset(group_ids) if rule.groups != "all" else frozenset()
    errors = {}
    if not chosen <= frozenset(known_groups):
        errors["group_ids"] = "unknown"
    elif rule.groups != "all" and not chosen:
        errors["group_ids"] = "missing"
    elif rule.groups == "one" and len(chosen) > 1:
        errors["group_ids"] = "too_many"
    typed = fields.get("until", "").strip()[:20]
    until, error = _read_until(typed, rule, today)
    if error:
        errors["until"] = error
    return Terms(role, chosen, typed, until, errors)


def _read_until(typed: str, rule: Rule, today: dt.date) -> tuple[dt.date | None, str]:
    if not typed:
        return None, "" if rule.longest_days is None else "missing"
    try:
        until = dt.date.fromisoformat(typed)
    except ValueError:
        return None, "invalid"
    if until < today:
        return None, "past"
    if rule.longest_days is not None and until > last_day(rule, today):
        return None, "too_late"
    return until, ""


def last_day(rule: Rule, today: dt.date) -> dt.date:
    """Return the last day on which a role that must end may end."""
    return today + dt.timedelta(days=rule.longest_days or 0)


def read_person(fields: Mapping[str, str], terms: Terms) -> Appointment:
    """Read who gets the role, by name and address."""
    errors = dict(terms.errors)
    display_name = " ".join(fields.get("display_name", "").split())
    if not display_name or len(display_name) > _LONGEST_NAME or not display_name.isprintable():
        errors["display_name"] = "missing"
    typed = fields.get("address", "")[:_LONGEST_ADDRESS]
    address = ""
    try:
        address = addresses.normalise(typed)
    except addresses.InvalidAddress:
        errors["address"] = "invalid"
    if address and addresses.is_placeholder(address):
        errors["address"] = "placeholder"
    return Appointment(display_name, typed, address, terms, errors)


def granted(terms: Terms, *, given_by: str, today: dt.date) -> Grant:
    """Return the grant of a role on these terms from today."""
    return Grant(terms.until, terms.group_ids, today, given_by)


def grants_item(grants: Mapping[str, Grant]) -> dict[str, Any]:
    """Return grants as they are stored."""
    return {
        role: {
            "until": grant.until.isoformat() if grant.until else "",
            "group_ids": sorted(grant.group_ids),
            "confirmed_on": grant.confirmed_on.isoformat(),
            "given_by": grant.given_by,
            **({"ends_at_epoch_s": grant.ends_at_epoch_s} if grant.ends_at_epoch_s else {}),
        }
        for role, grant in grants.items()
    }


def coordinates_without_end(roles: Collection[str], grants: Mapping[str, Grant]) -> bool:
    """Say whether somebody coordinates a school with no last day set."""
    grant = grants.get(COORDINATOR)
    return COORDINATOR in roles and (grant is None or grant.until is None)
