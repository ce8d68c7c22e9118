"""What the login function reads and writes, one AWS call a function.

It owns sessions, throttle counters and the record of sign-ins. People, groups and publishers it
reads from the tables of their owners.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from login import audit, throttle
from login.session_start import HALF
from schoolpoort import aws, captcha, dynamodb, sessions
from schoolpoort.dynamodb import Delete, Item, Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.settings import require

_ROUNDS = 6
"""How often a transaction meets another on the same item before the store counts as busy."""

_NOT_OURS = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_DRAW = "SET expires_at_epoch_s = :expires ADD spent :one"
_ROOM = "attribute_not_exists(spent) OR spent < :failures"
_TICKET_COUNTS = "account_hash = :account AND due_at_epoch_s <= :now AND expires_at_epoch_s > :now"
_SESSION_HOLDS = (
    "attribute_exists(session_hash) AND stage = :stage"
    " AND expires_at_epoch_s > :now AND idle_ends_at_epoch_s > :now"
)


class Reservation(enum.Enum):
    """Whether an attempt may be evaluated."""

    GRANTED = "granted"
    CAPTCHA_REPLAYED = "captcha_replayed"
    ACCOUNT_EMPTY = "account_empty"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AppsView:
    """What the tiles page needs, in the order of its one BatchGetItem; None where absent."""

    person: Item | None
    coverage: Item | None
    membership: Item | None


def reserve_by_budget(
    captcha_token: str, draws: Sequence[throttle.Draw], *, now_epoch_s: int
) -> Reservation:
    """Use up a captcha token and draw on every budget, or do neither."""
    refused = _reserve(captcha_token, [_draw(draw) for draw in draws], now_epoch_s=now_epoch_s)
    if refused is None:
        return Reservation.GRANTED
    if refused[0]:
        return Reservation.CAPTCHA_REPLAYED
    is_account = any(
        is_empty and throttle.is_of_account(draw)
        for is_empty, draw in zip(refused[1:], draws, strict=True)
    )
    return Reservation.ACCOUNT_EMPTY if is_account else Reservation.REFUSED


def reserve_by_ticket(
    captcha_token: str, *, ticket_secret: str, account_hash: str, now_epoch_s: int
) -> Reservation:
    """Use up a captcha token and a due ticket of this account, or do neither."""
    ticket = Delete(
        require("THROTTLE_TABLE"),
        {"budget_key": throttle.ticket_key(ticket_secret)},
        _TICKET_COUNTS,
        values={":account": account_hash, ":now": now_epoch_s},
    )
    refused = _reserve(captcha_token, [ticket], now_epoch_s=now_epoch_s)
    if refused is None:
        return Reservation.GRANTED
    return Reservation.CAPTCHA_REPLAYED if refused[0] else Reservation.REFUSED


def _reserve(
    captcha_token: str, others: Sequence[dynamodb.Operation], *, now_epoch_s: int
) -> list[bool] | None:
    """Do all or nothing: then return of each operation whether it stood in the way."""
    used = Put(
        require("THROTTLE_TABLE"),
        {
            "budget_key": captcha.replay_key(captcha_token),
            "expires_at_epoch_s": now_epoch_s + captcha.REPLAY_LIFE_S,
            "schema_version": throttle.SCHEMA_VERSION,
        },
        "attribute_not_exists(budget_key)",
    )
    try:
        _transact([used, *others])
    except TransactionRefused as error:
        return [reason == "ConditionalCheckFailed" for reason in error.reasons]
    return None


def is_first_to_tell(told: Mapping[str, Any], *, now_epoch_s: int) -> bool:
    """Keep that an owner is told, or return False: it was done a short while ago."""
    put = Put(
        require("THROTTLE_TABLE"),
        told,
        "attribute_not_exists(budget_key) OR expires_at_epoch_s <= :now",
        values={":now": now_epoch_s},
    )
    try:
        _transact([put])
    except TransactionRefused:
        return False
    return True


def _draw(draw: throttle.Draw) -> Update:
    return Update(
        require("THROTTLE_TABLE"),
        {"budget_key": draw.budget_key},
        _DRAW,
        _ROOM,
        values={
            ":expires": draw.expires_at_epoch_s,
            ":one": 1,
            ":failures": draw.failures,
        },
    )


def _give_back(draw: throttle.Draw) -> Update:
    values = {":expires": draw.expires_at_epoch_s, ":one": -1}
    return Update(require("THROTTLE_TABLE"), {"budget_key": draw.budget_key}, _DRAW, values=values)


def count_wrong(*, now_epoch_s: int) -> None:
    """Count a wrong password among those of everybody; no condition, so nobody waits on another."""
    draw = throttle.everywhere_draw(now_epoch_s)
    values = {":expires": draw.expires_at_epoch_s, ":one": 1}
    dynamodb.update(
        require("THROTTLE_TABLE"), {"budget_key": draw.budget_key}, _DRAW, values=values
    )


def put_ticket(ticket: Mapping[str, Any]) -> None:
    """Store a ticket."""
    dynamodb.put(require("THROTTLE_TABLE"), ticket)


def ticket(ticket_secret: str) -> Item | None:
    """Return a stored ticket, or None."""
    key = {"budget_key": throttle.ticket_key(ticket_secret)}
    return dynamodb.get(require("THROTTLE_TABLE"), key)


def start_session(
    session: Mapping[str, Any],
    event: Mapping[str, Any],
    *,
    give_back: Sequence[throttle.Draw] = (),
    ends: str | None = None,
    with_changes: Sequence[dynamodb.Operation] = (),
) -> None:
    """Write a session with its event, undo the reserved failures, end the browser's old session.

    `with_changes` happen together with it, or nothing does: then TransactionRefused.
    """
    operations: list[dynamodb.Operation] = [
        Put(require("SESSIONS_TABLE"), session, "attribute_not_exists(session_hash)"),
        *recorded(event),
        *map(_give_back, give_back),
        *with_changes,
    ]
    if ends is not None:
        operations.append(Delete(require("SESSIONS_TABLE"), {"session_hash": ends}))
    _transact(operations)


def open_home(
    door: Put,
    event: Mapping[str, Any],
    *,
    give_back: Sequence[throttle.Draw],
    renewal: Sequence[dynamodb.Operation],
) -> None:
    """Open a family's door with its event, undo the reserved failures, renew an older hash."""
    _transact([door, *recorded(event), *map(_give_back, give_back), *renewal])


def change(event: Mapping[str, Any], *operations: dynamodb.Operation) -> None:
    """Write an event with what it tells of, or nothing; raises TransactionRefused."""
    _transact([*recorded(event), *operations])


def do(*operations: dynamodb.Operation) -> bool:
    """Do all operations, or none: then False."""
    try:
        _transact(operations)
    except TransactionRefused:
        return False
    return True


def change_all(*operations: dynamodb.Operation) -> None:
    """Do what leaves no trace in the record, all or nothing; raises TransactionRefused."""
    _transact(operations)


def given_back(draws: Sequence[throttle.Draw]) -> list[Update]:
    """Return the operations that undo reserved failures, for a transaction."""
    return [_give_back(draw) for draw in draws]


def recorded(event: Mapping[str, Any]) -> list[Put]:
    """Return the operations that write an event, and the address it came from apart."""
    kept = Put(
        require("SIGN_IN_EVENTS_TABLE"), audit.stored(event), "attribute_not_exists(event_id)"
    )
    address = audit.address_row(event)
    return [kept] if address is None else [kept, Put(require("SIGN_IN_ADDRESSES_TABLE"), address)]


def session_item(session_hash: str) -> Item | None:
    """Return a stored session of any kind, or None."""
    return dynamodb.get(require("SESSIONS_TABLE"), {"session_hash": session_hash})


def draw_on(draws: Sequence[throttle.Draw]) -> bool:
    """Reserve a failure in every budget, or in none: then False."""
    try:
        _transact([_draw(draw) for draw in draws])
    except TransactionRefused:
        return False
    return True


def wrap_secret(account_id: str, secret: str) -> bytes:
    """Return an app's secret under KMS, bound to its account; one KMS call."""
    answer = _kms(
        "encrypt",
        KeyId=require("SECRETS_KEY_ID"),
        Plaintext=secret.encode(),
        EncryptionContext=_context(account_id),
    )
    return bytes(answer["CiphertextBlob"])


def unwrap_secret(account_id: str, wrapped: bytes) -> str | None:
    """Return an app's secret; None for bytes that are not ours or another account's."""
    try:
        answer = _kms(
            "decrypt",
            KeyId=require("SECRETS_KEY_ID"),
            CiphertextBlob=wrapped,
            EncryptionContext=_context(account_id),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_OURS:
            raise StoreUnavailable from error
        return None
    return bytes(answer["Plaintext"]).decode()


def _context(account_id: str) -> dict[str, str]:
    return {"purpose": "second_factor", "account": account_id}


def _kms(operation: str, **arguments: Any) -> Any:
    try:
        return getattr(aws.client("kms"), operation)(**arguments)
    except (EndpointError, HTTPClientError) as error:
        raise StoreUnavailable from error


def end_session(session_hash: str, event: Mapping[str, Any]) -> None:
    """Remove a session and record it."""
    _transact(
        [
            Delete(require("SESSIONS_TABLE"), {"session_hash": session_hash}),
            *recorded(event),
        ]
    )


def end_half_session(session_hash: str) -> None:
    """Remove the half session of a browser; a full one stays."""
    try:
        dynamodb.delete(
            require("SESSIONS_TABLE"),
            {"session_hash": session_hash},
            condition="kind = :half",
            values={":half": HALF},
        )
    except ConditionFailed:
        return


def end_sessions(session_hashes: Sequence[str]) -> None:
    """Remove sessions, 25 a call; what is gone already stays gone."""
    keys = [{"session_hash": session_hash} for session_hash in session_hashes]
    dynamodb.batch_write(require("SESSIONS_TABLE"), deletes=keys)


def sessions_of_account(account_id: str) -> list[Item]:
    """Return the stored sessions of an account, held or over; one Query."""
    return dynamodb.query(
        require("SESSIONS_TABLE"),
        "account_id = :account",
        values={":account": account_id},
        index="by_account",
    )


def sessions_of_school(school_id: str) -> list[Item]:
    """Return the keys of the stored sessions at a school; one Query."""
    return dynamodb.query(
        require("SESSIONS_TABLE"),
        "school_id = :school",
        values={":school": school_id},
        index="by_school",
    )


def reset_asked_by(account_id: str, *, now_epoch_s: int) -> str | None:
    """Return who of the helpdesk asked lately to reset an account's second factor, or None."""
    item = dynamodb.get(
        require("THROTTLE_TABLE"), {"budget_key": f"reset#{account_id}"}, consistent=True
    )
    if item is None or now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return str(item["asked_by"])


def ask_reset(
    account_id: str, asked_by: str, event: Mapping[str, Any], *, expires_at_epoch_s: int
) -> None:
    """Keep the request of the first person of the helpdesk, with its event."""
    item = {
        "budget_key": f"reset#{account_id}",
        "asked_by": asked_by,
        "expires_at_epoch_s": expires_at_epoch_s,
        "schema_version": throttle.SCHEMA_VERSION,
    }
    _transact([*recorded(event), Put(require("THROTTLE_TABLE"), item)])


def forget_reset(account_id: str) -> None:
    """Forget a request that was carried out."""
    dynamodb.delete(require("THROTTLE_TABLE"), {"budget_key": f"reset#{account_id}"})


def record(event: Mapping[str, Any]) -> None:
    """Write an event of an attempt that changed nothing else."""
    operations = recorded(event)
    if len(operations) > 1:
        _transact(operations)
    else:
        dynamodb.put(require("SIGN_IN_EVENTS_TABLE"), audit.stored(event), unless_exists="event_id")


def keep_session(session_hash: str, *, now_epoch_s: int) -> Item | None:
    """Put off the idle end of a session that still holds and return it; None when it does not."""
    try:
        return dynamodb.update(
            require("SESSIONS_TABLE"),
            {"session_hash": session_hash},
            "SET idle_ends_at_epoch_s = :now + if_not_exists(idle_life_s, :idle)",
            condition=_SESSION_HOLDS,
            values={
                ":idle": sessions.IDLE_LIFE_S,
                ":stage": require("STAGE"),
                ":now": now_epoch_s,
            },
        )
    except ConditionFailed:
        return None


def apps_view(*, account_id: str, scope: str, school_id: str, person_id: str | None) -> AppsView:
    """Return the person, the school's coverage and the membership; one BatchGetItem."""
    keys: list[tuple[str, Mapping[str, Any]]] = [
        (require("COVERAGE_TABLE"), {"school_id": school_id}),
        (require("ACCOUNTS_TABLE"), {"account_id": account_id, "scope": scope}),
    ]
    if person_id is not None:
        key = {"school_id": school_id, "item_key": f"person#{person_id}"}
        keys.append((require("ROSTER_TABLE"), key))
    coverage, membership, *person = dynamodb.batch_get(keys)
    return AppsView(person[0] if person else None, coverage, membership)


def pupil_view(school_id: str, person_id: str) -> AppsView:
    """Return a pupil and the school's coverage; one BatchGetItem."""
    coverage, person = dynamodb.batch_get(
        [
            (require("COVERAGE_TABLE"), {"school_id": school_id}),
            (require("ROSTER_TABLE"), {"school_id": school_id, "item_key": f"person#{person_id}"}),
        ]
    )
    return AppsView(person, coverage, None)


def publishers_of(school_id: str) -> list[Item]:
    """Return the publishers that a school is linked to; one Query."""
    values = {":school": school_id}
    return dynamodb.query(require("SCHOOL_LINKS_TABLE"), "school_id = :school", values=values)


def _transact(operations: Sequence[dynamodb.Operation]) -> None:
    for _ in range(_ROUNDS):
        try:
            dynamodb.transact(operations)
        except TransactionRefused as error:
            if "ConditionalCheckFailed" in error.reasons:
                raise
        else:
            return
    raise StoreUnavailable
