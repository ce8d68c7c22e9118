"""What SES reports of a mail, kept with the request: sent, delivered, opened, bounced, complained.

    claimed ──► sent ──► delivered ──► opened ──► bounced ──► complained
       └──────────┴───────────┴──────────┴───────────┴────────────▲
                  any step may be skipped, none is taken back

"Opened" is no report of SES and no tracking: the link of the mail was looked at (`set_password`).
A mailbox that does not exist gets no further mail, and whoever coordinates the school hears of it.

Events come in any order and more than once, so a mail only ever moves on in that row: a "sent"
that arrives after a "bounced" changes nothing. The event of a send also ends the doubt about a
mail whose run was cut off around the send (`mail_job`).

The names are those of SES's event publishing to EventBridge (`detail.eventType`).
"""

import enum
from collections.abc import Mapping
from typing import Any

from password_reset import link_store, mail_store
from schoolpoort import clock, credentials, mail_requests, memberships
from schoolpoort.log import logger

REQUEST_TAG = "request_id"
_NO_SUCH_MAILBOX = "Permanent"
_SCHOOL = "school#"
_COORDINATOR = "ict_coordinator"
_A_DAY_S = 24 * 60 * 60


class MailState(enum.StrEnum):
    """How far a mail is, in the order of the row above."""

    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
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
    moved = mail_store.move_on(tags[0], state, before(state), detail["mail"]["messageId"])
    extra: dict[str, Any] = {"state": state.value, "has_moved": moved is not None}
    if state is MailState.BOUNCED:
        extra["bounce_type"] = detail.get("bounce", {}).get("bounceType", "")
    logger.info("mail event", extra=extra)
    if moved is not None and extra.get("bounce_type") == _NO_SUCH_MAILBOX:
        _stop(moved)


def _stop(request: Mapping[str, Any]) -> None:
    """Send nothing more to an address, and tell who coordinates the school; once a day each."""
    now_epoch_s = clock.now_epoch_s()
    link_store.set_bounced(request["address"], now_epoch_s=now_epoch_s)
    told = {
        member.account_id: member
        for scope in _scopes_of(request)
        for member in memberships.in_scope(scope)
        if _COORDINATOR in member.roles and member.address != request["address"]
    }
    for member in told.values():
        mail_requests.enqueue(
            "mail_returned",
            request_id=f"returned-{member.account_id}-{now_epoch_s // _A_DAY_S}",
            address=member.address,
        )


def _scopes_of(request: Mapping[str, Any]) -> list[str]:
    """Return the schools that a mail concerns: the one that asked, or those of who asked."""
    if request["scope"]:
        return [request["scope"]] if request["scope"].startswith(_SCHOOL) else []
    credential = credentials.find(credentials.staff_key(request["address"]))
    if credential is None:
        return []
    places = memberships.of_account(credential.account_id)
    return [place.scope for place in places if place.scope.startswith(_SCHOOL)]
