"""The sessions of one account, as their owner sees them, and how they end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from login import audit, store
from schoolpoort import ids, sessions, settings

_REF_LENGTH = 16


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in. `ref` names it on a page and opens nothing."""

    ref: str
    session_hash: str
    browser: str
    began_at_epoch_s: int
    last_seen_at_epoch_s: int
    is_this_one: bool


def of_account(account_id: str, this_hash: str, *, now_epoch_s: int) -> list[OpenSession]:
    """Return the sessions that hold, the one at hand first; one Query."""
    found = _holding(store.sessions_of_account(account_id), now_epoch_s)
    rows = [
        OpenSession(
            ref=item["session_hash"][:_REF_LENGTH],
            session_hash=item["session_hash"],
            browser=item.get("browser", ""),
            began_at_epoch_s=item["authenticated_at_epoch_s"],
            last_seen_at_epoch_s=item["idle_ends_at_epoch_s"]
            - item.get("idle_life_s", sessions.IDLE_LIFE_S),
            is_this_one=item["session_hash"] == this_hash,
        )
        for item in found
    ]
    return sorted(rows, key=lambda row: (not row.is_this_one, -row.last_seen_at_epoch_s))


def _holding(items: Iterable[Mapping[str, Any]], now_epoch_s: int) -> list[Mapping[str, Any]]:
    stage = settings.require("STAGE")
    return [item for item in items if sessions.holds(item, stage=stage, now_epoch_s=now_epoch_s)]


def end_others(session: sessions.Session, refs: Iterable[str] | None, *, now_epoch_s: int) -> int:
    """End the owner's other sessions, or those with these refs; return how many ended."""
    chosen = None if refs is None else frozenset(refs)
    ending = [
        row.session_hash
        for row in of_account(session.account_id, session.session_hash, now_epoch_s=now_epoch_s)
        if not row.is_this_one and (chosen is None or row.ref in chosen)
    ]
    return _end(ending, session, session.account_id, now_epoch_s)


def end_of_account(session: sessions.Session, account_id: str, *, now_epoch_s: int) -> int:
    """End every session of somebody else's account, in all his places to work."""
    ending = [item["session_hash"] for item in store.sessions_of_account(account_id)]
    return _end(ending, session, account_id, now_epoch_s)


def end_after_reset(account_id: str, *, now_epoch_s: int) -> None:
    """End every session of an account whose owner set another password by a link just now."""
    ending = [item["session_hash"] for item in store.sessions_of_account(account_id)]
    event = audit.event(
        nonce=ids.new_nonce(),
        action="sessions_ended",
        outcome="done",
        reason="own",
        account_id=account_id,
        subject=account_id,
        scope=None,
        at_epoch_s=now_epoch_s,
    )
    store.record(event)
    store.end_sessions(ending)


def end_of_school(session: sessions.Session, *, now_epoch_s: int) -> int:
    """End every session at the school of a session, but that one; return how many ended."""
    ending = [
        item["session_hash"]
        for item in store.sessions_of_school(session.school_id or "")
        if item["session_hash"] != session.session_hash
    ]
    return _end(ending, session, None, now_epoch_s)


def _end(ending: list[str], by: sessions.Session, account_id: str | None, now_epoch_s: int) -> int:
    if not ending:
        return 0
    store.record(
        audit.event(
            nonce=ids.new_nonce(),
            action="sessions_ended",
            outcome="done",
            reason="own" if account_id == by.account_id else "asked",
            account_id=by.account_id,
            subject=account_id or by.scope,
            scope=by.scope,
            at_epoch_s=now_epoch_s,
        )
    )
    store.end_sessions(ending)
    return len(ending)
