"""Who is reading an offer: challenges whose code was mailed, and the browsers that answered one.

Everything here ends by itself within hours. A challenge takes few guesses and one right one; an
invitation takes few challenges an hour, so that nobody can fill a director's mailbox.
"""

from dataclasses import dataclass

from schoolpoort import dynamodb, ids, mailed_codes
from schoolpoort.dynamodb import Put, Update
from schoolpoort.errors import ConditionFailed, TransactionRefused
from schoolpoort.settings import require

SCHEMA_VERSION = 1
MOST_GUESSES = 5
MOST_CODES_AN_HOUR = 5
READING_LIFE_S = 2 * 3600
_AN_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Reading:
    """A browser in which somebody answered the code of an invitation."""

    invitation_id: str
    entered_at_epoch_s: int


def challenge(invitation_id: str, *, now_epoch_s: int) -> str | None:
    """Return the id of a new challenge, or None when this hour had its share."""
    hour = now_epoch_s // _AN_HOUR_S
    try:
        dynamodb.update(
            require("SIGNING_TABLE"),
            {"entry": f"asked#{invitation_id}#{hour}"},
            "SET asked = if_not_exists(asked, :none) + :one, expires_at_epoch_s = :end",
            condition="attribute_not_exists(asked) OR asked < :most",
            values={
                ":none": 0,
                ":one": 1,
                ":most": MOST_CODES_AN_HOUR,
                ":end": (hour + 2) * _AN_HOUR_S,
            },
        )
    except ConditionFailed:
        return None
    challenge_id = ids.new_id()
    item = {
        "entry": f"challenge#{challenge_id}",
        "invitation_id": invitation_id,
        "guesses": 0,
        "is_used": False,
        "expires_at_epoch_s": now_epoch_s + mailed_codes.LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put(require("SIGNING_TABLE"), item, unless_exists="entry")
    return challenge_id


def enter(challenge_id: str, code: str, invitation_id: str, *, now_epoch_s: int) -> str | None:
    """Return the secret of a new reading when the code is right, else None; a guess is counted."""
    key = {"entry": f"challenge#{challenge_id}"}
    try:
        dynamodb.update(
            require("SIGNING_TABLE"),
            key,
            "SET guesses = guesses + :one",
            condition="invitation_id = :invitation AND is_used = :no"
            " AND guesses < :most AND expires_at_epoch_s > :now",
            values={
                ":one": 1,
                ":invitation": invitation_id,
                ":no": False,
                ":most": MOST_GUESSES,
                ":now": now_epoch_s,
            },
        )
    except ConditionFailed:
        return None
    if not mailed_codes.is_right(challenge_id, code, now_epoch_s=now_epoch_s):
        return None
    return _begun(key, invitation_id, now_epoch_s)


def _begun(key: dict[str, str], invitation_id: str, now_epoch_s: int) -> str | None:
    secret = ids.new_secret()
    reading = {
        "entry": f"reading#{ids.sha256_hex(secret)}",
        "invitation_id": invitation_id,
        "entered_at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": now_epoch_s + READING_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }
    table = require("SIGNING_TABLE")
    used = Update(
        table,
        key,
        "SET is_used = :yes",
        condition="is_used = :no",
        values={":yes": True, ":no": False},
    )
    try:
        dynamodb.transact([used, Put(table, reading)])
    except TransactionRefused:
        return None
    return secret


def reading(secret: str, *, now_epoch_s: int) -> Reading | None:
    """Return what a browser may read, or None; an ended reading that still lies there is none."""
    key = {"entry": f"reading#{ids.sha256_hex(secret)}"}
    item = dynamodb.get(require("SIGNING_TABLE"), key, consistent=True)
    if item is None or now_epoch_s >= item["expires_at_epoch_s"]:
        return None
    return Reading(item["invitation_id"], item["entered_at_epoch_s"])
