"""What password_reset reads and writes: accounts, memberships, links and the state of mails."""

from collections.abc import Mapping, Sequence
from typing import Any

from password_reset import appointing, mail_links, people_store
from password_reset.mail_links import Link
from schoolpoort import captcha, credentials, dynamodb, ids, memberships
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item, Operation, Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.memberships import Grant, Membership
from schoolpoort.settings import require

SCHEMA_VERSION = 1
MAIL_LIFE_S = 60 * 24 * 3600
CLAIM_LIFE_S = 600
"""How long a claimed mail may stay unrecorded before another try (docs/decisions: mail once)."""


class LinkLost(Exception):
    """The link or the password changed between looking and using; nothing was written."""


def reserve_captcha(token: str, *, now_epoch_s: int) -> bool:
    """Use up a captcha token; False when it was used before."""
    item = {
        "budget_key": captcha.replay_key(token),
        "expires_at_epoch_s": now_epoch_s + captcha.REPLAY_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    try:
        dynamodb.put(require("THROTTLE_TABLE"), item, unless_exists="budget_key")
    except ConditionFailed:
        return False
    return True


def find_link(token: str) -> Link | None:
    """Return the stored link of a token, read consistently, or None."""
    key = {"token_hash": ids.sha256_hex(token)}
    item = dynamodb.get(require("MAIL_LINKS_TABLE"), key, consistent=True)
    return None if item is None else mail_links.from_item(item)


def consume(link: Link, credential: Credential, password_hash: str, *, now_epoch_s: int) -> None:
    """Use a link up and set the password in one transaction.

    Raises LinkLost when either changed meanwhile, StoreUnavailable when the store was too busy.
    The memberships that were waiting for it become active in the same transaction.
    """
    waiting = [
        member
        for member in memberships.of_account(credential.account_id, also_ended=True)
        if member.activated_at_epoch_s is None
    ]
    operations: list[Operation] = [
        Update(
            require("MAIL_LINKS_TABLE"),
            {"token_hash": link.token_hash},
            "SET #state = :consumed",
            "#state = :issued AND expires_at_epoch_s > :now",
            names={"#state": "state"},
            values={":consumed": "consumed", ":issued": "issued", ":now": now_epoch_s},
        ),
        credentials.set_password(credential, password_hash),
        *(_activation(member, now_epoch_s) for member in waiting),
    ]
    try:
        dynamodb.transact(operations)
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise StoreUnavailable from error
        raise LinkLost from error


def _activation(member: Membership, now_epoch_s: int) -> Update:
    return Update(
        require("ACCOUNTS_TABLE"),
        {"account_id": member.account_id, "scope": member.scope},
        "SET activated_at_epoch_s = :now",
        "attribute_exists(account_id)",
        values={":now": now_epoch_s},
    )


def mint(link: Link) -> None:
    """Store a new link and take the surplus of its address away."""
    table = require("MAIL_LINKS_TABLE")
    older = dynamodb.query(
        table,
        "address_key = :key",
        values={":key": link.address_key},
        index="by_address_key",
    )
    dynamodb.put(table, link.item(), unless_exists="token_hash")
    for left in mail_links.surplus([mail_links.from_item(item) for item in older]):
        dynamodb.delete(table, {"token_hash": left.token_hash})


def claim_mail(request_id: str, kind: str, *, now_epoch_s: int) -> Item | None:
    """Claim a mail request for this run; return None when it is ours, else what stands there."""
    item = {
        "request_id": request_id,
        "kind": kind,
        "state": "claimed",
        "claimed_at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": now_epoch_s + MAIL_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    try:
        dynamodb.put(require("MAIL_TABLE"), item, unless_exists="request_id")
    except ConditionFailed as error:
        return dict(error.item or {"state": "claimed", "claimed_at_epoch_s": now_epoch_s})
    return None


def take_over_mail(request_id: str, claimed_at_epoch_s: int, *, now_epoch_s: int) -> bool:
    """Claim again what another run claimed and never recorded; False when somebody was first."""
    try:
        dynamodb.update(
            require("MAIL_TABLE"),
            {"request_id": request_id},
            "SET claimed_at_epoch_s = :now",
            condition="#state = :claimed AND claimed_at_epoch_s = :then",
            names={"#state": "state"},
            values={":now": now_epoch_s, ":then": claimed_at_epoch_s, ":claimed": "claimed"},
        )
    except ConditionFailed:
        return False
    return True


def release_mail(request_id: str) -> None:
    """Give a claimed request back: it was certainly not sent."""
    dynamodb.delete(
        require("MAIL_TABLE"),
        {"request_id": request_id},
        condition="#state = :claimed",
        names={"#state": "state"},
        values={":claimed": "claimed"},
    )


def record_mail(request_id: str, state: str, message_id: str | None) -> None:
    """Record how this run of a mail request ended, unless SES has told more already."""
    try:
        dynamodb.update(
            require("MAIL_TABLE"),
            {"request_id": request_id},
            "SET #state = :state, message_id = :id",
            condition="#state = :claimed",
            names={"#state": "state"},
            values={":state": state, ":id": message_id, ":claimed": "claimed"},
        )
    except ConditionFailed:
        return


def move_mail_on(request_id: str, state: str, known_before: Sequence[str], message_id: str) -> bool:
    """Record how far a mail is, unless it is as far already; False when nothing changed."""
    names = {f":before{number}": value for number, value in enumerate(known_before)}
    try:
        dynamodb.update(
            require("MAIL_TABLE"),
            {"request_id": request_id},
            "SET #state = :state, message_id = :id",
            condition=f"#state IN ({', '.join(names)})",
            names={"#state": "state"},
            values={":state": state, ":id": message_id, **names},
        )
    except ConditionFailed:
        return False
    return True


def mail_states(request_ids: Sequence[str]) -> dict[str, str]:
    """Return the state of each known mail request."""
    table = require("MAIL_TABLE")
    items = dynamodb.batch_get([(table, {"request_id": name}) for name in request_ids])
    return {item["request_id"]: item["state"] for item in items if item}


def create_account(
    address_key: str, address: str, language: str, membership: dict[str, Any]
) -> Credential | None:
    """Make an account with its first membership; None when the address is taken meanwhile."""
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
    absent = "attribute_not_exists(account_id)"
    try:
        dynamodb.transact(
            [
                credentials.claim(address_key, account_id, language),
                Put(table, profile, absent),
                Put(table, {**membership, "account_id": account_id}, absent),
            ]
        )
    except TransactionRefused:
        return None
    return Credential(address_key, account_id, None, 0, language)


def create_home_account(address_key: str) -> Credential | None:
    """Make a parent's account without a password yet; None when it was made meanwhile.

    Which children belong to it stands with the pupils, not here.
    """
    account_id = ids.new_id()
    try:
        dynamodb.transact([credentials.claim(address_key, account_id, "")])
    except TransactionRefused:
        return None
    return Credential(address_key, account_id, None, 0, "")


def add_membership(
    account_id: str, membership: dict[str, Any], given: Mapping[str, Grant], *, is_active: bool
) -> None:
    """Give an account a place in a scope, or add roles to the place it has.

    Raises ChangedMeanwhile when somebody else changed that place at the same moment.
    """
    item = {**membership, "account_id": account_id}
    if is_active:
        item["activated_at_epoch_s"] = membership["invited_at_epoch_s"]
    try:
        dynamodb.put(require("ACCOUNTS_TABLE"), item, unless_exists="account_id")
    except ConditionFailed as error:
        held = dict(error.item or {})
        people_store.change(held, appointing.merged(held, membership, given), [])
