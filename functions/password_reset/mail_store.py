"""What password_reset keeps of mails: who claimed a request, and how far its mail is.

A request is claimed in the transaction that also stores its links and accounts, so that a run
which ends anywhere leaves either nothing or a claim with all that belongs to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from password_reset import address_record, link_store
from password_reset.address_record import AddressRecord
from password_reset.mail_links import Link
from schoolpoort import credentials, dynamodb
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item, Operation, Put
from schoolpoort.errors import ConditionFailed, TransactionRefused
from schoolpoort.settings import require

SCHEMA_VERSION = 2
MAIL_LIFE_S = 60 * 24 * 3600
CLAIM_LIFE_S = 600
"""How long a claimed mail may stay unrecorded before another try (docs/decisions: mail once)."""

WAITING = "waiting"
WAITS_FOR = "waits_for"
MOST_AT_ONCE = 500
"""How many waiting mails one message hands out; the next one comes a quarter of an hour later."""

RELEASED = "released"
_FREE = (
    "attribute_not_exists(request_id) OR #state IN (:released, :waiting)"
    " OR (#state = :claimed AND claimed_at_epoch_s = :then)"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that decides about a mail, as it is now.

    `place` is the membership that the asker named, None where none was named or it is gone.
    """

    request: Item | None
    record: AddressRecord
    staff: Credential | None
    home: Credential | None
    place: Item | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a mail. `scope` is whose coordinators hear that it came back, or empty."""

    request_id: str
    kind: str
    address: str
    scope: str


def look(request_id: str, address: str, place: tuple[str, str] | None = None) -> Desk:
    """Return what decides about a mail to an address, read consistently; one call.

    `place` is the account and the scope of who has a place already, where the asker knows it.
    """
    keys: list[tuple[str, Mapping[str, Any]]] = [
        (require("MAIL_TABLE"), {"request_id": request_id}),
        (require("MAIL_LINKS_TABLE"), link_store.address_key(address)),
        credentials.key(credentials.staff_key(address)),
        credentials.key(credentials.home_key(address)),
    ]
    if place is not None:
        keys.append(
            (require("ACCOUNTS_TABLE"), dict(zip(("account_id", "scope"), place, strict=True)))
        )
    request, record, staff, home, *held = dynamodb.batch_get(keys, consistent=True)
    return Desk(
        request,
        address_record.from_item(address, record),
        credentials.of_item(staff),
        credentials.of_item(home),
        held[0] if held else None,
    )


def take(
    request: Request,
    desk: Desk,
    state: str,
    links: Sequence[Link],
    operations: Sequence[Operation],
    *,
    now_epoch_s: int,
) -> bool:
    """Claim a request, or end it, together with what it makes; one call.

    False when something changed since the look: another run, another mail, another account.
    """
    unsent = desk.request["token_hashes"] if desk.request and _was_not_sent(desk.request) else ()
    changes: list[Operation] = [_claim(request, desk, state, links, now_epoch_s)]
    if links:
        record = address_record.with_links(desk.record, links, unsent, now_epoch_s=now_epoch_s)
        changes.append(link_store.keep_record(record, now_epoch_s=now_epoch_s))
        changes += [link_store.new_link(link) for link in links]
    try:
        dynamodb.transact([*changes, *operations])
    except TransactionRefused:
        return False
    return True


def park(message: Mapping[str, Any], desk: Desk, *, now_epoch_s: int) -> None:
    """Keep a request until its hours come; one that stands there already stays as it is."""
    if desk.request is not None:
        return
    item = {
        "request_id": message["request_id"],
        "kind": message["kind"],
        "state": WAITING,
        WAITS_FOR: message["leaves"],
        "claimed_at_epoch_s": now_epoch_s,
        "message": dict(message),
        "expires_at_epoch_s": now_epoch_s + MAIL_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    try:
        dynamodb.put(require("MAIL_TABLE"), item, unless_exists="request_id")
    except ConditionFailed:
        return


def waiting(hours: str) -> list[Item]:
    """Return the messages that wait for hours, so many at once."""
    found = dynamodb.query(
        require("MAIL_TABLE"),
        f"{WAITS_FOR} = :hours",
        values={":hours": hours},
        index="by_waits_for",
        limit=MOST_AT_ONCE,
    )
    return [item["message"] for item in found]


def _was_not_sent(request: Item) -> bool:
    return bool(request["state"] == RELEASED)


def _claim(
    request: Request, desk: Desk, state: str, links: Sequence[Link], now_epoch_s: int
) -> Put:
    item: dict[str, Any] = {
        "request_id": request.request_id,
        "kind": request.kind,
        "address": request.address,
        "scope": request.scope,
        "state": state,
        "claimed_at_epoch_s": now_epoch_s,
        "token_hashes": [link.token_hash for link in links],
        "expires_at_epoch_s": now_epoch_s + MAIL_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    return Put(
        require("MAIL_TABLE"),
        item,
        _FREE,
        names={"#state": "state"},
        values={
            ":released": RELEASED,
            ":waiting": WAITING,
            ":claimed": "claimed",
            ":then": desk.request["claimed_at_epoch_s"] if desk.request else -1,
        },
    )


def release(request_id: str) -> None:
    """Give a claimed request back: it was certainly not sent."""
    _leave_claimed(request_id, RELEASED, None)


def record(request_id: str, message_id: str) -> None:
    """Record that SES took a mail, unless SES has told more already."""
    _leave_claimed(request_id, "sent", message_id)


def _leave_claimed(request_id: str, state: str, message_id: str | None) -> None:
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


def move_on(
    request_id: str, state: str, known_before: Sequence[str], message_id: str | None = None
) -> Item | None:
    """Record how far a mail is and return its request; None when it was as far already."""
    names = {f":before{number}": value for number, value in enumerate(known_before)}
    values: dict[str, Any] = {":state": state, **names}
    expression = "SET #state = :state"
    if message_id is not None:
        expression += ", message_id = :id"
        values[":id"] = message_id
    try:
        return dynamodb.update(
            require("MAIL_TABLE"),
            {"request_id": request_id},
            expression,
            condition=f"#state IN ({', '.join(names)})",
            names={"#state": "state"},
            values=values,
        )
    except ConditionFailed:
        return None
