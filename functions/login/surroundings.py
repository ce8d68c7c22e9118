"""Around an attempt: the account, the network, the browser's old session, all by one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from login import new_device, pupil_store, throttle
from schoolpoort import credentials, dynamodb, school_networks
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an attempt needs to know before a password is tried; all of it by one call.

    `old_session` is the session item that the browser came with; `devices` the item that says
    whether the account ever knew a browser, and when its owner last heard of a new one.
    """

    credential: Credential | None
    is_at_school: bool
    old_session: Item | None
    devices: Item | None
    is_guessed_everywhere: bool = False


def look_around(
    address_key: str, *, source_ip: str, old_session_hash: str | None, now_epoch_s: int
) -> Surroundings:
    """Return what an attempt needs to know; a BatchGetItem, the same for every address."""
    near_table, near_key = pupil_store.near_key(source_ip)
    devices_key = {"budget_key": new_device.item_key(address_key)}
    keys: list[tuple[str, Mapping[str, Any]]] = [
        credentials.key(address_key),
        (near_table, near_key),
        (require("THROTTLE_TABLE"), devices_key),
    ]
    keys += [
        (require("THROTTLE_TABLE"), {"budget_key": budget_key})
        for budget_key in throttle.everywhere_keys(now_epoch_s)
    ]
    if old_session_hash is not None:
        keys.append((require("SESSIONS_TABLE"), {"session_hash": old_session_hash}))
    found, near, devices, today, last_week, *old = dynamodb.batch_get(keys, consistent=True)
    return Surroundings(
        credential=credentials.of_item(found),
        is_at_school=school_networks.is_of_school(source_ip, near, now_epoch_s=now_epoch_s),
        old_session=old[0] if old else None,
        devices=devices,
        is_guessed_everywhere=throttle.is_guessed_everywhere(_spent(today), _spent(last_week)),
    )


def _spent(counter: Item | None) -> int:
    return int(counter["spent"]) if counter else 0


def of_session(session_hash: str, source_ip: str, *, now_epoch_s: int) -> tuple[Item | None, bool]:
    """Return a stored session and whether its browser is on a school's network; one call."""
    keys = [(require("SESSIONS_TABLE"), {"session_hash": session_hash})]
    item, near = dynamodb.batch_get([*keys, pupil_store.near_key(source_ip)])
    return item, school_networks.is_of_school(source_ip, near, now_epoch_s=now_epoch_s)
