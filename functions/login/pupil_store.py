"""What the login function keeps of a school's pupils: one table, one AWS call a function.

Partition key is the school, and "code#<code>" for the one item that says which school a code is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from login import pupil_access
from login.pupil_access import SchoolAccess
from schoolpoort import dynamodb, school_networks
from schoolpoort.dynamodb import Delete, Operation, Put, Update
from schoolpoort.errors import TransactionRefused
from schoolpoort.settings import require

_TABLE = "PUPIL_ACCESS_TABLE"


def school_of_code(code: str) -> str | None:
    """Return the school of a short code, or None."""
    item = dynamodb.get(require(_TABLE), {"school_id": f"code#{code}", "item_key": "school"})
    return str(item["of_school_id"]) if item else None


def access_of(school_id: str) -> SchoolAccess:
    """Return everything that a school settled; one Query."""
    items = dynamodb.query(require(_TABLE), "school_id = :school", values={":school": school_id})
    return pupil_access.of_items(school_id, items)


def claim_code(school_id: str, code: str) -> bool:
    """Give a school its code for good, or return False: the code or the school has one already."""
    table = require(_TABLE)
    version = pupil_access.SCHEMA_VERSION
    of_code = {"school_id": f"code#{code}", "item_key": "school", "of_school_id": school_id}
    of_school = {"school_id": school_id, "item_key": "settings", "code": code}
    claims = [
        Put(table, {**item, "schema_version": version}, "attribute_not_exists(item_key)")
        for item in (of_code, of_school)
    ]
    try:
        dynamodb.transact(claims)
    except TransactionRefused:
        return False
    return True


def add_device(school_id: str, device_hash: str, **values: Any) -> Sequence[Operation]:
    """Return the operation that enrols a device."""
    key = {"school_id": school_id, "item_key": f"device#{device_hash}"}
    return [Put(require(_TABLE), {**key, **values, "schema_version": pupil_access.SCHEMA_VERSION})]


def remove_device(school_id: str, device_hash: str) -> Sequence[Operation]:
    """Return the operation that removes a device; nothing happens without it."""
    key = {"school_id": school_id, "item_key": f"device#{device_hash}"}
    return [Delete(require(_TABLE), key)]


def add_network(
    school_id: str, cidr: str, *, added_by: str, now_epoch_s: int
) -> Sequence[Operation]:
    """Return the operations that register a range, with the school and among all ranges near it."""
    item = {
        "school_id": school_id,
        "item_key": f"network#{cidr}",
        "added_at_epoch_s": now_epoch_s,
        "seen_at_epoch_s": now_epoch_s,
        "added_by": added_by,
        "schema_version": pupil_access.SCHEMA_VERSION,
    }
    return [Put(require(_TABLE), item), _note_near(school_id, cidr, now_epoch_s)]


def remove_network(school_id: str, cidr: str) -> Sequence[Operation]:
    """Return the operations that take a range away; nothing happens without it."""
    gone = Update(
        require(_TABLE),
        school_networks.near_key(cidr),
        "REMOVE #place",
        names={"#place": school_networks.place_name(cidr, school_id)},
    )
    key = {"school_id": school_id, "item_key": f"network#{cidr}"}
    return [Delete(require(_TABLE), key), gone]


def confirm_network(school_id: str, cidr: str, *, now_epoch_s: int) -> Sequence[Operation]:
    """Return the operations that note that a range is a school's today, if it was registered."""
    seen = Update(
        require(_TABLE),
        {"school_id": school_id, "item_key": f"network#{cidr}"},
        "SET seen_at_epoch_s = :now",
        "attribute_exists(item_key)",
        values={":now": now_epoch_s},
    )
    return [seen, _note_near(school_id, cidr, now_epoch_s)]


def see_network(school_id: str, cidr: str, *, now_epoch_s: int) -> None:
    """Note that somebody came from a network that is still registered."""
    try:
        dynamodb.transact(confirm_network(school_id, cidr, now_epoch_s=now_epoch_s))
    except TransactionRefused:
        # Gone, or another visitor notes the same at this moment.
        return


def near_key(source_ip: str) -> tuple[str, dict[str, str]]:
    """Return the table and key of what is registered around an address, for a read with others."""
    return require(_TABLE), school_networks.near_key(source_ip)


def _note_near(school_id: str, cidr: str, now_epoch_s: int) -> Update:
    return Update(
        require(_TABLE),
        school_networks.near_key(cidr),
        "SET #place = :now, schema_version = :version",
        names={"#place": school_networks.place_name(cidr, school_id)},
        values={":now": now_epoch_s, ":version": pupil_access.SCHEMA_VERSION},
    )


def keep_pictures(school_id: str, chosen: Mapping[str, str]) -> None:
    """Keep the pictures of pupils who have none yet; one call each, once in a school career."""
    for person_id, code in chosen.items():
        dynamodb.update(
            require(_TABLE),
            _pupil_key(school_id, person_id),
            "SET picture = if_not_exists(picture, :code), schema_version = :version",
            values={":code": code, ":version": pupil_access.SCHEMA_VERSION},
        )


def change_picture(school_id: str, person_id: str, code: str) -> Sequence[Operation]:
    """Return the operation that gives a pupil another picture."""
    values = {":code": code, ":version": pupil_access.SCHEMA_VERSION}
    expression = "SET picture = :code, schema_version = :version"
    return [Update(require(_TABLE), _pupil_key(school_id, person_id), expression, values=values)]


def pin_change(
    school_id: str, person_id: str, pin_hash: str | None, *, until_epoch_s: int | None = None
) -> Update:
    """Return the operation that gives a pupil a PIN, for good or until then, or takes it away.

    One for good ends a temporary one; a temporary one leaves what comes after it as it is.
    """
    temporary = "temporary_pin_hash, temporary_pin_ends_at_epoch_s"
    values: dict[str, Any] = {":one": 1}
    if pin_hash is None:
        change = f"REMOVE pin_hash, {temporary}"
    elif until_epoch_s is None:
        change = f"SET pin_hash = :pin REMOVE {temporary}"
        values[":pin"] = pin_hash
    else:
        change = "SET temporary_pin_hash = :pin, temporary_pin_ends_at_epoch_s = :until"
        values |= {":pin": pin_hash, ":until": until_epoch_s}
    return Update(
        require(_TABLE),
        _pupil_key(school_id, person_id),
        f"{change} ADD releases :one",
        values=values,
    )


def badge_change(
    school_id: str, person_id: str, kind: str, secret_hash: str, *, ends_at_epoch_s: int
) -> Update:
    """Return the operation that gives a pupil a badge or a card; the one before it is void."""
    return Update(
        require(_TABLE),
        _pupil_key(school_id, person_id),
        f"SET {kind}_hash = :hash, {kind}_ends_at_epoch_s = :ends, schema_version = :version",
        values={
            ":hash": secret_hash,
            ":ends": ends_at_epoch_s,
            ":version": pupil_access.SCHEMA_VERSION,
        },
    )


def badges_void(school_id: str, person_id: str) -> Update:
    """Return the operation that makes a pupil's badge and card void."""
    return Update(
        require(_TABLE),
        _pupil_key(school_id, person_id),
        "REMOVE badge_hash, badge_ends_at_epoch_s, card_hash, card_ends_at_epoch_s",
    )


def let_try_again(school_id: str, person_id: str) -> Sequence[Operation]:
    """Return the operation that lets a pupil who used up his tries begin anew."""
    expression, values = "ADD releases :one", {":one": 1}
    return [Update(require(_TABLE), _pupil_key(school_id, person_id), expression, values=values)]


def switch_pins(school_id: str, group_id: str, *, uses_pin: bool) -> Sequence[Operation]:
    """Return the operation that switches the PINs of a group on or off."""
    item = {"school_id": school_id, "item_key": f"group#{group_id}", "uses_pin": uses_pin}
    return [Put(require(_TABLE), {**item, "schema_version": pupil_access.SCHEMA_VERSION})]


def _pupil_key(school_id: str, person_id: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": f"pupil#{person_id}"}


def seen(
    school_id: str,
    person_id: str,
    *,
    day: str,
    picture: str,
    at_home: bool = False,
    shown: tuple[str, str] | None = None,
) -> Sequence[Operation]:
    """Return the operation that notes a pupil's day, for the transaction of his session.

    `shown` is a kind ("badge", "card") and a hash that must still stand there; a card is used up.
    """
    day_name = "seen_home_on" if at_home else "seen_on"
    change = f"SET {day_name} = :day, picture = if_not_exists(picture, :picture)"
    values, condition = {":day": day, ":picture": picture}, None
    if shown is not None:
        kind, values[":hash"] = shown
        condition = f"{kind}_hash = :hash"
        if kind == "card":
            change += " REMOVE card_hash, card_ends_at_epoch_s"
    key = {"school_id": school_id, "item_key": f"pupil#{person_id}"}
    return [Update(require(_TABLE), key, change, condition, values=values)]
