"""A class that is open outside the school for one lesson, for browsers that entered its code.

    closed ──teacher opens──► open ──teacher closes, or the lesson is over──► closed
                               │ ▲
                     code ─────┘ └── another code: browsers that are in stay in

The code is six signs without look-alikes (28 bits), worth something for a lesson, and every guess
draws on budgets. A browser that entered it holds a secret of its own, which counts for that lesson
and that group only. Pupils who came in through it are out when the lesson ends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort.ids import sha256_hex

COOKIE = "__Host-lesson"
SCHEMA_VERSION = 1
MINUTES = (30, 45, 60, 90, 120)
"""How long a lesson may be."""

_LOOK_ALIKES = str.maketrans({"-": None, " ": None})
_CODE = re.compile(r"[2345679bcdfghjkmnpqrstvwxz]{6}")
_COOKIE = re.compile(r"(?P<group>[1-9][0-9]{0,15})\.(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Lesson:
    """An open lesson: `ref` tells it from the one before, `guests` are the browsers in it."""

    ref: str
    code_hash: str
    ends_at_epoch_s: int
    guests: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser holds of a lesson."""

    group_id: str
    ref: str


def codes_key(code: str) -> str:
    """Return the partition of the lesson codes of the school with this short code."""
    return f"lesson#{code}"


def door_key(code: str, group_id: str) -> str:
    """Return the partition of the lesson of a group, with the browsers that are in it."""
    return f"lesson#{code}#{group_id}"


def read_code(typed: str) -> str | None:
    """Return the lesson's code that somebody typed, or None for what is no code."""
    text = typed.strip().lower().translate(_LOOK_ALIKES)
    return text if _CODE.fullmatch(text) else None


def hash_of(code: str, lesson_code: str) -> str:
    """Return how a lesson's code is stored: of one school, so that no two can be compared."""
    return sha256_hex(f"{code}#{lesson_code}")


def cookie_value(group_id: str, secret: str) -> str:
    """Return what a browser keeps."""
    return f"{group_id}.{secret}"


def read_cookie(value: str) -> Ticket | None:
    """Read what a browser brought, or return None for anything else."""
    found = _COOKIE.fullmatch(value)
    return Ticket(found["group"], f"guest#{sha256_hex(found['secret'])}") if found else None


def lesson_item(code: str, group_id: str, lesson: Lesson, *, opened_by: str) -> dict[str, Any]:
    """Return the item of an open lesson."""
    return {
        "door_key": door_key(code, group_id),
        "item_key": "door",
        "lesson_ref": lesson.ref,
        "code_hash": lesson.code_hash,
        "opened_by": opened_by,
        "expires_at_epoch_s": lesson.ends_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def code_item(code: str, group_id: str, lesson: Lesson) -> dict[str, Any]:
    """Return the item that finds the group and the lesson of a code."""
    return {
        "door_key": codes_key(code),
        "item_key": lesson.code_hash,
        "group_id": group_id,
        "lesson_ref": lesson.ref,
        "expires_at_epoch_s": lesson.ends_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def guest_item(code: str, ticket: Ticket, lesson: Lesson) -> dict[str, Any]:
    """Return the item of a browser that entered the code."""
    return {
        "door_key": door_key(code, ticket.group_id),
        "item_key": ticket.ref,
        "lesson_ref": lesson.ref,
        "expires_at_epoch_s": lesson.ends_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def of_items(door: Mapping[str, Any] | None, *, guests: int, now_epoch_s: int) -> Lesson | None:
    """Read the lesson that is open now, or None."""
    if door is None or now_epoch_s >= door["expires_at_epoch_s"]:
        return None
    return Lesson(door["lesson_ref"], door["code_hash"], door["expires_at_epoch_s"], guests)


def admits(
    door: Mapping[str, Any] | None, guest: Mapping[str, Any] | None, *, now_epoch_s: int
) -> Lesson | None:
    """Return the lesson that lets a browser see the class now, or None."""
    lesson = of_items(door, guests=0, now_epoch_s=now_epoch_s)
    if lesson is None or guest is None or guest["lesson_ref"] != lesson.ref:
        return None
    return lesson
