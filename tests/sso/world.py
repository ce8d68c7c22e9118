"""An invented school with a publisher, and the publisher's server in a few lines of its own."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from joserfc.jwk import ECKey

from infra.local.gateway import HttpRequest
from infra.local.house import House
from infra.local.stand_ins import publisher as stand_in
from infra.local.stand_ins.publisher_registry import client_key
from infra.local.visitor import Answer, Visitor
from login.session_start import SignedIn, session_item
from schoolpoort import clock, dynamodb, ids, sessions, settings
from sso import client_assertion, publishers

SCHOOL_ID = "42"
OTHER_SCHOOL_ID = "43"
TEACHER = "7"
COORDINATOR = "8"
PUBLISHER = "rekenrijk"
SITE = "http://127.0.0.1:18080"
CALLBACK = f"{SITE}/_publisher/{PUBLISHER}/callback"
VERIFIER = "a-verifier-of-exactly-forty-three-characters"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge, computed here by the RFC's words."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def query_of(location: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def unsafe_claims(id_token: str) -> dict[str, Any]:
    """Return the claims of a token without checking anything."""
    payload = id_token.split(".")[1]
    padding = "=" * (-len(payload) % 4)
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + padding))
    return found


@dataclass(slots=True)
class World:
    """A covered school linked to a publisher, with a teacher and a coordinator."""

    house: House
    key: ECKey = field(default_factory=lambda: client_key(PUBLISHER))

    @property
    def issuer(self) -> str:
        """Return what the provider calls itself."""
        return self.house.base_url

    def build(self) -> None:
        """Write what the other contexts would have written."""
        for slug in stand_in.PUBLISHERS:
            publishers.register(stand_in.registration(SITE, slug))
        self.put_membership(TEACHER, ["teacher"])
        self.put_membership(COORDINATOR, ["ict_coordinator"])
        self.put_coverage()
        self.put_link()
        self.put_person()

    def put_membership(
        self, account_id: str, roles: list[str], scope: str = f"school#{SCHOOL_ID}"
    ) -> None:
        """Give an account roles in a scope."""
        membership = {
            "account_id": account_id,
            "scope": scope,
            "roles": roles,
            "scope_name": "De Wilgenhof",
            "address": f"{account_id}@wilgenhof.example",
            "display_name": "Noor de Wit",
        }
        dynamodb.put(settings.require("ACCOUNTS_TABLE"), membership)

    def put_coverage(
        self,
        *,
        since: str = "2020-01-01",
        until: str | None = None,
        declared: tuple[str, ...] = (PUBLISHER,),
    ) -> None:
        """Cover the school from a day to a day, and declare agreements with publishers."""
        period = {"state": "covered_board", "agreement_id": "900", "since": since, "until": until}
        coverage = {
            "school_id": SCHOOL_ID,
            "board_number": "40001",
            "periods": [period],
            "declarations": [
                {"party_id": party, "party_name": party, "since": since, "until": None}
                for party in declared
            ],
        }
        dynamodb.put(settings.require("COVERAGE_TABLE"), coverage)

    def put_link(self, fields: tuple[str, ...] = ("given_name", "groups")) -> None:
        """Link the school to the publisher for these optional fields."""
        link = {
            "school_id": SCHOOL_ID,
            "publisher_id": PUBLISHER,
            "publisher_name": "Rekenrijk",
            "fields": list(fields),
            "linked_at_epoch_s": 1_790_000_000,
            "linked_by": COORDINATOR,
        }
        dynamodb.put(settings.require("SCHOOL_LINKS_TABLE"), link)

    def remove_link(self) -> None:
        """Unlink the school."""
        key = {"school_id": SCHOOL_ID, "publisher_id": PUBLISHER}
        dynamodb.delete(settings.require("SCHOOL_LINKS_TABLE"), key)

    def put_person(self, *, given_name: str = "Noor", active: bool = True) -> None:
        """Put the teacher in the school's roster."""
        group = {"group_id": "501", "name": "5 Rood", "year_group": "5"}
        person = {
            "school_id": SCHOOL_ID,
            "item_key": "person#77",
            "kind": "staff",
            "given_name": given_name,
            "prefix": "de",
            "surname": "Wit",
            "las_key": "las-77",
            "groups": [group],
            "active": active,
        }
        dynamodb.put(settings.require("ROSTER_TABLE"), person)

    def visitor(
        self, account_id: str = TEACHER, scope: str = f"school#{SCHOOL_ID}", age_s: int = 0
    ) -> Visitor:
        """Return a browser in which an account signed in `age_s` seconds ago."""
        browser = Visitor(self.house.call)
        self.sign_in(browser, account_id, scope, age_s)
        return browser

    def sign_in(
        self,
        browser: Visitor,
        account_id: str = TEACHER,
        scope: str = f"school#{SCHOOL_ID}",
        age_s: int = 0,
    ) -> None:
        """Sign an account in, in a browser."""
        secret = ids.new_secret()
        person_id = "77" if account_id == TEACHER else None
        now_epoch_s = clock.now_epoch_s()
        who = SignedIn(account_id, "Noor de Wit", scope, person_id, "nl", now_epoch_s)
        item = session_item(
            who,
            session_hash=ids.sha256_hex(secret),
            stage="local",
            now_epoch_s=clock.now_epoch_s() - age_s,
        )
        dynamodb.put(settings.require("SESSIONS_TABLE"), item)
        browser.cookies[sessions.COOKIE_NAME] = secret

    def ask(self, browser: Visitor, **changes: str | None) -> Answer:
        """Send a browser to authorize with a right request, changed; None leaves a field out."""
        return browser.get(f"/oauth2/authorize?{urlencode(self.question(**changes))}")

    def question(self, **changes: str | None) -> dict[str, str]:
        """Return the fields of a right sign-on request, changed."""
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": PUBLISHER,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "state-of-the-browser",
            "nonce": "nonce-of-the-browser",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        fields.update(changes)
        return {name: value for name, value in fields.items() if value is not None}

    def code(self, browser: Visitor | None = None, **changes: str | None) -> str:
        """Return a fresh code for the teacher."""
        answer = self.ask(browser or self.visitor(), **changes)
        assert answer.status == 303, answer.text
        return query_of(answer.location)["code"]

    def assertion(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return the publisher's signed proof, with claims changed; None leaves a claim out."""
        now = clock.now_epoch_s()
        claims = {
            "iss": PUBLISHER,
            "sub": PUBLISHER,
            "aud": f"{self.issuer}/oauth2/token",
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 60,
            **changes,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        pem = self.key.as_pem(private=True)
        return jwt.encode(told, pem, algorithm="ES256", headers=header or {"kid": f"{PUBLISHER}-1"})

    def exchange(self, code: str, **changes: str | None) -> Answer:
        """Present a code as the publisher's server does, with fields changed."""
        fields: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_assertion_type": client_assertion.TYPE,
            **changes,
        }
        if "client_assertion" not in fields:
            fields["client_assertion"] = self.assertion()
        form = {name: value for name, value in fields.items() if value is not None}
        return self.post_token(urlencode(form))

    def post_token(self, body: str, **headers: str) -> Answer:
        """Post to the token endpoint as a server that knows nothing of browsers."""
        sent = {"content-type": "application/x-www-form-urlencoded", **headers}
        return self.machine("POST", "/oauth2/token", body, **sent)

    def userinfo(self, access_token: str, method: str = "GET") -> Answer:
        """Ask what an access token gives a right to hear."""
        return self.machine(method, "/oauth2/userinfo", authorization=f"Bearer {access_token}")

    def machine(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Send a request without cookies."""
        sent = tuple(headers.items())
        response = self.house.call(HttpRequest(method, path, sent, body.encode(), "192.0.2.7"))
        found = {name.lower(): value for name, value in response.headers}
        return Answer(response.status, found, response.body.decode())

    def ledger(self) -> list[dict[str, Any]]:
        """Return every row of the school's ledger."""
        values = {":school": SCHOOL_ID}
        table = settings.require("LEDGER_TABLE")
        return dynamodb.query(table, "school_id = :school", values=values)
