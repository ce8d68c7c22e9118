"""ECK iDs at AWS: apart from everything else, sealed under a data key of their school.

A school's partition has "key", its data key as KMS wrapped it for this school alone, and
"eck#<mark>", an ECK iD under that key. Who has this table alone can read nothing and look nobody
up; who has the roster table alone has marks. No page and no log ever has an ECK iD.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roster_sync.eck_marks import Ends, Moves
from roster_sync.model import Roster
from schoolpoort import aws, dynamodb
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

_TABLE = "ECK_TABLE"
_SCHEMA_VERSION = 1
_NONCE_BYTES = 12


def values_of(roster: Roster, marked: Roster) -> Iterator[tuple[str, str]]:
    """Return the mark and the ECK iD of everybody in a roster who has one."""
    for person, with_mark in zip(roster.people, marked.people, strict=True):
        if person.eck_id is not None and with_mark.eck_mark is not None:
            yield with_mark.eck_mark, person.eck_id


def settle(school_id: str, moves: Moves, values: Iterable[tuple[str, str]] = ()) -> None:
    """Keep what is new and let go what is over, before the people themselves are written.

    So nobody ever has a mark without its ECK iD, also when the run is cut off and comes again.
    """
    new = {mark: eck_id for mark, eck_id in values if mark in moves.new}
    keep(school_id, new)
    known = dict.fromkeys(moves.new - new.keys())
    _set_ends(school_id, {**known, **moves.ends})


def keep(school_id: str, values: Mapping[str, str], ends_at_epoch_s: int | None = None) -> None:
    """Seal and store ECK iDs by their marks, for good or until a moment."""
    if not values:
        return
    # Only runs that bring somebody new need it: a night without has a shorter start.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    seal = AESGCM(_data_key(school_id))
    end = {} if ends_at_epoch_s is None else {"expires_at_epoch_s": ends_at_epoch_s}
    items = []
    for mark, eck_id in values.items():
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + seal.encrypt(nonce, eck_id.encode(), _bound_to(school_id, mark))
        version = {"schema_version": _SCHEMA_VERSION}
        items.append({**_key(school_id, mark), "sealed": sealed, **end, **version})
    dynamodb.batch_write(require(_TABLE), puts=items)


def opened(school_id: str, mark: str) -> str | None:
    """Return the ECK iD of a mark, for who has the right to the key; None when there is none."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    item = dynamodb.get(require(_TABLE), _key(school_id, mark), consistent=True)
    if item is None:
        return None
    nonce, sealed = item["sealed"][:_NONCE_BYTES], item["sealed"][_NONCE_BYTES:]
    seal = AESGCM(_data_key(school_id))
    return seal.decrypt(nonce, sealed, _bound_to(school_id, mark)).decode()


def _set_ends(school_id: str, ends: Ends) -> None:
    for mark, end in ends.items():
        change = "REMOVE expires_at_epoch_s" if end is None else "SET expires_at_epoch_s = :end"
        try:
            dynamodb.update(
                require(_TABLE),
                _key(school_id, mark),
                change,
                condition="attribute_exists(item_key)",
                values=None if end is None else {":end": end},
            )
        except ConditionFailed:
            # It is gone already, with whoever had it.
            continue


def _key(school_id: str, mark: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": f"eck#{mark}"}


def _bound_to(school_id: str, mark: str) -> bytes:
    return f"{school_id}#{mark}".encode()


def _data_key(school_id: str) -> bytes:
    """Return a school's data key; whoever is first makes it."""
    place = {"school_id": school_id, "item_key": "key"}
    context = {"purpose": "eck_id", "school_id": school_id}
    item: Mapping[str, Any] | None = dynamodb.get(require(_TABLE), place, consistent=True)
    if item is None:
        made = aws.client("kms").generate_data_key(
            KeyId=require("SECRETS_KEY_ID"), KeySpec="AES_256", EncryptionContext=context
        )
        item = {**place, "wrapped": bytes(made["CiphertextBlob"]), "schema_version": 1}
        try:
            dynamodb.put(require(_TABLE), item, unless_exists="item_key")
            return bytes(made["Plaintext"])
        except ConditionFailed as error:
            item = error.item or {}
    answer = aws.client("kms").decrypt(
        KeyId=require("SECRETS_KEY_ID"), CiphertextBlob=item["wrapped"], EncryptionContext=context
    )
    return bytes(answer["Plaintext"])
