"""What the sso function reads and writes, one AWS call a function unless it says otherwise.

It owns publishers, school links, codes and the ledger. Keys stay in KMS: one signs, the other
wraps the key of pairwise names.
"""

import functools
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from schoolpoort import dynamodb
from schoolpoort.aws import client
from schoolpoort.dynamodb import Item, Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.settings import require
from sso import pairwise
from sso.registration import CATALOG_ID

LEDGER_ROWS_SHOWN = 200
PAIRWISE_KEY_ID = "key#pairwise"
_PAIRWISE_CONTEXT = {"purpose": "pairwise"}
_UNUSED = "attribute_exists(code_hash) AND attribute_not_exists(used_at_epoch_s)"


def membership(account_id: str, school_id: str) -> Item | None:
    """Return somebody's place at a school as it is now, or None; one GetItem."""
    key = {"account_id": account_id, "scope": f"school#{school_id}"}
    return dynamodb.get(require("ACCOUNTS_TABLE"), key, consistent=True)


def publisher(client_id: str) -> Item | None:
    """Return a registration, or None."""
    return dynamodb.get(require("PUBLISHERS_TABLE"), {"client_id": client_id})


def publishers() -> list[Item]:
    """Return all registrations by the catalogue; two calls."""
    table = require("PUBLISHERS_TABLE")
    catalog = dynamodb.get(table, {"client_id": CATALOG_ID})
    ids = sorted(catalog["publisher_ids"]) if catalog else []
    found = dynamodb.batch_get([(table, {"client_id": each}) for each in ids]) if ids else []
    return [item for item in found if item is not None]


def add_publisher(item: Mapping[str, Any]) -> None:
    """Store a registration and list it in the catalogue, or do neither."""
    table = require("PUBLISHERS_TABLE")
    listed = Update(
        table,
        {"client_id": CATALOG_ID},
        "ADD publisher_ids :ids",
        values={":ids": {item["client_id"]}},
    )
    dynamodb.transact([Put(table, item), listed])


def link(school_id: str, publisher_id: str) -> Item | None:
    """Return a school's link to a publisher, or None."""
    key = {"school_id": school_id, "publisher_id": publisher_id}
    return dynamodb.get(require("SCHOOL_LINKS_TABLE"), key)


def links(school_id: str) -> list[Item]:
    """Return all links of a school."""
    values = {":school": school_id}
    return dynamodb.query(require("SCHOOL_LINKS_TABLE"), "school_id = :school", values=values)


def put_link(item: Mapping[str, Any]) -> None:
    """Link a school to a publisher, or replace the link that stands."""
    dynamodb.put(require("SCHOOL_LINKS_TABLE"), item)


def delete_link(school_id: str, publisher_id: str) -> None:
    """Unlink a school from a publisher; nothing happens without a link."""
    key = {"school_id": school_id, "publisher_id": publisher_id}
    dynamodb.delete(require("SCHOOL_LINKS_TABLE"), key)


def save_release(code_item: Mapping[str, Any], ledger_item: Mapping[str, Any]) -> None:
    """Store a code and the row that says what it releases, or neither.

    Raises StoreUnavailable when another write stood in the way.
    """
    try:
        dynamodb.transact(
            [
                Put(require("CODES_TABLE"), code_item, "attribute_not_exists(code_hash)"),
                Put(require("LEDGER_TABLE"), ledger_item, "attribute_not_exists(entry_key)"),
            ]
        )
    except TransactionRefused as error:
        raise StoreUnavailable from error


def code(code_key: str) -> Item | None:
    """Return a code as it is at this moment, or None."""
    return dynamodb.get(require("CODES_TABLE"), {"code_hash": code_key}, consistent=True)


def redeem(code_key: str, access_token: Mapping[str, Any], *, now_epoch_s: int) -> bool:
    """Use up a code and store the access token that it buys, or do neither.

    Returns False when somebody used the code before; raises StoreUnavailable.
    """
    table = require("CODES_TABLE")
    use = Update(
        table,
        {"code_hash": code_key},
        "SET used_at_epoch_s = :now, access_token_key = :token",
        _UNUSED,
        values={":now": now_epoch_s, ":token": access_token["code_hash"]},
    )
    try:
        dynamodb.transact([use, Put(table, access_token, "attribute_not_exists(code_hash)")])
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise StoreUnavailable from error
        return False
    return True


def spoil(code_key: str, *, now_epoch_s: int) -> None:
    """Use up a code that was presented wrongly, unless it is used or gone already."""
    try:
        dynamodb.update(
            require("CODES_TABLE"),
            {"code_hash": code_key},
            "SET used_at_epoch_s = :now",
            condition=_UNUSED,
            values={":now": now_epoch_s},
        )
    except ConditionFailed:
        return


def access_token(token_key: str) -> Item | None:
    """Return an access token as it is at this moment, or None."""
    return dynamodb.get(require("CODES_TABLE"), {"code_hash": token_key}, consistent=True)


def revoke(token_key: str) -> None:
    """Make an access token worthless."""
    dynamodb.delete(require("CODES_TABLE"), {"code_hash": token_key})


def reserve(key: str, *, expires_at_epoch_s: int) -> bool:
    """Use up a thing that may be seen once; False when it was seen before."""
    item = {"code_hash": key, "expires_at_epoch_s": expires_at_epoch_s, "schema_version": 1}
    return dynamodb.put_once(require("CODES_TABLE"), item, key="code_hash")


def remember_question(key: str, *, now_epoch_s: int, life_s: int) -> int:
    """Return when a question was first asked in its life, which may be now; up to two calls."""
    item = {
        "code_hash": key,
        "asked_at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": now_epoch_s + life_s,
        "schema_version": 1,
    }
    try:
        dynamodb.put(require("CODES_TABLE"), item, unless_exists="code_hash")
    except ConditionFailed as error:
        before = error.item
        if before is not None and before["expires_at_epoch_s"] > now_epoch_s:
            return int(before["asked_at_epoch_s"])
        dynamodb.put(require("CODES_TABLE"), item)
    return now_epoch_s


def ledger(school_id: str) -> list[Item]:
    """Return the latest releases of a school, newest first."""
    values = {":school": school_id}
    return dynamodb.query(
        require("LEDGER_TABLE"),
        "school_id = :school",
        values=values,
        newest_first=True,
        limit=LEDGER_ROWS_SHOWN,
    )


@functools.cache
def pairwise_key() -> bytes:
    """Return the key of pairwise names, the same for ever; the first caller ever makes it.

    Two or three calls in a process, then none: it is wrapped in the table, bare only in memory.
    """
    table = require("PUBLISHERS_TABLE")
    kept = dynamodb.get(table, {"client_id": PAIRWISE_KEY_ID}, consistent=True)
    item = kept or _make_pairwise_key(table)
    answer = _kms(
        "decrypt",
        KeyId=require("SECRETS_KEY_ID"),
        CiphertextBlob=item["wrapped_key"],
        EncryptionContext=_PAIRWISE_CONTEXT,
    )
    return bytes(answer["Plaintext"])


def _make_pairwise_key(table: str) -> Mapping[str, Any]:
    made = _kms(
        "generate_data_key",
        KeyId=require("SECRETS_KEY_ID"),
        NumberOfBytes=pairwise.KEY_LENGTH,
        EncryptionContext=_PAIRWISE_CONTEXT,
    )
    item = {
        "client_id": PAIRWISE_KEY_ID,
        "wrapped_key": bytes(made["CiphertextBlob"]),
        "schema_version": 1,
    }
    try:
        dynamodb.put(table, item, unless_exists="client_id")
    except ConditionFailed as error:
        return error.item or {}
    return item


@functools.cache
def public_key_der() -> bytes:
    """Return the public half of the signing key; one call in a process, then none."""
    return bytes(_kms("get_public_key", KeyId=require("SIGNING_KEY_ID"))["PublicKey"])


def sign(message: bytes) -> bytes:
    """Return KMS's ECDSA signature over the SHA-256 of a message, in DER."""
    answer = _kms(
        "sign",
        KeyId=require("SIGNING_KEY_ID"),
        Message=message,
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    return bytes(answer["Signature"])


_KMS_UNAVAILABLE = frozenset(
    {"ThrottlingException", "KMSInternalException", "DependencyTimeoutException"}
)


def _kms(operation: str, **arguments: Any) -> Any:
    try:
        return getattr(client("kms"), operation)(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in _KMS_UNAVAILABLE:
            raise StoreUnavailable from error
        raise
    except (EndpointError, HTTPClientError) as error:
        raise StoreUnavailable from error
