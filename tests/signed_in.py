"""Somebody who is signed in, without the pages of signing in."""

from typing import Any

from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, dynamodb, ids, sessions
from schoolpoort.settings import require


def signed_in(house: House, account_id: str, scope: str, *roles: str, **membership: Any) -> Visitor:
    """Return a browser in which an account with these roles in a scope is signed in."""
    secret = ids.new_secret()
    now_epoch_s = clock.now_epoch_s()
    session = {
        "session_hash": ids.sha256_hex(secret),
        "stage": "local",
        "kind": "staff",
        "account_id": account_id,
        "display_name": "Hanna Hulp",
        "scope": scope,
        **({"school_id": scope.removeprefix("school#")} if scope.startswith("school#") else {}),
        "person_id": None,
        "language": "nl",
        "authenticated_at_epoch_s": now_epoch_s,
        "proved_at_epoch_s": now_epoch_s,
        "confirmed_at_epoch_s": now_epoch_s,
        "idle_ends_at_epoch_s": now_epoch_s + 3600,
        "expires_at_epoch_s": now_epoch_s + 3600,
    }
    dynamodb.put(require("SESSIONS_TABLE"), session)
    person = {"scope_name": "x", "address": "hanna@example.nl", "display_name": "Hanna Hulp"}
    place = {"account_id": account_id, "scope": scope, "roles": list(roles)}
    dynamodb.put(require("ACCOUNTS_TABLE"), {**person, **place, **membership})
    return Visitor(house.call, cookies={sessions.COOKIE_NAME: secret})
