"""What SES would report of a mail, in the form in which it publishes events to EventBridge."""

from typing import Any

_REPORTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "send": ("Email Sent", "Send", {"send": {}}),
    "delivery": ("Email Delivered", "Delivery", {"delivery": {"smtpResponse": "250 ok"}}),
    "bounce": (
        "Email Bounced",
        "Bounce",
        {"bounce": {"bounceType": "Permanent", "bounceSubType": "General"}},
    ),
    "complaint": (
        "Email Complaint Received",
        "Complaint",
        {"complaint": {"complaintFeedbackType": "abuse"}},
    ),
}
KINDS = tuple(_REPORTS)


def event(kind: str, message_id: str, request_id: str, configuration_set: str) -> dict[str, Any]:
    """Return the event of a kind about a mail; raises KeyError for another kind."""
    detail_type, event_type, told = _REPORTS[kind]
    tags = {"request_id": [request_id], "ses:configuration-set": [configuration_set]}
    detail = {"eventType": event_type, "mail": {"messageId": message_id, "tags": tags}, **told}
    return {"source": "aws.ses", "detail-type": detail_type, "detail": detail}
