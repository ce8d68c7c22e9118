"""Who is signed in: the reader of sessions, for every function of the house.

A session is an opaque secret of 256 bits in the browser and an item under its SHA-256 here, so
that a copy of the table signs nobody in. An item knows the internal ids of its person, never an
address. The login function alone writes sessions; all others read them with one GetItem.

Expiry is checked on every read, because the store removes ended items only some time later.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from schoolpoort import clock, dynamodb, settings
from schoolpoort.ids import sha256_hex
from schoolpoort.web import Request, SignInRequired

COOKIE_NAME = "__Host-sid"

ABSOLUTE_LIFE_S = 12 * 60 * 60
"""A staff session ends twelve hours after sign-in, however busy it is."""

IDLE_LIFE_S = 60 * 60
"""A staff session ends after an hour in which its person did not come by the login function."""

IDLE_LIFE_AT_SCHOOL_S = 2 * 60 * 60
"""The same for who signed in on a registered network of a school: a lesson is not interrupted."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser of one person.

    `scope` is the membership it works under ("school#<id>", "board#<number>" or "helpdesk");
    `school_id` and `person_id` are set when that is a school and its roster knows the person.
    `proved_at_epoch_s` is when a second factor was shown in this session, None without one;
    `confirmed_at_epoch_s` when the person last showed everything he has. A pupil has `picture`
    and `way_back`, the page where the next child of his group finds its own.
    """

    session_hash: str
    account_id: str
    kind: Literal["staff", "pupil"]
    display_name: str
    scope: str
    school_id: str | None
    person_id: str | None
    expires_at_epoch_s: int
    authenticated_at_epoch_s: int
    language: str
    proved_at_epoch_s: int | None = None
    confirmed_at_epoch_s: int = 0
    picture: str = ""
    way_back: str = ""
    idle_life_s: int = IDLE_LIFE_S


def hash_of_cookie(request: Request) -> str | None:
    """Return the key of the session that a request's cookie names, or None without a usable one.

    A value that cannot be ours is never looked up.
    """
    value = request.cookies.get(COOKIE_NAME, "")
    return sha256_hex(value) if _SECRET.fullmatch(value) else None


def optional(request: Request) -> Session | None:
    """Return the staff session of a request, or None when there is none that holds; one GetItem."""
    session = of_anybody(request)
    return session if session is not None and session.kind == "staff" else None


def of_anybody(request: Request) -> Session | None:
    """Return the session of a request, a pupil's as well, or None; one GetItem.

    Only for pages that a pupil may see: all others ask for `require` or `optional`.
    """
    session_hash = hash_of_cookie(request)
    if session_hash is None:
        return None
    item = dynamodb.get(settings.require("SESSIONS_TABLE"), {"session_hash": session_hash})
    stage = settings.require("STAGE")
    if item is None or not holds(item, stage=stage, now_epoch_s=clock.now_epoch_s()):
        return None
    return of_item(item)


def require(request: Request) -> Session:
    """Return the session of a request; raises SignInRequired when there is none that holds."""
    session = optional(request)
    if session is None:
        raise SignInRequired(return_address(request))
    return session


def return_address(request: Request) -> str:
    """Return where a person goes on after signing in: the page asked for, or his own start page.

    A form that was sent cannot be sent again by a redirect, so it has no address to return to.
    """
    if request.method != "GET":
        return ""
    return f"{request.path}?{urlencode(request.query)}" if request.query else request.path


def holds(item: Mapping[str, Any], *, stage: str, now_epoch_s: int) -> bool:
    """Say whether a stored session is of this stage and has passed neither of its ends."""
    return (
        item.get("stage") == stage
        and item.get("kind") in {"staff", "pupil"}
        and now_epoch_s < item["expires_at_epoch_s"]
        and now_epoch_s < item["idle_ends_at_epoch_s"]
    )


def of_item(item: Mapping[str, Any]) -> Session:
    """Read a stored session; the caller has checked that it holds."""
    return Session(
        session_hash=item["session_hash"],
        account_id=item["account_id"],
        kind=item["kind"],
        display_name=item["display_name"],
        scope=item["scope"],
        school_id=item.get("school_id"),
        person_id=item.get("person_id"),
        expires_at_epoch_s=item["expires_at_epoch_s"],
        authenticated_at_epoch_s=item["authenticated_at_epoch_s"],
        language=item["language"],
        proved_at_epoch_s=item.get("proved_at_epoch_s"),
        confirmed_at_epoch_s=item.get("confirmed_at_epoch_s", item["authenticated_at_epoch_s"]),
        picture=item.get("picture", ""),
        way_back=item.get("way_back", ""),
        idle_life_s=item.get("idle_life_s", IDLE_LIFE_S),
    )
