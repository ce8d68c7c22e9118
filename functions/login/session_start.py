"""How a session begins: the item that every function later reads (schoolpoort.sessions).

A half session belongs to somebody on the way in (login.entry). Its kind is another than that of a
session, so that no reader takes it for one.
"""

from dataclasses import dataclass
from typing import Any

from login.entry import Step
from schoolpoort import sessions
from schoolpoort.memberships import Membership

SCHEMA_VERSION = 1
HALF_LIFE_S = 15 * 60
"""How long somebody may take over the steps after the password."""

HALF = "half"
_SCHOOL = "school#"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom we let in, and the membership that he works under.

    `scope` is "school#<id>", "board#<number>" or "helpdesk"; `person_id` is the roster's, if any.
    `proved_at_epoch_s` is when a second factor was shown, None when none was.
    """

    account_id: str
    display_name: str
    scope: str
    person_id: str | None
    language: str
    proved_at_epoch_s: int | None = None
    browser: str = ""
    idle_life_s: int = sessions.IDLE_LIFE_S


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody whose password was right and who is not in yet.

    `source_ip` and `trace` tell where the request at hand comes from; they are not stored.
    """

    session_hash: str
    account_id: str
    display_name: str
    step: Step
    next_path: str
    language: str
    proved_at_epoch_s: int | None
    browser: str = ""
    source_ip: str = ""
    trace: str = ""
    idle_life_s: int = sessions.IDLE_LIFE_S


def session_item(
    who: SignedIn, *, session_hash: str, stage: str, now_epoch_s: int
) -> dict[str, Any]:
    """Return the item of a new staff session.

    The stage is part of it, so that a cookie of a test stage opens nothing elsewhere.
    """
    school_id = who.scope.removeprefix(_SCHOOL) if who.scope.startswith(_SCHOOL) else None
    return {
        "session_hash": session_hash,
        "stage": stage,
        "kind": "staff",
        "account_id": who.account_id,
        "display_name": who.display_name,
        "scope": who.scope,
        **_school_key(school_id),
        "person_id": who.person_id,
        "language": who.language,
        "browser": who.browser,
        "authenticated_at_epoch_s": now_epoch_s,
        "proved_at_epoch_s": who.proved_at_epoch_s,
        "confirmed_at_epoch_s": now_epoch_s,
        "idle_life_s": who.idle_life_s,
        "idle_ends_at_epoch_s": now_epoch_s + who.idle_life_s,
        "expires_at_epoch_s": now_epoch_s + sessions.ABSOLUTE_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def renewed_item(
    session: sessions.Session,
    *,
    session_hash: str,
    stage: str,
    now_epoch_s: int,
    proved_at_epoch_s: int | None,
    confirmed_at_epoch_s: int,
    browser: str,
) -> dict[str, Any]:
    """Return the item of a session that goes on under another secret; its last end stays."""
    return {
        "session_hash": session_hash,
        "stage": stage,
        "kind": session.kind,
        "account_id": session.account_id,
        "display_name": session.display_name,
        "scope": session.scope,
        **_school_key(session.school_id),
        "person_id": session.person_id,
        "language": session.language,
        "browser": browser,
        "authenticated_at_epoch_s": session.authenticated_at_epoch_s,
        "proved_at_epoch_s": proved_at_epoch_s,
        "confirmed_at_epoch_s": confirmed_at_epoch_s,
        "idle_life_s": session.idle_life_s,
        "idle_ends_at_epoch_s": now_epoch_s + session.idle_life_s,
        "expires_at_epoch_s": session.expires_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }


def next_item(half: Half, member: Membership, *, stage: str, now_epoch_s: int) -> dict[str, Any]:
    """Return the item of where somebody is: a session in a place to work, or another half one."""
    if half.step is not Step.IN:
        return half_item(half, stage=stage, now_epoch_s=now_epoch_s)
    who = SignedIn(
        account_id=half.account_id,
        display_name=member.display_name,
        scope=member.scope,
        person_id=member.person_id,
        language=half.language,
        proved_at_epoch_s=half.proved_at_epoch_s,
        browser=half.browser,
        idle_life_s=half.idle_life_s,
    )
    return session_item(who, session_hash=half.session_hash, stage=stage, now_epoch_s=now_epoch_s)


def _school_key(school_id: str | None) -> dict[str, str]:
    """Return the key of the index by school; an index takes a key or none, never a null."""
    return {} if school_id is None else {"school_id": school_id}


def half_item(half: Half, *, stage: str, now_epoch_s: int) -> dict[str, Any]:
    """Return the item of a half session."""
    return {
        "session_hash": half.session_hash,
        "stage": stage,
        "kind": HALF,
        "account_id": half.account_id,
        "display_name": half.display_name,
        "step": half.step.value,
        "next_path": half.next_path,
        "language": half.language,
        "browser": half.browser,
        "proved_at_epoch_s": half.proved_at_epoch_s,
        "idle_life_s": half.idle_life_s,
        "expires_at_epoch_s": now_epoch_s + HALF_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def half_of_item(item: dict[str, Any] | None, *, stage: str, now_epoch_s: int) -> Half | None:
    """Read a half session that still holds, or None for anything else."""
    if item is None or item["kind"] != HALF or item["stage"] != stage:
        return None
    if now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return Half(
        session_hash=item["session_hash"],
        account_id=item["account_id"],
        display_name=item["display_name"],
        step=Step(item["step"]),
        next_path=item["next_path"],
        language=item["language"],
        proved_at_epoch_s=item["proved_at_epoch_s"],
        browser=item["browser"],
        idle_life_s=item.get("idle_life_s", sessions.IDLE_LIFE_S),
    )
