"""Roles given by hand, as they are stored: a membership with its grants, and who did what.

A membership has a `revision` that grows with every change of its roles, and every change names the
revision it knows, so that nobody undoes what he has not seen. `review` and `review_on` put it in
the index of what is due (reviews).

The last coordinator cannot vanish: whoever stops coordinating, or gets a last day, does so in one
transaction with the check that a certain other coordinator, with a password and without a last day,
is still there. Two who remove each other at the same time name each other, and one is refused.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from password_reset import appointments, reviews
from schoolpoort import coverage, credentials, dynamodb, ids, memberships
from schoolpoort.dynamodb import Check, Item, Operation, Put, Update
from schoolpoort.errors import StoreUnavailable, TransactionRefused
from schoolpoort.memberships import Grant, Membership
from schoolpoort.settings import require

SCHEMA_VERSION = 1
EVENT_LIFE_S = 2 * 365 * 24 * 3600
"""Two years: whoever is asked about a role a year later still finds who gave it."""

_REVIEW = "staff"
_ACCOUNT_ID = re.compile(r"[0-9]{1,16}")
_ROUNDS = 6
_REFUSED = "ConditionalCheckFailed"


class ChangedMeanwhile(Exception):
    """Somebody else changed the same person; nothing was written."""


class NoSuccessor(Exception):
    """The school would be left without a coordinator who can come in; nothing was written."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What a membership becomes: its stored roles and grants, and the day of its next review.

    `person_id` is set only where the roster's person becomes known by it.
    """

    roles: frozenset[str]
    grants: Mapping[str, Grant]
    review_on: dt.date | None
    person_id: str | None = None


def find(account_id: str, scope: str) -> Item | None:
    """Return a membership's item, read consistently, or None; also for what is no account id."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        return None
    key = {"account_id": account_id, "scope": scope}
    return dynamodb.get(require("ACCOUNTS_TABLE"), key, consistent=True)


def event(
    scope: str, action: str, role: str, *, by: str, about: str, at_epoch_s: int, **more: str
) -> Item:
    """Return the item of an event: who did what to whom, by internal ids."""
    return {
        "stream": scope,
        "event_id": f"{at_epoch_s:012d}#{ids.new_id()}",
        "action": action,
        "role": role,
        "by": by,
        "about": about,
        **more,
        "at_epoch_s": at_epoch_s,
        "expires_at_epoch_s": at_epoch_s + EVENT_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def events(scope: str, *, about: str, limit: int = 50) -> list[Item]:
    """Return what was done to somebody in a scope, newest first; one Query of the scope."""
    found = dynamodb.query(
        require("PEOPLE_EVENTS_TABLE"),
        "stream = :scope",
        values={":scope": scope},
        newest_first=True,
    )
    return [item for item in found if item["about"] == about][:limit]


def recorded(happened: Sequence[Item]) -> list[Operation]:
    """Return the operations that write events, for the transaction of what they tell of."""
    return [Put(require("PEOPLE_EVENTS_TABLE"), item) for item in happened]


def make_account(
    address_key: str, member: Mapping[str, Any], after: Roles, happened: Sequence[Item]
) -> None:
    """Make an account with its first place; raises ChangedMeanwhile when it exists by now."""
    table = require("ACCOUNTS_TABLE")
    account_id = member["account_id"]
    profile = {
        "account_id": account_id,
        "scope": memberships.PROFILE_SCOPE,
        "display_name": member["display_name"],
        "address": member["address"],
        "language": "",
        "schema_version": SCHEMA_VERSION,
    }
    absent = "attribute_not_exists(account_id)"
    _transact(
        [
            credentials.claim(address_key, account_id, ""),
            Put(table, profile, absent),
            Put(table, {**member, **placed(after)}, absent),
            *recorded(happened),
        ]
    )


def add_place(member: Mapping[str, Any], after: Roles, happened: Sequence[Item]) -> None:
    """Give an account its first place in a scope; raises ChangedMeanwhile when it has one."""
    item = {**member, **placed(after)}
    absent = "attribute_not_exists(account_id)"
    _transact([Put(require("ACCOUNTS_TABLE"), item, absent), *recorded(happened)])


def change(known: Item, after: Roles, happened: Sequence[Item]) -> None:
    """Change the roles of a membership as it was read.

    Raises ChangedMeanwhile, NoSuccessor and StoreUnavailable.
    """
    before = frozenset(known["roles"]), memberships.grants_of(known)
    stays = appointments.coordinates_without_end(after.roles, after.grants)
    if stays or not appointments.coordinates_without_end(*before):
        _transact([changed(known, after), *recorded(happened)])
        return
    for other in _successors(known):
        try:
            _transact([changed(known, after), _is_there(other), *recorded(happened)], witness_at=1)
        except NoSuccessor:
            continue
        return
    raise NoSuccessor


def _successors(known: Item) -> list[Membership]:
    """Return who could be left as coordinator, as the index tells; the transaction checks it."""
    return [
        other
        for other in memberships.in_scope(known["scope"])
        if other.account_id != known["account_id"]
        and other.activated_at_epoch_s
        and appointments.coordinates_without_end(other.roles, other.grants)
    ]


def _is_there(other: Membership) -> Check:
    return Check(
        require("ACCOUNTS_TABLE"),
        {"account_id": other.account_id, "scope": other.scope},
        "contains(#roles, :role) AND attribute_exists(activated_at_epoch_s)"
        " AND (attribute_not_exists(grants.#role) OR grants.#role.#until = :never)",
        names={"#roles": "roles", "#role": appointments.COORDINATOR, "#until": "until"},
        values={":role": appointments.COORDINATOR, ":never": ""},
    )


def changed(known: Item, after: Roles) -> Update:
    """Return the operation of a change that leaves the school its coordinators."""
    stored = _stored(after)
    revision = known.get("revision")
    sets = "SET #roles = :roles, grants = :grants, revision = :next"
    values: dict[str, Any] = {
        ":roles": stored["roles"],
        ":grants": stored["grants"],
        ":next": (revision or 0) + 1,
    }
    if after.person_id is not None:
        sets += ", person_id = :person"
        values[":person"] = after.person_id
    if after.review_on is None:
        sets += " REMOVE #review, review_on"
    else:
        sets += ", #review = :review, review_on = :review_on"
        values |= {":review": stored["review"], ":review_on": stored["review_on"]}
    same = "attribute_exists(account_id) AND attribute_not_exists(revision)"
    if revision is not None:
        same = "revision = :known"
        values[":known"] = revision
    return Update(
        require("ACCOUNTS_TABLE"),
        {"account_id": known["account_id"], "scope": known["scope"]},
        sets,
        same,
        names={"#roles": "roles", "#review": "review"},
        values=values,
    )


def _stored(after: Roles) -> dict[str, Any]:
    due = {"review": _REVIEW, "review_on": after.review_on.isoformat()} if after.review_on else {}
    grants = appointments.grants_item(after.grants)
    return {"roles": sorted(after.roles), "grants": grants, **due}


def due(today: dt.date, *, limit: int) -> list[tuple[str, str]]:
    """Return account and scope of what is due on a day or was before; longest due first."""
    found = dynamodb.query(
        require("ACCOUNTS_TABLE"),
        "#review = :review AND review_on <= :today",
        names={"#review": "review"},
        values={":review": _REVIEW, ":today": today.isoformat()},
        index="by_review",
        limit=limit,
    )
    return [(item["account_id"], item["scope"]) for item in found]


def unused_since(item: Mapping[str, Any]) -> dt.date | None:
    """Return the day of an invitation that nobody has used yet, or None."""
    if item.get("activated_at_epoch_s") or not item.get("invited_at_epoch_s"):
        return None
    return coverage.amsterdam_day(item["invited_at_epoch_s"])


def placed(after: Roles) -> dict[str, Any]:
    """Return how the roles of a new place are stored."""
    return {**_stored(after), "revision": 1}


def used_on(item: Mapping[str, Any]) -> dt.date | None:
    """Return the day on which somebody with a place last came in, or None; one call.

    Who chose a password and never came back was last here on that day.
    """
    credential = credentials.find(credentials.staff_key(item["address"]))
    if credential is None or not item.get("activated_at_epoch_s"):
        return None
    activated = coverage.amsterdam_day(item["activated_at_epoch_s"])
    noted = credential.used_on
    return max(activated, dt.date.fromisoformat(noted)) if noted else activated


def roles_after(
    item: Mapping[str, Any],
    roles: frozenset[str],
    grants: Mapping[str, Grant],
    today: dt.date,
    used: dt.date | None = None,
) -> Roles:
    """Return roles and grants with the day of their next review; `used` is the last sign-in."""
    unused = unused_since(item)
    on = reviews.next_day(grants, unused_since=unused, used_on=used, today=today)
    return Roles(roles, grants, on)


def _transact(operations: Sequence[Operation], witness_at: int | None = None) -> None:
    for _ in range(_ROUNDS):
        try:
            dynamodb.transact(operations)
        except TransactionRefused as error:
            refused = [at for at, reason in enumerate(error.reasons) if reason == _REFUSED]
            if refused and refused == [witness_at]:
                raise NoSuccessor from error
            if refused:
                raise ChangedMeanwhile from error
        else:
            return
    raise StoreUnavailable
