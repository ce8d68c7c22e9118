"""Sends the mails that functions ask for; one request, one mail, also after a crash.

    1 look     everything that decides about the mail
    2 take     claim the request, store its links and accounts, all in one transaction
    3 send     hand the mail to SES
    4 record   that it went

A crash before the send is tried again; a crash just around the send waits ten minutes, because
nobody can know whether SES took the mail: at most one mail too many, only in that window.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from password_reset import lives, mail_events, mail_plans, mail_store, mail_text
from password_reset.mail_plans import Case, Plan
from password_reset.mail_store import Desk, Request
from schoolpoort import aws, clock, mail_requests
from schoolpoort.errors import StoreError
from schoolpoort.log import logger
from schoolpoort.settings import require

_HAND_OUT = "hand_out_waiting"
_LOOKS = 5
"""How often a change between look and take is met before the queue hands the message out later."""


class TryLater(Exception):
    """A message cannot be finished now; the queue hands it out again."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off a batch of the mail queue; name the messages that must come back."""
    failures = []
    for record in event["Records"]:
        try:
            _work(json.loads(record["body"]))
        except (TryLater, StoreError, ClientError, EndpointError, HTTPClientError) as error:
            logger.warning("mail waits", extra={"reason": aws.failure(error)})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(message: Mapping[str, Any]) -> None:
    if message["kind"] == _HAND_OUT:
        _hand_out()
    else:
        _one_mail(message)


def _hand_out() -> None:
    """Ask once more for the mails that waited for school hours; twice is as good as once."""
    if not lives.is_open(clock.now_epoch_s()):
        return
    messages = mail_store.waiting(mail_requests.SCHOOL_HOURS)
    for message in messages:
        mail_requests.enqueue(**message)
    logger.info("waiting mails handed out", extra={"count": len(messages)})


def _known_place(message: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return whose place a mail is about, where the asker knew the account."""
    account_id, scope = message.get("account_id"), message.get("scope")
    return (account_id, scope) if account_id and scope else None


def _one_mail(message: Mapping[str, Any]) -> None:
    request = Request(
        request_id=message["request_id"],
        kind=message["kind"],
        address=message["address"],
        scope=message.get("scope", ""),
    )
    now_epoch_s = clock.now_epoch_s()
    for number in range(_LOOKS):
        desk = mail_store.look(request.request_id, request.address, _known_place(message))
        if _is_done(desk, now_epoch_s):
            return
        if message.get("leaves") == mail_requests.SCHOOL_HOURS and not lives.is_open(now_epoch_s):
            mail_store.park(message, desk, now_epoch_s=now_epoch_s)
            return
        case = Case(message, desk, now_epoch_s, is_second_look=number > 0)
        plan = mail_plans.plan(case)
        if plan is None or (desk.record.bounced_at_epoch_s and not message.get("insists")):
            if _end(request, desk, plan, now_epoch_s):
                return
            continue
        if mail_store.take(
            request, desk, "claimed", plan.links, plan.operations, now_epoch_s=now_epoch_s
        ):
            _send(request, plan, now_epoch_s)
            return
    raise TryLater


def _is_done(desk: Desk, now_epoch_s: int) -> bool:
    """Say whether a request needs nothing more; raises TryLater while another may be sending."""
    if desk.request is None or desk.request["state"] in {mail_store.RELEASED, mail_store.WAITING}:
        return False
    if desk.request["state"] != "claimed":
        return True
    if now_epoch_s - desk.request["claimed_at_epoch_s"] < mail_store.CLAIM_LIFE_S:
        raise TryLater
    return False


def _end(request: Request, desk: Desk, plan: Plan | None, now_epoch_s: int) -> bool:
    """End a request without a mail: there is nobody, or nothing arrives at that address."""
    state = "nobody" if plan is None else "stopped"
    operations = () if plan is None else plan.operations
    return mail_store.take(request, desk, state, (), operations, now_epoch_s=now_epoch_s)


def _send(request: Request, plan: Plan, now_epoch_s: int) -> None:
    try:
        message_id = _hand_over(request, plan, now_epoch_s)
    except (ClientError, EndpointError):
        # A no, or nobody there, is no doubt: nothing was sent, so the next try need not wait.
        mail_store.release(request.request_id)
        raise
    mail_store.record(request.request_id, message_id)
    logger.info("mail sent", extra={"kind": request.kind, "template": plan.template})


def _hand_over(request: Request, plan: Plan, now_epoch_s: int) -> str:
    sender = require("MAIL_FROM")
    raw = mail_text.compose(
        plan.template,
        plan.language,
        to=request.address,
        sender=sender,
        now_epoch_s=now_epoch_s,
        **plan.values,
    )
    answer = aws.client("sesv2").send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [request.address]},
        Content={"Raw": {"Data": raw}},
        ConfigurationSetName=require("MAIL_CONFIGURATION_SET"),
        EmailTags=[{"Name": mail_events.REQUEST_TAG, "Value": request.request_id}],
    )
    return str(answer["MessageId"])
