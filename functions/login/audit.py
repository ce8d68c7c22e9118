"""What the record of sign-ins says of an attempt or a change: internal ids, outcome, reason.

An event is written once and never changed. `event_id` sorts by time within a stream, and a
scheduled run chains what stands there (login.seals). The id is drawn from the nonce, which stands
in the event alone: what a seal keeps of an event that is gone says nothing about it.

Where somebody came from is no part of an event. For staff the address stands apart for fourteen
days (`address_row`); for a pupil there is no address at all, only at school, at home or elsewhere.
"""

from collections.abc import Mapping
from typing import Any, Literal

from schoolpoort.ids import sha256_hex

SCHEMA_VERSION = 2
KEEP_S = 365 * 24 * 60 * 60
"""Events of staff are kept for a year (docs/decisions)."""

PUPIL_KEEP_S = 30 * 24 * 60 * 60
"""Events of pupils are kept for a month."""

ADDRESS_KEEP_S = 14 * 24 * 60 * 60
"""The address that somebody of staff came from is kept for a fortnight."""

TRACE_KEEP_S = 24 * 60 * 60
"""In which browser an attempt was made is of use for a day, to find out why it failed."""

STREAM_WITHOUT_SCHOOL = "none"
_SCHOOL = "school#"
_PUPILS = "pupils#"
_DIGITS_OF_NONCE = 16
_BESIDE = ("source_ip", "trace", "school_ids")

Place = Literal["school", "home", "other"]
Action = Literal[
    "sign_in",
    "sign_out",
    "second_factor",
    "second_factor_set",
    "second_factor_removed",
    "recovery_codes",
    "passkey_added",
    "passkey_removed",
    "confirm",
    "second_factor_reset",
    "second_factor_reset_asked",
    "sessions_ended",
    "password_set",
    "home_opened",
    "home_left",
    "place_chosen",
    "pin",
    "network_added",
    "network_confirmed",
    "network_removed",
    "device_enrolled",
    "device_removed",
    "pins_used",
    "picture_changed",
    "pin_set",
    "pin_removed",
    "pupil_released",
    "pupil_let_in",
    "lesson_opened",
    "lesson_closed",
    "badge_made",
    "card_made",
    "badges_void",
    "handover_made",
    "home_address_added",
    "home_address_removed",
    "home_card_made",
    "home_card_void",
    "trouble_read",
]
Outcome = Literal["done", "refused"]


def stream_of(scope: str | None, *, of_pupil: bool = False) -> str:
    """Return the stream of a membership: of its school's staff or pupils, or that of all others."""
    if not scope or not scope.startswith(_SCHOOL):
        return STREAM_WITHOUT_SCHOOL
    return pupils_stream(scope.removeprefix(_SCHOOL)) if of_pupil else scope


def staff_stream(school_id: str) -> str:
    """Return the stream of a school's staff."""
    return f"{_SCHOOL}{school_id}"


def pupils_stream(school_id: str) -> str:
    """Return the stream of a school's pupils, apart because it is forgotten sooner."""
    return f"{_PUPILS}{school_id}"


def event(  # noqa: PLR0913 - an event, whole, each by name
    *,
    nonce: str,
    action: Action,
    outcome: Outcome,
    reason: str,
    account_id: str | None,
    scope: str | None,
    at_epoch_s: int,
    pupil_at: Place | None = None,
    subject: str | None = None,
    source_ip: str = "",
    trace: str = "",
    school_ids: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the item of one event; `reason` is a code, and account and scope may be unknown.

    `nonce` is 256 random bits. `pupil_at` is where a pupil was, and None for staff. `subject` is
    whom or what a change was about, by an internal id. `source_ip` is taken off again by the store
    (`stored`), and ignored for pupils; so are `trace`, the
    mark of the browser (login.traces), and `school_ids`, the schools of a parent's children.
    """
    made = {
        "stream": stream_of(scope, of_pupil=pupil_at is not None),
        "event_id": f"{at_epoch_s:012d}#{sha256_hex(nonce)[:_DIGITS_OF_NONCE]}",
        "nonce": nonce,
        "action": action,
        "outcome": outcome,
        "reason": reason,
        "account_id": account_id,
        "scope": scope,
        "subject": subject,
        "at_epoch_s": at_epoch_s,
        "subject_kind": "pupil" if pupil_at else "staff",
        "place": pupil_at,
        "expires_at_epoch_s": at_epoch_s + (PUPIL_KEEP_S if pupil_at else KEEP_S),
        "schema_version": SCHEMA_VERSION,
    }
    beside: dict[str, Any] = {"source_ip": "" if pupil_at else source_ip, "trace": trace}
    beside["school_ids"] = list(school_ids) if trace else []
    return made | {name: value for name, value in beside.items() if value}


def stored(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as it is kept and sealed: without where it came from."""
    return {name: value for name, value in event.items() if name not in _BESIDE}


def address_row(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the row that keeps where an event came from for a while, or None without that."""
    beside = {name: event[name] for name in _BESIDE if name in event}
    if not beside:
        return None
    life_s = ADDRESS_KEEP_S if "source_ip" in beside else TRACE_KEEP_S
    return beside | {
        "stream": event["stream"],
        "event_id": event["event_id"],
        "expires_at_epoch_s": event["at_epoch_s"] + life_s,
        "schema_version": SCHEMA_VERSION,
    }
