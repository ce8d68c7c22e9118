"""Sends the mails that functions ask for; one request, one mail, also after a crash.

Claim the request, make what it needs, send, record. A crash before the send is tried again; a
crash just around the send waits ten minutes, because nobody can know whether SES took the mail:
at most one mail too many, only in that window.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from password_reset import (
    agreement_mail,
    appointing,
    mail_events,
    mail_links,
    mail_text,
    people_store,
    store,
)
from password_reset.appointments import COORDINATOR
from password_reset.mail_links import Purpose
from schoolpoort import aws, clock, coverage, credentials, errand_links, ids, memberships
from schoolpoort.credentials import Credential
from schoolpoort.errors import StoreError
from schoolpoort.log import logger
from schoolpoort.memberships import Grant
from schoolpoort.settings import require, require_url

_STAFF_PATH = {Purpose.ACTIVATION: "activate", Purpose.RESET: "password"}


class TryLater(Exception):
    """A message cannot be finished now; the queue hands it out again."""


_NOT_NOW = (TryLater, people_store.ChangedMeanwhile, StoreError, ClientError, EndpointError)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to send: its template, and what the template says."""

    template: str
    to: str
    language: str
    values: Mapping[str, Any]


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off a batch of the mail queue; name the messages that must come back."""
    failures = []
    for record in event["Records"]:
        try:
            _work(json.loads(record["body"]))
        except (*_NOT_NOW, HTTPClientError) as error:
            logger.warning("mail waits", extra={"reason": aws.failure(error)})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(message: Mapping[str, Any]) -> None:
    now_epoch_s = clock.now_epoch_s()
    request_id = message["request_id"]
    if not _claimed(request_id, message["kind"], now_epoch_s):
        return
    try:
        mail = _MAKERS[message["kind"]](message, now_epoch_s)
        message_id = None if mail is None else _send(mail, request_id, now_epoch_s)
    except _NOT_NOW:
        # A no, or nobody there, is no doubt: nothing was sent, so the next try need not wait.
        store.release_mail(request_id)
        raise
    if mail is None:
        store.record_mail(request_id, "nobody", None)
        return
    store.record_mail(request_id, "sent", message_id)
    logger.info("mail sent", extra={"kind": message["kind"], "template": mail.template})


def _claimed(request_id: str, kind: str, now_epoch_s: int) -> bool:
    """Say whether this run sends the request; raises TryLater while another may be sending."""
    standing = store.claim_mail(request_id, kind, now_epoch_s=now_epoch_s)
    if standing is None:
        return True
    if standing["state"] != "claimed":
        return False
    claimed_at = standing["claimed_at_epoch_s"]
    if now_epoch_s - claimed_at < store.CLAIM_LIFE_S:
        raise TryLater
    if not store.take_over_mail(request_id, claimed_at, now_epoch_s=now_epoch_s):
        # Not done: whoever was first may still end before it sends.
        raise TryLater
    return True


def _invitation(message: Mapping[str, Any], now_epoch_s: int) -> Mail:
    address = message["address"]
    address_key = credentials.staff_key(address)
    roles = frozenset(message["roles"])
    given = appointing.first_grants(message["scope"], roles, now_epoch_s=now_epoch_s)
    membership = _membership(message, given, now_epoch_s)
    credential = credentials.find(address_key)
    if credential is None:
        language = message["language"]
        credential = store.create_account(address_key, address, language, membership)
        if credential is None:
            raise TryLater
    else:
        is_active = credential.password_hash is not None
        store.add_membership(credential.account_id, membership, given, is_active=is_active)
    said = {"display_name": message["display_name"], "scope_name": message["scope_name"]}
    if credential.password_hash is not None:
        values = {**said, "link": f"{require_url('PUBLIC_BASE_URL')}/login"}
        return Mail("added", address, credential.language, values)
    link = _mint(Purpose.ACTIVATION, credential, now_epoch_s)
    return Mail("activation", address, credential.language, {**said, "link": link})


def _membership(
    message: Mapping[str, Any], given: Mapping[str, Grant], now_epoch_s: int
) -> dict[str, Any]:
    place = {
        "scope": message["scope"],
        "scope_name": message["scope_name"],
        "person_id": message["person_id"],
        "address": message["address"],
        "display_name": message["display_name"],
        "invited_at_epoch_s": now_epoch_s,
        "schema_version": store.SCHEMA_VERSION,
    }
    today = coverage.amsterdam_day(now_epoch_s)
    after = people_store.roles_after(place, frozenset(message["roles"]), given, today)
    return place | people_store.placed(after)


def _appointment(message: Mapping[str, Any], now_epoch_s: int) -> Mail | None:
    """Tell of a role that a coordinator gave, unless it was taken away by now."""
    address = message["address"]
    credential = credentials.find(credentials.staff_key(address))
    item = people_store.find(credential.account_id, message["scope"]) if credential else None
    if credential is None or item is None or message["role"] not in memberships.roles_of(item):
        return None
    said = {"display_name": item["display_name"], "scope_name": item["scope_name"]}
    if credential.password_hash is not None:
        values = {**said, "link": f"{require_url('PUBLIC_BASE_URL')}/login"}
        return Mail("added", address, credential.language, values)
    link = _mint(Purpose.ACTIVATION, credential, now_epoch_s)
    return Mail("activation", address, credential.language, {**said, "link": link})


def _review_due(message: Mapping[str, Any], _now_epoch_s: int) -> Mail | None:
    """Remind a coordinator of roles to look at, unless he is none any more."""
    address = message["address"]
    credential = credentials.find(credentials.staff_key(address))
    item = people_store.find(credential.account_id, message["scope"]) if credential else None
    if credential is None or item is None or COORDINATOR not in memberships.roles_of(item):
        return None
    link = f"{require_url('PUBLIC_BASE_URL')}/console/people/roles"
    values = {"scope_name": item["scope_name"], "link": link}
    return Mail("review_due", address, credential.language, values)


def _home_invitation(message: Mapping[str, Any], now_epoch_s: int) -> Mail:
    address = message["address"]
    address_key = credentials.home_key(address)
    credential = credentials.find(address_key) or store.create_home_account(address_key)
    if credential is None:
        raise TryLater
    said = {"child_name": message["child_name"], "school_name": message["school_name"]}
    if credential.password_hash is not None:
        values = {**said, "link": f"{require_url('PUBLIC_BASE_URL')}/login/home"}
        return Mail("home_added", address, credential.language, values)
    link = _mint(Purpose.ACTIVATION, credential, now_epoch_s)
    return Mail("home_activation", address, credential.language, {**said, "link": link})


def _answer(message: Mapping[str, Any], _now_epoch_s: int) -> Mail:
    """Send what the helpdesk wrote to whoever asked; no account is needed for that."""
    said = {"question": message["question"], "answer": message["answer"]}
    return Mail("answer", message["address"], message["language"], said)


def _password_reset(message: Mapping[str, Any], now_epoch_s: int) -> Mail | None:
    address = message["address"]
    key_of = credentials.home_key if message.get("at") == "home" else credentials.staff_key
    credential = credentials.find(key_of(address))
    if credential is None:
        return None
    purpose = Purpose.RESET if credential.password_hash else Purpose.ACTIVATION
    link = _mint(purpose, credential, now_epoch_s)
    return Mail(purpose.value + "_again", address, credential.language, {"link": link})


def _password_changed(message: Mapping[str, Any], _now_epoch_s: int) -> Mail:
    at_home = "?at=home" if message.get("at") == "home" else ""
    link = f"{require_url('PUBLIC_BASE_URL')}/password/forgotten{at_home}"
    return Mail("changed", message["address"], message["language"], {"link": link})


def _second_factor_reset(message: Mapping[str, Any], _now_epoch_s: int) -> Mail | None:
    credential = credentials.find(credentials.staff_key(message["address"]))
    if credential is None:
        return None
    link = f"{require_url('PUBLIC_BASE_URL')}/password/forgotten"
    template = "second_factor_reset" if message["is_own"] else "colleague_reset"
    return Mail(template, message["address"], credential.language, {"link": link})


def _key_notice(message: Mapping[str, Any], _now_epoch_s: int) -> Mail | None:
    """Tell a coordinator of his school's authorisation key; roster_sync asks for it."""
    credential = credentials.find(credentials.staff_key(message["address"]))
    if credential is None:
        return None
    values = {name: message.get(name) for name in ("school_name", "supplier", "due", "days_left")}
    values["link"] = f"{require_url('PUBLIC_BASE_URL')}/console/roster/key"
    return Mail(message["notice"], message["address"], credential.language, values)


def _agreement(message: Mapping[str, Any], _now_epoch_s: int) -> Mail:
    return Mail("agreement", message["address"], "", agreement_mail.news_values(message))


def _agreement_code(message: Mapping[str, Any], now_epoch_s: int) -> Mail:
    values = agreement_mail.minted_code(message, now_epoch_s)
    return Mail("agreement_code", message["address"], "", values)


def _guessed(message: Mapping[str, Any], _now_epoch_s: int) -> Mail | None:
    """Tell an owner that somebody guesses; the function that asks does not look if there is one."""
    is_home = message["at"] == "home"
    address_key = (credentials.home_key if is_home else credentials.staff_key)(message["address"])
    credential = credentials.find(address_key)
    if credential is None or credential.password_hash is None:
        return None
    at_home = "?at=home" if is_home else ""
    link = f"{require_url('PUBLIC_BASE_URL')}/password/forgotten{at_home}"
    values = {"link": link, "is_home": is_home}
    return Mail("guessed", message["address"], credential.language, values)


def _new_device(message: Mapping[str, Any], _now_epoch_s: int) -> Mail:
    base = require_url("PUBLIC_BASE_URL")
    values = {
        "browser": message["browser"],
        "link": f"{base}/password/forgotten",
        "account": f"{base}/account",
    }
    return Mail("new_device", message["address"], message["language"], values)


def _request(message: Mapping[str, Any], now_epoch_s: int) -> Mail:
    """Make a mail about a request for a first administrator, with a link for its errand if any."""
    asked = message["link"]
    link = ""
    if asked["errand"]:
        expires_at_epoch_s = now_epoch_s + asked["life_s"]
        token = errand_links.mint(
            asked["errand"], asked["subject"], expires_at_epoch_s=expires_at_epoch_s
        )
        link = f"{require_url('PUBLIC_BASE_URL')}/{asked['path']}/{token}"
    values = {name: message[name] for name in ("about", "school_name", "details")}
    return Mail("request", message["address"], message["language"], {**values, "link": link})


_MAKERS: Mapping[str, Callable[[Mapping[str, Any], int], Mail | None]] = {
    "invitation": _invitation,
    "answer": _answer,
    "appointment": _appointment,
    "review_due": _review_due,
    "home_invitation": _home_invitation,
    "password_reset": _password_reset,
    "password_changed": _password_changed,
    "second_factor_reset": _second_factor_reset,
    "key_notice": _key_notice,
    "agreement": _agreement,
    "agreement_code": _agreement_code,
    "guessed": _guessed,
    "new_device": _new_device,
    "request": _request,
}


def _mint(purpose: Purpose, credential: Credential, now_epoch_s: int) -> str:
    token = ids.new_token()
    link = mail_links.issue(purpose, ids.sha256_hex(token), credential, now_epoch_s=now_epoch_s)
    store.mint(link)
    return f"{require_url('PUBLIC_BASE_URL')}/{_STAFF_PATH[purpose]}/{token}"


def _send(mail: Mail, request_id: str, now_epoch_s: int) -> str:
    sender = require("MAIL_FROM")
    raw = mail_text.compose(
        mail.template,
        mail.language,
        to=mail.to,
        sender=sender,
        now_epoch_s=now_epoch_s,
        **mail.values,
    )
    answer = aws.client("sesv2").send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": [mail.to]},
        Content={"Raw": {"Data": raw}},
        ConfigurationSetName=require("MAIL_CONFIGURATION_SET"),
        EmailTags=[{"Name": mail_events.REQUEST_TAG, "Value": request_id}],
    )
    return str(answer["MessageId"])
