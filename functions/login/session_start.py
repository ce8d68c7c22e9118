"""How a session begins: the item that every function later reads (schoolpoort.sessions)."""

from dataclasses import dataclass
from typing import Any

from schoolpoort import sessions

SCHEMA_VERSION = 1
_SCHOOL = "school#"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a right password let in, and the membership that he works under.

    `scope` is "school#<id>", "board#<number>" or "helpdesk"; `person_id` is the roster's, if any.
    """

    account_id: str
    display_name: str
    scope: str
    person_id: str | None
    language: str


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
        "school_id": school_id,
        "person_id": who.person_id,
        "language": who.language,
        "authenticated_at_epoch_s": now_epoch_s,
        "idle_ends_at_epoch_s": now_epoch_s + sessions.IDLE_LIFE_S,
        "expires_at_epoch_s": now_epoch_s + sessions.ABSOLUTE_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
