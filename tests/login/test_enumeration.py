"""Nobody can tell an address that somebody has from one that nobody has: counted, not timed.

What is timed stands in `make soak`; here every door makes the same AWS calls, gives the same status
and headers, and a page of the same size, whoever knocks.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer
from login import home_store, pictures
from schoolpoort import aws as product_aws
from schoolpoort import captcha, credentials, dynamodb, kept_hashes, settings
from tests.login.door import NOOR, PASSWORD, Door, _hashed, put_account

WRONG = "helemaal fout 1"
NOBODY = "niemand.hier@vlieger.example"
EMPTY = "leeg@vlieger.example"
INACTIVE = "zonder.plek@vlieger.example"
NEW = "nieuw@vlieger.example"
PARENT = "ouder@thuis.example"
ALONE = "alleen@thuis.example"


@pytest.fixture
def counted(door: Door) -> Iterator[list[str]]:
    """Return every call of every AWS service, as it is made."""
    made: list[str] = []
    clients = [product_aws.client(name) for name in ("dynamodb", "sqs", "kms")]

    def count(event_name: str = "", **_: Any) -> None:
        made.append(event_name.partition(".")[2])

    for client in clients:
        client.meta.events.register("before-send", count, unique_id="counted")
    yield made
    for client in clients:
        client.meta.events.unregister("before-send", unique_id="counted")


@pytest.fixture
def people(door: Door) -> None:
    """Write an account of each kind: known, without place, without password; parents too."""
    put_account(INACTIVE, "12", "school#42", name="Z", roles=[], password=PASSWORD)
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "12", "scope": "school#42"})
    put_account(NEW, "11", "school#42", name="N", roles=[], password=None)
    for address, account_id in ((PARENT, "21"), (ALONE, "22")):
        item = {
            "address_key": credentials.home_key(address),
            "account_id": account_id,
            "password_hash": kept_hashes.sealed(_hashed(PASSWORD), owner=account_id),
            "password_version": 1,
            "language": "nl",
        }
        dynamodb.put(settings.require("CREDENTIALS_TABLE"), item)
    assert home_store.add_address("42", "3", PARENT, picture=pictures.ALL[0].code, request_id="r")
    ends = door.now_epoch_s + 60
    assert home_store.put_code("42", "3", PARENT, "card", ends_at_epoch_s=ends)
    waiting = home_store.Waiting("42", "3", code_hash="card")
    home_key = credentials.home_key(PARENT)
    assert home_store.prove(home_key, waiting, now_epoch_s=door.now_epoch_s)


def knock(door: Door, path: str, email: str) -> Answer:
    """Send a door's form with a wrong password from a browser of its own."""
    form = {"email": email, "password": WRONG, captcha.FIELD: google.issue_token()}
    return door.visitor().post(path, form)


def looks(answer: Answer, email: str) -> tuple[object, ...]:
    """Return what can be seen of an answer but what was typed and what is random."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"content-security-policy", "set-cookie"}
    }
    return answer.status, headers, len(answer.text) - answer.text.count(email) * len(email)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("path", "emails"),
    [
        ("/login", (NOOR, NOBODY, INACTIVE, NEW)),
        ("/login/home", (PARENT, ALONE, NOBODY, NOOR)),
        ("/password/forgotten", (NOOR, NOBODY, INACTIVE, NEW)),
        ("/password/forgotten?at=home", (PARENT, ALONE, NOBODY)),
    ],
)
def test_every_door_does_and_says_the_same_for_everybody(
    door: Door, counted: list[str], path: str, emails: tuple[str, ...]
) -> None:
    """Same calls, status, headers and size."""
    seen = []
    for email in emails:
        knock(door, path, email)
        counted.clear()
        answer = knock(door, path, email)
        assert counted
        seen.append((tuple(counted), looks(answer, email)))
    assert len({calls for calls, _ in seen}) == 1, seen
    assert all(look == seen[0][1] for _, look in seen)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("path", ["/login", "/login/home"])
def test_waiting_is_the_same_for_everybody(door: Door, counted: list[str], path: str) -> None:
    """Also when the budget is empty, with the mail that only an owner gets."""
    known = NOOR if path == "/login" else PARENT
    seen = []
    for email in (known, NOBODY):
        for _ in range(10):
            knock(door, path, email)
        for _ in range(2):
            counted.clear()
            answer = knock(door, path, email)
            assert answer.status == 429
            seen.append((tuple(counted), looks(answer, email)))
    assert seen[:2] == seen[2:]


@pytest.mark.parametrize("path", ["/login", "/login/home"])
def test_an_empty_form_asks_nothing_of_aws(door: Door, counted: list[str], path: str) -> None:
    """Without an address or a password there is nothing to look up."""
    for email, password in (("", WRONG), (NOOR, ""), ("", "")):
        counted.clear()
        assert door.visitor().post(path, {"email": email, "password": password}).status == 400
        assert counted == []
