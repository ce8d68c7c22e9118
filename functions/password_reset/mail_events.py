"""What SES reports of a mail, kept with the request: sent, delivered, bounced, complained about.

    claimed ──► sent ──► delivered ──► bounced ──► complained
       └──────────┴───────────┴────────────┴────────────▲
                  any step may be skipped, none is taken back

Events come in any order and more than once, so a mail only ever moves on in that row: a "sent"
that arrives after a "bounced" changes nothing. The event of a send also ends the doubt about a
mail whose run was cut off around the send (`mail_job`).

The names are those of SES's event publishing to EventBridge (`detail.eventType`).
"""

import enum
from collections.abc import Mapping
from typing import Any

from password_reset import store
from schoolpoort.log import logger

REQUEST_TAG = "request_id"


class MailState(enum.StrEnum):
    """How far a mail is, in the order of the row above."""

    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


_STATE_OF_EVENT: Mapping[str, MailState] = {
    "Send": MailState.SENT,
    "Delivery": MailState.DELIVERED,
    "Bounce": MailState.BOUNCED,
    "Reject": MailState.BOUNCED,
    "Complaint": MailState.COMPLAINED,
}


def before(state: MailState) -> tuple[MailState, ...]:
    """Return the states from which a mail may move on to a state."""
    row = tuple(MailState)
    return row[: row.index(state)]


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Record one event of SES; a mail that is not ours, or an event of no use, is passed over."""
    detail = event["detail"]
    state = _STATE_OF_EVENT.get(detail["eventType"])
    tags = detail["mail"].get("tags", {}).get(REQUEST_TAG, [])
    if state is None or not tags:
        logger.info("mail event passed over", extra={"event_type": detail["eventType"]})
        return
    has_moved = store.move_mail_on(tags[0], state, before(state), detail["mail"]["messageId"])
    extra: dict[str, Any] = {"state": state.value, "has_moved": has_moved}
    if state is MailState.BOUNCED:
        extra["bounce_type"] = detail.get("bounce", {}).get("bounceType", "")
    logger.info("mail event", extra=extra)
