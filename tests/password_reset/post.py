"""The mail job and the pages of links on an empty cloud, with time standing still."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from schoolpoort import aws as product_aws
from schoolpoort import captcha, clock, credentials, dynamodb, settings

NOOR = "noor.dewit@vlieger.example"
SCHOOL = "school#42"
PASSWORD = "Zonnebloem4you"
SAID: dict[str, Any] = {
    "display_name": "Noor de Wit",
    "scope_name": "De Vlieger",
    "school_name": "De Vlieger",
    "link": "https://schoolpoort.example/activate/0b0ce9c7-3e34-4a57-9d5d-2f4c2b2a9e11",
    "entries": [
        {"at": at, "purpose": purpose, "link": f"https://schoolpoort.example/{path}"}
        for at, purpose, path in (
            ("staff", "reset", "password/0b0ce9c7-3e34-4a57-9d5d-2f4c2b2a9e11"),
            ("home", "activation", "activate/5d1b6f43-7a0f-4d0e-8b8a-1c9d6b0e7a22"),
        )
    ],
    "days": 7,
    "minutes": 60,
    "supplier": "parnassys",
    "due": "2027-08-01",
    "days_left": 30,
    "news": "offered",
    "board_name": "Stichting Noorderlicht",
    "name": "Bas Bestuur",
    "reason": "de looptijd ontbreekt",
    "day": "01-08-2027",
    "code": "7KQ2 M9TD",
    "question": "Hoe dan?",
    "answer": "Zo.",
    "is_home": False,
    "browser": "Firefox, Windows",
    "account": "https://schoolpoort.example/account",
    "about": "received",
    "details": ["Het uittreksel ontbreekt."],
    "by_name": "Esther Postma",
    "groups": "Groep 5, Groep 6",
}
"""Everything that a template of a mail may say."""

_LINK = re.compile(r"https?://[^/\s]+(/(?:activate|password)/[0-9a-f-]{36})")


@dataclass(slots=True)
class Post:
    """The mail function and its pages, and what a test needs around them."""

    house: House
    now_epoch_s: int = field(default_factory=clock.now_epoch_s)

    def move_clock(self, by_s: int) -> None:
        """Let time pass; between moves it stands still."""
        self.now_epoch_s += by_s
        clock.replace_source(lambda: self.now_epoch_s)

    def work(self, *messages: dict[str, Any]) -> list[str]:
        """Hand messages to the mail job, as its role; return the ids that must come back."""
        records = [
            {"messageId": str(number), "body": json.dumps(message)}
            for number, message in enumerate(messages)
        ]
        answer = self.house.invoke("MailFunction", {"Records": records})
        assert answer is not None, self.house.failures
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def links(self, address: str = NOOR) -> list[str]:
        """Return the paths of the links that were mailed to an address, newest first."""
        found = [
            found[1]
            for mail in self.house.mails()
            if address in mail["to"]
            for found in _LINK.finditer(mail["text"])
        ]
        return list(dict.fromkeys(found))

    def visitor(self) -> Visitor:
        """Return somebody with a browser of his own."""
        return Visitor(self.house.call)

    def set_password(self, path: str, password: str = PASSWORD, again: str | None = None) -> Answer:
        """Send the form of a link, with the box ticked."""
        form = {"password": password, "password_again": password if again is None else again}
        return self.visitor().post(path, {**form, captcha.FIELD: google.issue_token()})

    def credential(self, address: str = NOOR) -> credentials.Credential | None:
        """Return what is stored for an address."""
        return credentials.find(credentials.staff_key(address))

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return every item of a table, by the name of its setting."""
        found = product_aws.client("dynamodb").scan(TableName=settings.require(table))
        return [dynamodb._plain(item) for item in found["Items"]]

    def queued(self) -> list[dict[str, Any]]:
        """Take the messages that wait in the mail queue."""
        url = settings.require("MAIL_QUEUE")
        client = product_aws.client("sqs")
        found = []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


def invitation(request_id: str = "r1", **changes: Any) -> dict[str, Any]:
    """Return the message that asks for an invitation."""
    return {
        "kind": "invitation",
        "request_id": request_id,
        "address": NOOR,
        "display_name": "Noor de Wit",
        "language": "nl",
        "scope": SCHOOL,
        "scope_name": "De Vlieger",
        "roles": ["teacher"],
        "person_id": "9",
    } | changes


def reset(request_id: str = "r2", address: str = NOOR) -> dict[str, Any]:
    """Return the message that asks for a link to a new password."""
    return {"kind": "password_reset", "request_id": request_id, "address": address}


@contextmanager
def broken(service: str, number: int, *, error: Exception) -> Iterator[list[str]]:
    """Let the call of this number (from 0) to a service fail before it is sent."""
    events = product_aws.client(service).meta.events
    seen: list[str] = []

    def stop(model: Any, **_: Any) -> None:
        seen.append(model.name)
        if len(seen) == number + 1:
            raise error

    events.register("before-call", stop, unique_id="broken")
    try:
        yield seen
    finally:
        events.unregister("before-call", unique_id="broken")


@contextmanager
def cut_off(service: str, number: int, error: BaseException, *, when: str) -> Iterator[None]:
    """Let the process end at the call of this number (from 0): before it, or just after it."""
    events = product_aws.client(service).meta.events
    name = "before-call" if when == "before" else "after-call"
    count = 0

    def end(**_: Any) -> None:
        nonlocal count
        count += 1
        if count == number + 1:
            raise error

    events.register(name, end, unique_id="cut-off")
    try:
        yield
    finally:
        events.unregister(name, unique_id="cut-off")
