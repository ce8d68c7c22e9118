"""Accounts and their places: what an invitation makes of them, as operations of a transaction."""

from typing import Any

from schoolpoort import credentials, ids, memberships
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Operation, Put
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_ABSENT = "attribute_not_exists(account_id)"


def new_account(
    address_key: str, address: str, language: str, membership: dict[str, Any]
) -> tuple[Credential, list[Operation]]:
    """Return a new account of staff and what makes it, with its first place.

    The transaction is refused when the address is somebody's already.
    """
    account_id = ids.new_id()
    table = require("ACCOUNTS_TABLE")
    profile = {
        "account_id": account_id,
        "scope": memberships.PROFILE_SCOPE,
        "display_name": membership["display_name"],
        "address": address,
        "language": language,
        "schema_version": SCHEMA_VERSION,
    }
    operations: list[Operation] = [
        credentials.claim(address_key, account_id, language),
        Put(table, profile, _ABSENT),
        Put(table, {**membership, "account_id": account_id}, _ABSENT),
    ]
    return Credential(address_key, account_id, None, 0, language), operations


def new_home_account(address_key: str) -> tuple[Credential, list[Operation]]:
    """Return a parent's account without a password yet, and what makes it.

    Which children belong to it stands with the pupils, not here.
    """
    account_id = ids.new_id()
    return (
        Credential(address_key, account_id, None, 0, ""),
        [credentials.claim(address_key, account_id, "")],
    )


def new_place(account_id: str, membership: dict[str, Any], *, is_active: bool) -> Operation:
    """Return what gives an account a place; refused where it has that place already."""
    item = {**membership, "account_id": account_id}
    if is_active:
        item["activated_at_epoch_s"] = membership["invited_at_epoch_s"]
    return Put(require("ACCOUNTS_TABLE"), item, _ABSENT)
