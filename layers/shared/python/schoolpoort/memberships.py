"""Who belongs where: a reader of the accounts table, which password_reset owns.

A membership is an account's place in a scope: "school#<id>", "board#<number>" or "helpdesk". Its
roles are granted in this house and never derived from roles in a school's administration.

A role that a coordinator gave by hand has a grant beside it: its last day, its groups, and when
somebody last said that it is still right. A role past its last day is no role any more, whether or
not anybody has tidied it up, so no page asks for roles in another way than here.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from schoolpoort import clock, coverage, dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

PROFILE_SCOPE = "profile"
_TABLE = "ACCOUNTS_TABLE"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that was given by hand: `until` is its last day in Amsterdam, None without an end.

    `group_ids` are the groups it is about, of a role that is about some. `confirmed_on` is the day
    on which a coordinator last said that it is right; `given_by` his account, or "helpdesk". A role
    for one day ends at an hour too (`ends_at_epoch_s`).
    """

    until: dt.date | None
    group_ids: frozenset[str]
    confirmed_on: dt.date
    given_by: str
    ends_at_epoch_s: int | None = None

    def holds_at(self, now_epoch_s: int) -> bool:
        """Say whether the role has not ended, by the day and by the hour."""
        is_over = self.ends_at_epoch_s is not None and now_epoch_s >= self.ends_at_epoch_s
        return not is_over and self.holds_on(coverage.amsterdam_day(now_epoch_s))

    def holds_on(self, day: dt.date) -> bool:
        """Say whether the role has not ended on a day."""
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's roles in one scope; `activated_at_epoch_s` is None before the first password.

    `roles` are those of today; `grants` also has what ended and was not tidied up yet.
    """

    account_id: str
    scope: str
    scope_name: str
    roles: frozenset[str]
    person_id: str | None
    address: str
    display_name: str
    invited_at_epoch_s: int | None
    activated_at_epoch_s: int | None
    grants: Mapping[str, Grant] = field(default_factory=dict)


def from_item(item: Item) -> Membership:
    """Read a membership from its item."""
    return Membership(
        account_id=item["account_id"],
        scope=item["scope"],
        scope_name=item["scope_name"],
        roles=roles_of(item),
        person_id=item.get("person_id"),
        address=item["address"],
        display_name=item["display_name"],
        invited_at_epoch_s=item.get("invited_at_epoch_s"),
        activated_at_epoch_s=item.get("activated_at_epoch_s"),
        grants=grants_of(item),
    )


def roles_of(item: Item) -> frozenset[str]:
    """Return the roles that a membership's item gives today."""
    now = clock.now_epoch_s()
    grants = grants_of(item)
    return frozenset(
        role for role in item["roles"] if role not in grants or grants[role].holds_at(now)
    )


def grants_of(item: Item) -> dict[str, Grant]:
    """Read the grants of a membership's item by role."""
    return {
        role: Grant(
            until=dt.date.fromisoformat(kept["until"]) if kept["until"] else None,
            group_ids=frozenset(kept["group_ids"]),
            confirmed_on=dt.date.fromisoformat(kept["confirmed_on"]),
            given_by=kept["given_by"],
            ends_at_epoch_s=kept.get("ends_at_epoch_s"),
        )
        for role, kept in item.get("grants", {}).items()
    }


def of_account(account_id: str, *, also_ended: bool = False) -> list[Membership]:
    """Return the places in which an account has a role today, by scope; one Query.

    With `also_ended`, those where it has none any more too.
    """
    items = dynamodb.query(
        require(_TABLE), "account_id = :account", values={":account": account_id}
    )
    found = [from_item(item) for item in items if item["scope"] != PROFILE_SCOPE]
    return [member for member in found if member.roles or also_ended]


def in_scope(scope: str, *, also_ended: bool = False) -> list[Membership]:
    """Return everybody who has a role in a scope today; one Query of the index.

    With `also_ended`, those who have none any more too.
    """
    items = dynamodb.query(
        require(_TABLE),
        "#scope = :scope",
        names={"#scope": "scope"},
        values={":scope": scope},
        index="by_scope",
    )
    found = [from_item(item) for item in items]
    return [member for member in found if member.roles or also_ended]


def suspend(scope: str, address: str) -> None:
    """Take all roles from whoever has this address in a scope, at once.

    Roles are read at every request, so an open session ends with this. What he had is kept as
    `suspended_roles`, and a new invitation gives roles again.
    """
    for member in in_scope(scope):
        if member.address == address and member.roles:
            dynamodb.update(
                require(_TABLE),
                {"account_id": member.account_id, "scope": scope},
                "SET #roles = :none, suspended_roles = :held",
                condition="attribute_exists(account_id)",
                names={"#roles": "roles"},
                values={":none": [], ":held": sorted(member.roles)},
            )
