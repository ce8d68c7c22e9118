"""What password_reset keeps of links: one item a token, one item an address.

Both stand in one table under `link_key`: "token#<hash of the token>" and "address#<address>". Codes
of mails stand there too ("code#<hash>", code_store).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from password_reset import address_record, mail_links, people_store
from password_reset.address_record import AddressRecord
from password_reset.mail_links import Link, Purpose
from schoolpoort import credentials, dynamodb, ids, memberships
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item, Operation, Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.memberships import Membership
from schoolpoort.settings import require

RECORD_LIFE_S = 60 * 24 * 3600
"""How long an address is remembered after its last mail; longer than any link works."""


class LinkLost(Exception):
    """The link or the password changed between looking and using; nothing was written."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides about a link beside itself."""

    credential: Credential | None
    record: AddressRecord


def link_key(token_hash: str) -> dict[str, str]:
    """Return the key of a link."""
    return {"link_key": f"token#{token_hash}"}


def address_key(address: str) -> dict[str, str]:
    """Return the key of what is known of an address."""
    return {"link_key": f"address#{address}"}


def find_link(token: str) -> Link | None:
    """Return the stored link of a token, read consistently, or None."""
    token_hash = ids.sha256_hex(token)
    item = dynamodb.get(require("MAIL_LINKS_TABLE"), link_key(token_hash), consistent=True)
    return None if item is None else mail_links.from_item(token_hash, item)


def surroundings(link: Link) -> Surroundings:
    """Return what decides about a link, read consistently; one call."""
    places: list[tuple[str, dict[str, str]]] = [
        credentials.key(link.address_key),
        (require("MAIL_LINKS_TABLE"), address_key(link.address)),
    ]
    credential, record = dynamodb.batch_get(places, consistent=True)
    return Surroundings(
        credentials.of_item(credential),
        address_record.from_item(link.address, record),
    )


def note_shown(link: Link) -> bool:
    """Note the first look at a link; False when it is no longer new."""
    try:
        dynamodb.update(
            require("MAIL_LINKS_TABLE"),
            link_key(link.token_hash),
            "SET #state = :opened",
            condition="#state = :issued",
            names={"#state": "state"},
            values={":opened": "opened", ":issued": "issued"},
        )
    except ConditionFailed:
        return False
    return True


def consume(link: Link, credential: Credential, password_hash: str, *, now_epoch_s: int) -> None:
    """Use a link up, set the password and record it, in one transaction.

    Raises LinkLost when either changed meanwhile, StoreUnavailable when the store was too busy.
    The memberships that were waiting for it become active in the same transaction.
    """
    members = memberships.of_account(credential.account_id, also_ended=True)
    waiting = [member for member in members if member.activated_at_epoch_s is None]
    operations: list[Operation] = [
        _use(link, now_epoch_s),
        _set_aside(link),
        credentials.set_password(credential, password_hash),
        *(_activation(member, now_epoch_s) for member in waiting),
        *people_store.recorded(_password_set(link, members, now_epoch_s)),
    ]
    try:
        dynamodb.transact(operations)
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise StoreUnavailable from error
        raise LinkLost from error


def _password_set(link: Link, members: Sequence[Membership], now_epoch_s: int) -> list[Item]:
    """Return an event for each place of an account; a parent's account has one of its own."""
    account_id = link.account_id
    act = "activated" if link.purpose is Purpose.ACTIVATION else "password_set"
    return [
        people_store.event(scope, act, "", by=account_id, about=account_id, at_epoch_s=now_epoch_s)
        for scope in [member.scope for member in members] or [f"account#{account_id}"]
    ]


def _use(link: Link, now_epoch_s: int) -> Update:
    return Update(
        require("MAIL_LINKS_TABLE"),
        link_key(link.token_hash),
        "SET #state = :consumed",
        "#state IN (:issued, :opened) AND expires_at_epoch_s > :now",
        names={"#state": "state"},
        values={
            ":consumed": "consumed",
            ":issued": "issued",
            ":opened": "opened",
            ":now": now_epoch_s,
        },
    )


def _set_aside(link: Link) -> Update:
    """Note that a link of this account was used; refused when newer ones took its place."""
    return Update(
        require("MAIL_LINKS_TABLE"),
        address_key(link.address),
        "SET used.#account = :version, record_version = record_version + :one",
        "attribute_exists(recent.#hash)",
        names={"#account": link.address_key, "#hash": link.token_hash},
        values={":version": link.password_version, ":one": 1},
    )


def _activation(member: Membership, now_epoch_s: int) -> Update:
    return Update(
        require("ACCOUNTS_TABLE"),
        {"account_id": member.account_id, "scope": member.scope},
        "SET activated_at_epoch_s = :now",
        "attribute_exists(account_id)",
        values={":now": now_epoch_s},
    )


def new_link(link: Link) -> Put:
    """Return the operation that stores a new link."""
    item = {**link_key(link.token_hash), **link.item()}
    return Put(require("MAIL_LINKS_TABLE"), item, "attribute_not_exists(link_key)")


def keep_record(record: AddressRecord, *, now_epoch_s: int) -> Put:
    """Return the operation that stores what is known of an address, if nobody was quicker."""
    item: dict[str, Any] = {
        **address_key(record.address),
        **record.item(),
        "expires_at_epoch_s": now_epoch_s + RECORD_LIFE_S,
    }
    return Put(
        require("MAIL_LINKS_TABLE"),
        item,
        "attribute_not_exists(link_key) OR record_version = :known",
        values={":known": record.version - 1},
    )


def records_of(addresses: list[str]) -> dict[str, AddressRecord]:
    """Return what is known of addresses; a call per hundred."""
    table = require("MAIL_LINKS_TABLE")
    items = dynamodb.batch_get([(table, address_key(one)) for one in addresses])
    return {
        address: address_record.from_item(address, item)
        for address, item in zip(addresses, items, strict=True)
    }


def set_bounced(address: str, *, now_epoch_s: int) -> None:
    """Note that there is no mailbox at an address."""
    dynamodb.update(
        require("MAIL_LINKS_TABLE"),
        address_key(address),
        "SET bounced_at_epoch_s = :at, expires_at_epoch_s = :until,"
        " recent = if_not_exists(recent, :none), used = if_not_exists(used, :none),"
        " last_request_id = if_not_exists(last_request_id, :empty),"
        " schema_version = :schema ADD record_version :one",
        values={
            ":at": now_epoch_s,
            ":until": now_epoch_s + RECORD_LIFE_S,
            ":none": {},
            ":empty": "",
            ":schema": address_record.SCHEMA_VERSION,
            ":one": 1,
        },
    )
