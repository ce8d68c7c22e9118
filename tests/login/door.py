"""The login function on an empty cloud, with what a test needs around it."""

import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.stand_ins.http import StandInRequest
from infra.local.visitor import Answer, Visitor
from login import totp
from schoolpoort import aws as product_aws
from schoolpoort import captcha, clock, credentials, dynamodb, kept_hashes, passwords, settings

NOOR = "noor.dewit@vlieger.example"
BAS = "bas.bestuur@noorderlicht.example"
PASSWORD = "zeven zalmen 7"


@dataclass(slots=True)
class Door:
    """The login function behind the local gateway, and what a test needs around it."""

    house: House
    calls: list[str] = field(default_factory=list)
    now_epoch_s: int = field(default_factory=clock.now_epoch_s)
    apps: dict[str, str] = field(default_factory=dict)

    def visitor(self, source_ip: str = "192.0.2.7") -> Visitor:
        """Return somebody with a browser of his own."""
        return Visitor(self.house.call, source_ip)

    def sign_in(
        self,
        visitor: Visitor,
        email: str = NOOR,
        password: str = PASSWORD,
        token: str | None = None,
        **fields: str,
    ) -> Answer:
        """Send the form with a fresh captcha token, or with a given one; count from here."""
        form = {"email": email, "password": password, captcha.FIELD: token or google.issue_token()}
        self.calls.clear()
        return visitor.post("/login", form | fields)

    def enter(self, visitor: Visitor, email: str = NOOR, **fields: str) -> Answer:
        """Sign in with every step that is asked, at the first place that is offered."""
        answer = self.sign_in(visitor, email, **fields)
        while (path := answer.location).startswith("/login/"):
            shown = visitor.get(path)
            if path == "/login/choice":
                place = re.search(r'name="scope" value="([^"]+)"', shown.text)
                assert place
                answer = visitor.post(path, {"scope": place[1]})
                continue
            if path == "/login/second-factor":
                self.apps[email] = letters(shown)
            answer = visitor.post(path, {**shown.hidden_fields(), "code": self.code(email)})
            if path == "/login/second-factor":
                on = re.search(r'<p class="actions"><a [^>]*href="([^"]+)"', answer.text)
                assert on, answer.text
                answer = replace(answer, status=303, headers={"location": on[1]})
        return answer

    def code(self, email: str) -> str:
        """Return the code that somebody's app shows now; the next one is new."""
        self.move_clock(totp.STEP_S)
        return totp.code_at(self.apps[email], self.now_epoch_s // totp.STEP_S)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return every item of a table, by the name of its setting."""
        client = product_aws.client("dynamodb")
        found = client.scan(TableName=settings.require(table))["Items"]
        return [dynamodb._plain(item) for item in found]

    def events(self) -> list[dict[str, Any]]:
        """Return the record of sign-ins, oldest first."""
        return sorted(self.items("SIGN_IN_EVENTS_TABLE"), key=lambda item: item["event_id"])

    def move_clock(self, by_s: int) -> None:
        """Let time pass; between moves it stands still."""
        self.now_epoch_s += by_s
        clock.replace_source(lambda: self.now_epoch_s)


def letters(page: Answer) -> str:
    """Return the secret that a page of setting up shows for typing."""
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found, page.text
    return found[1].replace(" ", "")


def put_account(
    address: str, account_id: str, scope: str, *, name: str, roles: list[str], password: str | None
) -> None:
    """Write an account as the password_reset function does."""
    credential = {
        "address_key": credentials.staff_key(address),
        "account_id": account_id,
        "password_version": 1,
        "language": "nl",
        "schema_version": 1,
    }
    if password is not None:
        kept = kept_hashes.sealed(_hashed(password), owner=account_id)
        credential["password_hash"] = kept
    dynamodb.put(settings.require("CREDENTIALS_TABLE"), credential)
    profile = {"account_id": account_id, "scope": "profile", "display_name": name}
    dynamodb.put(settings.require("ACCOUNTS_TABLE"), {**profile, "address": address})
    membership = {
        "account_id": account_id,
        "scope": scope,
        "scope_name": "De Vlieger",
        "roles": roles,
        "person_id": "9" if scope.startswith("school#") else None,
        "display_name": name,
        "address": address,
        "invited_at_epoch_s": 1_700_000_000,
        "schema_version": 1,
    }
    dynamodb.put(settings.require("ACCOUNTS_TABLE"), membership)


_HASHES: dict[str, str] = {}


def _hashed(password: str) -> str:
    if password not in _HASHES:
        _HASHES[password] = passwords.hash_password(password)
    return _HASHES[password]


def ask_stand_in(url: str, fields: dict[str, str]) -> dict[str, Any] | None:
    """Carry a siteverify request to the stand-in without a socket."""
    body = urlencode({"secret": "local-secret-key", **fields}).encode()
    answer = google.handle(StandInRequest("POST", urlsplit(url).path, {}, {}, body))
    if answer is None or answer.status == 0:
        return None
    return captcha.recaptcha._parsed(answer.status, answer.body)
