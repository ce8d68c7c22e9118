"""Known browsers, school networks, what owners hear, and sessions that go on in a lesson."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import cloud as local_cloud
from infra.local.stand_ins import google
from infra.local.visitor import Visitor
from login import known_devices, pupil_store, throttle
from login.known_devices import Device, Owner
from schoolpoort import captcha, dynamodb, school_networks, sessions, settings
from tests.amounts import often
from tests.login.door import BAS, NOOR, PASSWORD, Door, put_account

KNOWN = known_devices.COOKIE_NAME
WRONG = "helemaal fout 1"
AT_SCHOOL = "145.20.30.4"
PEPPER = b"p" * 32


def register(door: Door, cidr: str = "145.20.30.0/28", school_id: str = "42") -> None:
    """Let a school register its network."""
    change = pupil_store.add_network(school_id, cidr, added_by="1", now_epoch_s=door.now_epoch_s)
    dynamodb.transact(change)


def mails(door: Door) -> list[dict[str, Any]]:
    """Return what was asked of the mail job, and take it off the queue."""
    sqs = local_cloud.client("sqs")
    url = settings.require("MAIL_QUEUE")
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def guess(door: Door, times: int, email: str = NOOR, source_ip: str = "198.51.100.9") -> Visitor:
    """Guess so many times from one browser."""
    guesser = door.visitor(source_ip)
    for _ in range(times):
        door.sign_in(guesser, email=email, password=WRONG)
    return guesser


# --- the cookie -----------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_no_text_is_taken_for_a_browser_of_an_account(value: str) -> None:
    """Whatever stands in the cookie, no account knows it."""
    device = known_devices.read(value)
    assert not known_devices.knows(device, Owner("a" * 64, 1), PEPPER)


def test_a_browser_knows_each_of_its_owners_and_nobody_else() -> None:
    """A tag is for one account, one password, one browser and one key; the first goes first."""
    device = Device("n" * 43)
    for number in range(known_devices.MOST_ACCOUNTS + 1):
        device = known_devices.with_owner(device, Owner(str(number), 1), PEPPER)
    assert known_devices.read(device.cookie_value()) == device
    known = [
        known_devices.knows(device, Owner(str(number), 1), PEPPER)
        for number in range(known_devices.MOST_ACCOUNTS + 1)
    ]
    assert known == [False] + [True] * known_devices.MOST_ACCOUNTS
    assert not known_devices.knows(device, Owner("5", 2), PEPPER)
    assert not known_devices.knows(device, Owner("5", 1), b"q" * 32)
    assert not known_devices.knows(Device("m" * 43, device.tags), Owner("5", 1), PEPPER)
    again = known_devices.with_owner(device, Owner("5", 1), PEPPER)
    assert len(again.tags) == known_devices.MOST_ACCOUNTS


def test_the_cookie_says_nothing_of_its_owner(door: Door, visitor: Visitor) -> None:
    """Random bytes and tags: no address, no id; it lives a year and no script reads it."""
    answer = door.sign_in(visitor)
    (line,) = [one for one in answer.set_cookies if one.startswith(KNOWN)]
    assert "HttpOnly" in line
    assert f"Max-Age={known_devices.LIFE_S}" in line
    refused = door.sign_in(door.visitor(), password=WRONG)
    assert not any(one.startswith(KNOWN) for one in refused.set_cookies)


# --- budgets --------------------------------------------------------------------------------


def test_guessing_elsewhere_takes_nothing_from_a_known_browser(door: Door) -> None:
    """While somebody uses up the account's budget, its owner is in at once."""
    owner = door.visitor()
    door.sign_in(owner)
    guess(door, throttle.ACCOUNT.failures + 1)
    assert door.sign_in(door.visitor()).status == 429
    assert door.sign_in(owner).status == 303
    assert len(door.calls) == 4


def test_a_known_browser_has_a_budget_too(door: Door) -> None:
    """Who sits at it guesses twenty times, and then waits like anybody."""
    owner = door.visitor()
    door.sign_in(owner)
    for _ in range(throttle.DEVICE.failures):
        assert door.sign_in(owner, password=WRONG).status == 401
    assert door.sign_in(owner).status == 429
    door.move_clock(throttle.TICKET_DELAY_S)
    assert door.sign_in(owner).status == 303


def test_another_password_makes_browsers_unknown(door: Door) -> None:
    """After a new password the old browsers share the budget of all others."""
    owner = door.visitor()
    door.sign_in(owner)
    item = {**door.items("CREDENTIALS_TABLE")[0]}
    (item,) = [one for one in door.items("CREDENTIALS_TABLE") if one.get("account_id") == "7"]
    dynamodb.put(settings.require("CREDENTIALS_TABLE"), item | {"password_version": 2})
    guess(door, throttle.ACCOUNT.failures)
    assert door.sign_in(owner).status == 429


def test_a_school_behind_one_address_guesses_more_before_it_waits(door: Door) -> None:
    """Sixty-one wrong passwords of a whole school keep nobody there waiting; elsewhere they do."""
    register(door)
    for source_ip, status in ((AT_SCHOOL, 303), ("145.20.31.4", 429)):
        draws = throttle.draws(
            account_hash="x", source_ip=source_ip, now_epoch_s=door.now_epoch_s, is_at_school=True
        )[-1:]
        table = settings.require("THROTTLE_TABLE")
        dynamodb.put(
            table,
            {
                "budget_key": draws[0].budget_key,
                "spent": 61,
                "expires_at_epoch_s": door.now_epoch_s + 999,
            },
        )
        assert door.sign_in(door.visitor(source_ip)).status == status


@pytest.mark.parametrize(
    ("cidr", "source_ip", "is_in"),
    [
        ("145.20.30.0/28", "145.20.30.15", True),
        ("145.20.30.0/28", "145.20.30.16", False),
        ("145.20.30.0/24", "145.20.30.255", True),
        ("2a02:1234:5678::/48", "2a02:1234:5678:1::7", True),
        ("2a02:1234:5678:1::/64", "2a02:1234:5678:2::7", False),
        ("145.20.30.0/28", "::ffff:145.20.30.3", True),
        ("145.20.30.0/28", "nonsense", False),
    ],
)
def test_a_network_is_found_by_one_key(
    door: Door, cidr: str, source_ip: str, *, is_in: bool
) -> None:
    """Every range stands where an address in it looks; a range that is gone or old does not."""

    def found() -> bool:
        table, key = pupil_store.near_key(source_ip)
        near = dynamodb.get(table, key)
        return school_networks.is_of_school(source_ip, near, now_epoch_s=door.now_epoch_s)

    register(door, cidr)
    register(door, cidr, "43")
    assert found() is is_in
    dynamodb.transact(pupil_store.remove_network("43", cidr))
    assert found() is is_in
    door.move_clock(school_networks.FORGOTTEN_AFTER_S)
    assert not found()
    pupil_store.see_network("42", cidr, now_epoch_s=door.now_epoch_s)
    assert found() is is_in
    dynamodb.transact(pupil_store.remove_network("42", cidr))
    assert not found()


# --- what owners hear -----------------------------------------------------------------------


def test_an_owner_hears_once_a_day_that_somebody_guesses(door: Door) -> None:
    """However long it goes on; and the request looks the same where nobody is."""
    for email in (NOOR, "niemand@vlieger.example"):
        guess(door, throttle.ACCOUNT.failures, email)
        calls = []
        for _ in range(3):
            assert door.sign_in(door.visitor(), email=email).status == 429
            calls.append(list(door.calls))
        asked = mails(door)
        assert [(one["kind"], one["address"]) for one in asked] == [("guessed", email)]
        assert calls[0] == ["BatchGetItem", *["TransactWriteItems"] * 2, "PutItem", calls[0][-1]]
        door.move_clock(throttle.TOLD_EVERY_S)
        guess(door, throttle.ACCOUNT.failures + 1, email)
        assert len(mails(door)) == 1


def test_an_empty_network_is_nobodys_guessing(door: Door) -> None:
    """Who waits because of his network gets no mail about his account."""
    (draw,) = throttle.draws(
        account_hash="x", source_ip="203.0.113.5", now_epoch_s=door.now_epoch_s
    )[-1:]
    row = {"budget_key": draw.budget_key, "spent": 60, "expires_at_epoch_s": 2**40}
    dynamodb.put(settings.require("THROTTLE_TABLE"), row)
    assert door.sign_in(door.visitor("203.0.113.5")).status == 429
    assert mails(door) == []


def test_a_new_browser_is_told_at_most_once_a_week(door: Door) -> None:
    """The first browser of all is the owner's; a known one and a school's network tell nothing."""
    register(door)
    owner = door.visitor()
    door.sign_in(owner)
    door.sign_in(owner)
    door.sign_in(door.visitor(AT_SCHOOL))
    assert mails(door) == []
    door.sign_in(door.visitor())
    door.sign_in(door.visitor())
    (asked,) = mails(door)
    assert (asked["kind"], asked["address"]) == ("new_device", NOOR)
    door.move_clock(7 * 24 * 60 * 60 - 1)
    door.sign_in(door.visitor())
    assert mails(door) == []
    door.move_clock(1)
    door.sign_in(door.visitor())
    assert len(mails(door)) == 1


@pytest.mark.soak
def test_of_many_new_browsers_at_once_one_is_told(door: Door) -> None:
    """Eight browsers at the same moment: all in, one mail."""
    door.sign_in(door.visitor())
    for _ in range(min(often(1), 10)):
        with ThreadPoolExecutor(8) as pool:
            form = {"email": NOOR, "password": PASSWORD}
            answers = list(
                pool.map(
                    lambda token: door.visitor().post("/login", form | {captcha.FIELD: token}),  # noqa: B023
                    [google.issue_token() for _ in range(8)],
                )
            )
        assert {answer.status for answer in answers} == {303}
        assert len(mails(door)) == 1
        door.move_clock(7 * 24 * 60 * 60)


# --- sessions in a lesson -------------------------------------------------------------------


def lesson(door: Door) -> Visitor:
    """Let a teacher sign in at school and be away for two hours."""
    register(door)
    teacher = door.visitor(AT_SCHOOL)
    door.sign_in(teacher)
    door.move_clock(sessions.IDLE_LIFE_AT_SCHOOL_S)
    assert teacher.get("/apps").status == 303
    return teacher


def test_at_school_a_session_waits_two_hours_and_elsewhere_one(door: Door) -> None:
    """A visit puts the end off by as much as the place allows."""
    register(door)
    for source_ip, life_s in (
        (AT_SCHOOL, sessions.IDLE_LIFE_AT_SCHOOL_S),
        ("192.0.2.7", sessions.IDLE_LIFE_S),
    ):
        teacher = door.visitor(source_ip)
        door.sign_in(teacher)
        for _ in range(2):
            door.move_clock(life_s - 1)
            assert teacher.get("/account").status == 200
        door.move_clock(life_s)
        assert teacher.get("/account").status == 303


def test_in_a_lesson_the_password_is_enough(door: Door) -> None:
    """No box to tick, no other step; the last end of the day stays where it was."""
    before = None
    teacher = lesson(door)
    (before,) = door.items("SESSIONS_TABLE")
    page = teacher.get("/login")
    assert "Ga verder als Noor de Wit" in page.text
    assert "data-altcha=" in page.text
    assert "data-captcha=" not in page.text
    old = dict(teacher.cookies)
    assert door.sign_in(teacher).location == "/apps"
    assert len(door.calls) == 4
    (after,) = door.items("SESSIONS_TABLE")
    assert after["expires_at_epoch_s"] == before["expires_at_epoch_s"]
    assert door.events()[-1]["reason"] == "went_on"
    assert teacher.cookies[sessions.COOKIE_NAME] != old[sessions.COOKIE_NAME]


def test_elsewhere_or_after_its_end_a_session_does_not_go_on(door: Door) -> None:
    """Not from another network, not after twelve hours, and not for somebody else."""
    teacher = lesson(door)
    away = Visitor(door.house.call, "192.0.2.7", cookies=dict(teacher.cookies))
    assert "Ga verder als" not in away.get("/login").text
    door.sign_in(away)
    assert door.events()[-1]["reason"] == "signed_in"
    late = lesson(door)
    door.move_clock(sessions.ABSOLUTE_LIFE_S)
    assert "Ga verder als" not in late.get("/login").text
    other = lesson(door)
    put_account(
        "kees@vlieger.example",
        "70",
        "school#42",
        name="K",
        roles=["teacher"],
        password=PASSWORD,
    )
    door.sign_in(other, email="kees@vlieger.example")
    assert door.events()[-1]["reason"] == "signed_in"


def test_who_decides_about_many_shows_a_second_factor_again(door: Door) -> None:
    """A coordinator's session that waited too long is over, at school too."""
    register(door)
    put_account(BAS, "8", "school#42", name="Bas", roles=["ict_coordinator"], password=PASSWORD)
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "8", "scope": "board#40001"})
    bas = door.visitor(AT_SCHOOL)
    door.enter(bas, BAS)
    door.move_clock(sessions.IDLE_LIFE_AT_SCHOOL_S)
    assert door.sign_in(bas, BAS).location == "/login/code"
