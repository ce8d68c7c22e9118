"""Who belongs where: a reader of the accounts table, which password_reset owns.

A membership is an account's place in a scope: "school#<id>", "board#<number>" or "helpdesk". Its
roles are granted in this house and never derived from roles in a school's administration.
"""

from dataclasses import dataclass

from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

PROFILE_SCOPE = "profile"
_TABLE = "ACCOUNTS_TABLE"


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's roles in one scope; `activated_at_epoch_s` is None before the first password."""

    account_id: str
    scope: str
    scope_name: str
    roles: frozenset[str]
    person_id: str | None
    address: str
    display_name: str
    invited_at_epoch_s: int | None
    activated_at_epoch_s: int | None


def from_item(item: Item) -> Membership:
    """Read a membership from its item."""
    return Membership(
        account_id=item["account_id"],
        scope=item["scope"],
        scope_name=item["scope_name"],
        roles=frozenset(item["roles"]),
        person_id=item.get("person_id"),
        address=item["address"],
        display_name=item["display_name"],
        invited_at_epoch_s=item.get("invited_at_epoch_s"),
        activated_at_epoch_s=item.get("activated_at_epoch_s"),
    )


def of_account(account_id: str) -> list[Membership]:
    """Return the memberships of an account, the oldest scope name first; one Query."""
    items = dynamodb.query(
        require(_TABLE), "account_id = :account", values={":account": account_id}
    )
    return [from_item(item) for item in items if item["scope"] != PROFILE_SCOPE]


def in_scope(scope: str) -> list[Membership]:
    """Return everybody in a scope; one Query of the index."""
    items = dynamodb.query(
        require(_TABLE),
        "#scope = :scope",
        names={"#scope": "scope"},
        values={":scope": scope},
        index="by_scope",
    )
    return [from_item(item) for item in items]


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
