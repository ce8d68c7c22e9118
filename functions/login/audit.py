"""What the record of sign-ins says about an attempt: internal ids, outcome, reason, no address.

Events are written unsealed; `event_id` sorts by time within a stream, and the sealer that chains
a stream needs no more than that order.
"""

from typing import Any, Literal

SCHEMA_VERSION = 1
KEEP_S = 365 * 24 * 60 * 60
"""Events of staff are kept for a year (docs/decisions)."""

STREAM_WITHOUT_SCHOOL = "none"

PUPIL_KEEP_S = 30 * 24 * 60 * 60
"""Events of pupils are kept for a month, and say of the place only what kind it was."""

Place = Literal["school", "home", "other"]
Action = Literal[
    "sign_in",
    "sign_out",
    "second_factor",
    "second_factor_set",
    "second_factor_removed",
    "recovery_codes",
    "confirm",
    "second_factor_reset",
    "second_factor_reset_asked",
    "sessions_ended",
    "password_set",
    "home_opened",
]
Outcome = Literal["done", "refused"]


def stream_of(scope: str | None) -> str:
    """Return the stream of a membership: its school's own, or the one of all others."""
    return scope if scope and scope.startswith("school#") else STREAM_WITHOUT_SCHOOL


def event(  # noqa: PLR0913 - an event, whole, each by name
    *,
    new_id: str,
    action: Action,
    outcome: Outcome,
    reason: str,
    account_id: str | None,
    scope: str | None,
    at_epoch_s: int,
    pupil_at: Place | None = None,
) -> dict[str, Any]:
    """Return the item of one event; `reason` is a code, and account and scope may be unknown.

    `pupil_at` is where a pupil was, and None for staff.
    """
    return {
        "stream": stream_of(scope),
        "event_id": f"{at_epoch_s:012d}#{new_id}",
        "action": action,
        "outcome": outcome,
        "reason": reason,
        "account_id": account_id,
        "scope": scope,
        "at_epoch_s": at_epoch_s,
        "sealed": False,
        "subject_kind": "pupil" if pupil_at else "staff",
        "place": pupil_at,
        "expires_at_epoch_s": at_epoch_s + (PUPIL_KEEP_S if pupil_at else KEEP_S),
        "schema_version": SCHEMA_VERSION,
    }
