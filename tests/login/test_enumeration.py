"""Nobody can tell an address that somebody has from one that nobody has: counted, not timed.

Every door makes the same AWS calls, gives the same status, headers and cookies, and a page of the
same size, whoever knocks. Time is taken in `make soak` alone; the suite only sees that the
statistic finds a leak in numbers that were made up.
"""

import os
import random
import time
from collections.abc import Iterator
from typing import Any

import moto.core.models
import pytest

from infra.bench import timing
from infra.local.stand_ins import google
from infra.local.visitor import Answer
from login import home_store, pictures
from password_reset import link_store, mail_links
from schoolpoort import aws as product_aws
from schoolpoort import captcha, credentials, dynamodb, ids, kept_hashes, settings
from tests.amounts import IS_SOAK
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


ROUNDS = int(os.environ.get("TIMING_ROUNDS", "50")) if IS_SOAK else 2
_LEAK_S = 0.005
_RUNS_WITH_A_LEAK = 20
_OTHER_PURPOSE = "0b0ce9c7-3e34-4a57-9d5d-2f4c2b2a9e11"
_WAYS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "sign-in, wrong password": ("/login", {"email": NOOR}, {"email": NOBODY}),
    "sign-in, no place to work": ("/login", {"email": INACTIVE}, {"email": NOBODY}),
    "sign-in, no password yet": ("/login", {"email": NEW}, {"email": NOBODY}),
    "sign-in, password left empty": (
        "/login",
        {"email": NOOR, "password": ""},
        {"email": NOBODY, "password": ""},
    ),
    "forgotten password": ("/password/forgotten", {"email": NOOR}, {"email": NOBODY}),
    "forgotten, never activated": ("/password/forgotten", {"email": NEW}, {"email": NOBODY}),
    "activation, a token of another page": (
        f"/activate/{_OTHER_PURPOSE}",
        {"password_again": WRONG},
        {"password_again": WRONG},
    ),
    "at home, wrong password": ("/login/home", {"email": PARENT}, {"email": NOBODY}),
}
"""The page, and what is filled in for somebody who is known and for nobody."""


def _begin_anew() -> None:
    """Forget all budgets, so that every request is the first of its kind."""
    table = settings.require("THROTTLE_TABLE")
    client = product_aws.client("dynamodb")
    items = client.scan(TableName=table, ProjectionExpression="budget_key")["Items"]
    keys = [{"budget_key": item["budget_key"]["S"]} for item in items]
    dynamodb.batch_write(table, deletes=keys)


_in_emulator_s = [0.0]


@pytest.fixture
def emulator_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the CPU seconds of the emulated AWS: they grow with the items it finds."""
    stubber = type(moto.core.models.botocore_stubber)
    answer = stubber.__call__

    def counted(self: Any, *arguments: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return answer(self, *arguments, **named)
        finally:
            _in_emulator_s[0] += time.thread_time() - begun

    monkeypatch.setattr(stubber, "__call__", counted)


def _own_s() -> float:
    return time.thread_time() - _in_emulator_s[0]


def _timed(
    door: Door, path: str, fields: dict[str, str], *, leak_s: float = 0
) -> tuple[float, tuple[object, ...]]:
    """Return the CPU seconds of an answer, and what can be seen of it."""
    email = fields.get("email", "")
    form = {"password": WRONG, captcha.FIELD: google.issue_token(), **fields}
    visitor = door.visitor()
    begun = _own_s()
    answer = visitor.post(path, form)
    leaks_until = time.thread_time() + leak_s
    while time.thread_time() < leaks_until:
        pass
    taken = _own_s() - begun
    names = sorted(line.partition("=")[0] for line in answer.set_cookies)
    return taken, (*looks(answer, email), names)


def _pair(
    door: Door, way: tuple[str, dict[str, str], dict[str, str]], number: int, leak_s: float = 0
) -> tuple[float, float]:
    """Send both of a way, in one order or the other; what is seen of them is equal."""
    path, known, nobody = way
    nobodys_path = f"/activate/{ids.new_token()}" if path.startswith("/activate") else path
    _begin_anew()
    both = [(path, known, leak_s), (nobodys_path, nobody, 0.0)]
    if number % 2:
        both.reverse()
    found = [_timed(door, at, fields, leak_s=leak) for at, fields, leak in both]
    if number % 2:
        found.reverse()
    assert found[0][1] == found[1][1]
    return found[0][0], found[1][0]


@pytest.fixture
def link_of_another_page(door: Door) -> None:
    """Keep a link for a new password that works, at its own page alone."""
    link = mail_links.Link(
        token_hash=ids.sha256_hex(_OTHER_PURPOSE),
        purpose=mail_links.Purpose.RESET,
        account_id="7",
        address_key=credentials.staff_key(NOOR),
        password_version=1,
        issued_at_epoch_s=door.now_epoch_s,
        expires_at_epoch_s=door.now_epoch_s + 3600,
        request_id="r",
    )
    dynamodb.transact([link_store.new_link(link)])


@pytest.mark.soak
@pytest.mark.usefixtures("people", "link_of_another_page", "emulator_apart")
def test_nobody_can_tell_who_is_known(door: Door) -> None:
    """Eight ways to ask after somebody look the same, and in `make soak` take as long."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in _WAYS}
    for number in range(ROUNDS):
        for name, way in _WAYS.items():
            taken[name].append(_pair(door, way, number))
    if not IS_SOAK:
        return
    few = max(10, ROUNDS // 20)
    way = _WAYS["sign-in, wrong password"]
    planted = [
        timing.gap([_pair(door, way, number, _LEAK_S) for number in range(few)])
        for _ in range(_RUNS_WITH_A_LEAK)
    ]
    text = timing.page(taken, planted=planted, planted_rounds=few)
    timing.REPORT.write_text(text, "utf-8")
    assert "missed" not in text, text
    assert not any(one.is_within for one in planted)


@pytest.mark.parametrize("seed", range(20))
def test_the_statistic_finds_a_leak_of_five_milliseconds(seed: int) -> None:
    """In numbers as noisy as a busy machine's; without the leak it finds none."""
    chance = random.Random(seed)

    def noisy() -> float:
        return 0.03 + chance.expovariate(1 / 0.004)

    pairs = [(noisy(), noisy()) for _ in range(400)]
    assert timing.gap(pairs).is_within
    assert not timing.gap([(one + _LEAK_S, other) for one, other in pairs]).is_within
    assert not timing.gap([(one, other + _LEAK_S) for one, other in pairs]).is_within
