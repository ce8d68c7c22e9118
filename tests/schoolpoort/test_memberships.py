"""Who belongs where, read from both sides."""

from typing import Any

from infra.local.house import House
from schoolpoort import dynamodb, memberships
from schoolpoort.memberships import Membership
from schoolpoort.settings import require


def _put(account_id: str, scope: str, **changes: Any) -> None:
    item = {
        "account_id": account_id,
        "scope": scope,
        "scope_name": "De Vlieger",
        "roles": ["teacher"],
        "address": f"a{account_id}@vlieger.example",
        "display_name": "Noor de Wit",
        "schema_version": 1,
    }
    dynamodb.put(require("ACCOUNTS_TABLE"), item | changes)


def test_an_account_has_its_places_and_a_profile_is_none(aws: House) -> None:
    """Each place of one account is a membership; the profile beside them is not."""
    _put("7", "profile")
    _put("7", "school#42")
    _put("7", "board#40001", roles=["board"])
    _put("8", "school#42")
    found = memberships.of_account("7")
    assert [member.scope for member in found] == ["board#40001", "school#42"]
    assert {member.account_id for member in found} == {"7"}


def test_a_scope_has_its_people(aws: House) -> None:
    """Everybody in a scope is found, nobody of a scope that only begins the same."""
    _put("7", "school#42")
    _put("8", "school#42", roles=["ict_coordinator"])
    _put("9", "school#421")
    _put("7", "profile")
    found = {member.account_id: member.roles for member in memberships.in_scope("school#42")}
    assert found == {"7": {"teacher"}, "8": {"ict_coordinator"}}


def test_nobody_is_nowhere(aws: House) -> None:
    """An unknown account and an empty scope have no memberships."""
    assert memberships.of_account("7") == []
    assert memberships.in_scope("school#42") == []


def test_what_is_not_known_yet_is_none(aws: House) -> None:
    """Who was never invited, has no password or no person in the roster has None there."""
    _put("7", "school#42")
    _put("8", "school#43", person_id="9", invited_at_epoch_s=5, activated_at_epoch_s=6)
    [new] = memberships.of_account("7")
    assert new == Membership(
        account_id="7",
        scope="school#42",
        scope_name="De Vlieger",
        roles=frozenset({"teacher"}),
        person_id=None,
        address="a7@vlieger.example",
        display_name="Noor de Wit",
        invited_at_epoch_s=None,
        activated_at_epoch_s=None,
    )
    [known] = memberships.of_account("8")
    assert (known.person_id, known.invited_at_epoch_s, known.activated_at_epoch_s) == ("9", 5, 6)
