"""What stands before the door of a class for minutes: who waits, and the lesson that is open.

One table of short-lived rows, one AWS call a function. Ends are checked on every read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from login import lesson_door, store, throttle, waiting_pupils
from login.lesson_door import Lesson, Ticket
from login.pupil_sign_in import Child, Classroom
from login.waiting_pupils import Waiting
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Check, Delete, Operation, Put, Update
from schoolpoort.errors import TransactionRefused
from schoolpoort.ids import sha256_hex
from schoolpoort.memberships import Membership
from schoolpoort.settings import require

_TABLE = "CLASS_DOORS_TABLE"
_HOLDS = "attribute_exists(item_key) AND expires_at_epoch_s > :now"


def begin_to_wait(item: Mapping[str, Any]) -> None:
    """Keep that a browser waits; for another pupil if it waited for one already."""
    dynamodb.put(require(_TABLE), item)


def waiting(code: str, group_id: str, ref: str, *, now_epoch_s: int) -> Waiting | None:
    """Return what became of a browser that waits, or None when it waits no more."""
    key = {"door_key": waiting_pupils.door_key(code, group_id), "item_key": ref}
    item = dynamodb.get(require(_TABLE), key, consistent=True)
    found = waiting_pupils.of_item(item) if item else None
    return found if found is not None and found.holds(now_epoch_s) else None


def waiting_at(code: str, group_id: str, *, now_epoch_s: int) -> list[Waiting]:
    """Return the browsers that wait at a group and were not let in yet, longest first."""
    values = {":door": waiting_pupils.door_key(code, group_id)}
    items = dynamodb.query(require(_TABLE), "door_key = :door", values=values)
    found = [one for one in map(waiting_pupils.of_item, items) if one.holds(now_epoch_s)]
    return sorted((one for one in found if not one.is_let_in), key=lambda one: one.asked_at_epoch_s)


def waiting_of(room: Classroom, code: str, *, now_epoch_s: int) -> list[tuple[Child, Waiting]]:
    """Return the pupils of a group who wait, each with its browser; one Query."""
    children = {child.person.person_id: child for child in room.children}
    found = waiting_at(code, room.group_id, now_epoch_s=now_epoch_s)
    return [(children[one.person_id], one) for one in found if one.person_id in children]


def let_in(
    code: str, group_id: str, ref: str, event: Mapping[str, Any], *, by: str, now_epoch_s: int
) -> bool:
    """Let one waiting browser in, once, with its event; False when it waits no more."""
    key = {"door_key": waiting_pupils.door_key(code, group_id), "item_key": ref}
    opened = Update(
        require(_TABLE),
        key,
        "SET let_in_at_epoch_s = :now, let_in_by = :by, expires_at_epoch_s = :ends",
        f"{_HOLDS} AND attribute_not_exists(let_in_at_epoch_s)",
        values={
            ":now": now_epoch_s,
            ":by": by,
            ":ends": now_epoch_s + waiting_pupils.LET_IN_LIFE_S,
        },
    )
    return _changed(event, opened)


def send_away(code: str, group_id: str, ref: str) -> None:
    """Forget a waiting browser; nothing happens without it."""
    key = {"door_key": waiting_pupils.door_key(code, group_id), "item_key": ref}
    dynamodb.delete(require(_TABLE), key)


def used(code: str, group_id: str, ref: str, person_id: str, *, now_epoch_s: int) -> list[Delete]:
    """Return the operation that uses up a let-in, for the transaction of the pupil's session."""
    key = {"door_key": waiting_pupils.door_key(code, group_id), "item_key": ref}
    condition = (
        "attribute_exists(let_in_at_epoch_s) AND person_id = :person AND expires_at_epoch_s > :now"
    )
    values = {":person": person_id, ":now": now_epoch_s}
    return [Delete(require(_TABLE), key, condition, values=values)]


def lesson(code: str, group_id: str, *, now_epoch_s: int) -> Lesson | None:
    """Return the lesson of a group that is open now, with the number of its browsers, or None."""
    items = _of_lesson(code, group_id)
    door = next((one for one in items if one["item_key"] == "door"), None)
    ref = door["lesson_ref"] if door else ""
    guests = sum(one["item_key"] != "door" and one["lesson_ref"] == ref for one in items)
    return lesson_door.of_items(door, guests=guests, now_epoch_s=now_epoch_s)


def _of_lesson(code: str, group_id: str) -> list[dynamodb.Item]:
    values = {":door": lesson_door.door_key(code, group_id)}
    return dynamodb.query(require(_TABLE), "door_key = :door", values=values)


def open_lesson(
    code: str,
    group_id: str,
    lesson: Lesson,
    event: Mapping[str, Any],
    *,
    before: Lesson | None,
    opened_by: str,
) -> bool:
    """Open a lesson, or give an open one another code; False when somebody else did just now.

    The code before it opens nothing any more.
    """
    table = require(_TABLE)
    unchanged = "code_hash = :before" if before else "attribute_not_exists(item_key)"
    values = {":before": before.code_hash} if before else {":now": _event_time(event)}
    unless_over = "" if before else " OR expires_at_epoch_s <= :now"
    door = lesson_door.lesson_item(code, group_id, lesson, opened_by=opened_by)
    operations: list[Operation] = [
        Put(table, door, unchanged + unless_over, values=values),
        Put(table, lesson_door.code_item(code, group_id, lesson), "attribute_not_exists(item_key)"),
    ]
    if before is not None:
        operations.append(Delete(table, _code_key(code, before)))
    return _changed(event, *operations)


def _event_time(event: Mapping[str, Any]) -> int:
    return int(event["at_epoch_s"])


def _code_key(code: str, lesson: Lesson) -> dict[str, str]:
    return {"door_key": lesson_door.codes_key(code), "item_key": lesson.code_hash}


def close_lesson(code: str, group_id: str, lesson: Lesson, event: Mapping[str, Any]) -> bool:
    """Close a lesson and end the sessions that came in through it; False when it was another."""
    door = {"door_key": lesson_door.door_key(code, group_id), "item_key": "door"}
    is_closed = _changed(
        event,
        Delete(require(_TABLE), door, "lesson_ref = :ref", values={":ref": lesson.ref}),
        Delete(require(_TABLE), _code_key(code, lesson)),
    )
    guests = [one for one in _of_lesson(code, group_id) if one["lesson_ref"] == lesson.ref]
    store.end_sessions([one["session_hash"] for one in guests if "session_hash" in one])
    return is_closed


def find_lesson(code: str, code_hash: str, *, now_epoch_s: int) -> tuple[str, Lesson] | None:
    """Return the group and the lesson of a code, or None."""
    key = {"door_key": lesson_door.codes_key(code), "item_key": code_hash}
    item = dynamodb.get(require(_TABLE), key, consistent=True)
    if item is None or now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return item["group_id"], Lesson(item["lesson_ref"], code_hash, item["expires_at_epoch_s"])


def join_lesson(
    code: str, ticket: Ticket, lesson: Lesson, *, give_back: Sequence[throttle.Draw]
) -> bool:
    """Let a browser see the class while the lesson lasts; False when it was closed meanwhile."""
    door = {"door_key": lesson_door.door_key(code, ticket.group_id), "item_key": "door"}
    values = {":hash": lesson.code_hash}
    is_open = Check(require(_TABLE), door, "code_hash = :hash", values=values)
    guest = Put(require(_TABLE), lesson_door.guest_item(code, ticket, lesson))
    try:
        store.change_all(is_open, guest, *store.given_back(give_back))
    except TransactionRefused:
        return False
    return True


def admitted(code: str, ticket: Ticket, *, now_epoch_s: int) -> Lesson | None:
    """Return the lesson in which a browser sees the class now, or None; one BatchGetItem."""
    place = lesson_door.door_key(code, ticket.group_id)
    table = require(_TABLE)
    door, guest = dynamodb.batch_get(
        [
            (table, {"door_key": place, "item_key": "door"}),
            (table, {"door_key": place, "item_key": ticket.ref}),
        ],
        consistent=True,
    )
    return lesson_door.admits(door, guest, now_epoch_s=now_epoch_s)


def sat_down(code: str, ticket: Ticket, session_hash: str) -> list[Update]:
    """Return the operation that ties a pupil's session to the lesson, for its transaction."""
    key = {"door_key": lesson_door.door_key(code, ticket.group_id), "item_key": ticket.ref}
    return [
        Update(
            require(_TABLE),
            key,
            "SET session_hash = :session",
            "attribute_exists(item_key)",
            values={":session": session_hash},
        )
    ]


def keep_handover(
    code: str, member: Membership, event: Mapping[str, Any], *, expires_at_epoch_s: int
) -> None:
    """Keep the hash of a substitute's code, with its event."""
    item = {
        **_handover_key(code),
        "account_id": member.account_id,
        "scope": member.scope,
        "expires_at_epoch_s": expires_at_epoch_s,
        "schema_version": lesson_door.SCHEMA_VERSION,
    }
    store.change(event, Put(require(_TABLE), item, "attribute_not_exists(item_key)"))


def handover(code: str, *, now_epoch_s: int) -> tuple[str, str] | None:
    """Return the account and the scope of a substitute's code, or None."""
    item = dynamodb.get(require(_TABLE), _handover_key(code), consistent=True)
    if item is None or now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return item["account_id"], item["scope"]


def handover_used(code: str, *, now_epoch_s: int) -> list[Delete]:
    """Return the operation that uses up a substitute's code, for its session's transaction."""
    values = {":now": now_epoch_s}
    return [Delete(require(_TABLE), _handover_key(code), _HOLDS, values=values)]


def _handover_key(code: str) -> dict[str, str]:
    return {"door_key": f"handover#{sha256_hex(code)}", "item_key": "code"}


def _changed(event: Mapping[str, Any], *operations: Operation) -> bool:
    try:
        store.change(event, *operations)
    except TransactionRefused:
        return False
    return True
