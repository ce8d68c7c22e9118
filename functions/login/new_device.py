"""When the owner of an account hears by mail that somebody came in with a browser it did not know.

The first browser of all is the owner's own, and a registered network of a school tells enough. Else
at most one mail a week, however many browsers come.
"""

from collections.abc import Mapping
from typing import Any

from schoolpoort.dynamodb import Operation, Put, Update
from schoolpoort.ids import sha256_hex

MAIL_EVERY_S = 7 * 24 * 60 * 60
_KEEP_S = 2 * 365 * 24 * 60 * 60
_SCHEMA_VERSION = 1


def item_key(address_key: str) -> str:
    """Return the key, among the budgets, of what is known of an account's browsers."""
    return f"devices#{sha256_hex(address_key)}"


def is_due(devices: Mapping[str, Any] | None, *, is_at_school: bool, now_epoch_s: int) -> bool:
    """Say whether the owner is to hear of a browser that was not known."""
    if devices is None or is_at_school:
        return False
    return bool(now_epoch_s >= devices["mailed_at_epoch_s"] + MAIL_EVERY_S)


def first(table: str, address_key: str, *, now_epoch_s: int) -> Operation:
    """Return the operation that keeps that an account has a browser from now on."""
    item = {
        "budget_key": item_key(address_key),
        "mailed_at_epoch_s": 0,
        "expires_at_epoch_s": now_epoch_s + _KEEP_S,
        "schema_version": _SCHEMA_VERSION,
    }
    return Put(table, item, "attribute_not_exists(budget_key)")


def mailed(
    table: str, address_key: str, devices: Mapping[str, Any], *, now_epoch_s: int
) -> Operation:
    """Return the operation that keeps when the owner was told; refused when somebody was first."""
    return Update(
        table,
        {"budget_key": item_key(address_key)},
        "SET mailed_at_epoch_s = :now, expires_at_epoch_s = :later",
        "mailed_at_epoch_s = :known",
        values={
            ":now": now_epoch_s,
            ":later": now_epoch_s + _KEEP_S,
            ":known": devices["mailed_at_epoch_s"],
        },
    )
