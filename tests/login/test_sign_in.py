"""Signing in through the page, from the form to the record of it."""

import datetime as dt
from dataclasses import replace

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Visitor
from login import traces
from schoolpoort import coverage, credentials, dynamodb, ids, pepper_keys, sessions, settings
from schoolpoort.web import cookie
from tests.login.door import BAS, NOOR, PASSWORD, Door, put_account

WRONG = "Dit e-mailadres en wachtwoord horen niet bij elkaar"
COOKIE = sessions.COOKIE_NAME


def test_the_page_asks_for_two_fields_and_a_check(door: Door, visitor: Visitor) -> None:
    """GET /login is a form with an address, a password and the captcha; it costs no AWS call."""
    page = visitor.get("/login")
    assert page.status == 200
    for part in ('name="email"', 'name="password"', "data-captcha=", 'action="/login"'):
        assert part in page.text
    assert page.set_cookies == ()
    assert door.calls == []


def test_the_page_allows_the_captcha_and_nothing_else(door: Door, visitor: Visitor) -> None:
    """The page's policy names the source of the check; style and forms stay our own."""
    policy = visitor.get("/login").headers["content-security-policy"]
    source = f"{door.house.stand_in_url}/"
    assert f"frame-src {source}" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy


def test_the_right_password_opens_the_tiles(door: Door, visitor: Visitor) -> None:
    """Address, password and check give a session and the way to the tiles."""
    answer = door.sign_in(visitor)
    assert (answer.status, answer.location) == (303, "/apps")
    line, known = answer.set_cookies
    assert known.startswith("__Host-known=")
    assert line.startswith(f"{COOKIE}=")
    assert line.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")


def test_a_sign_in_makes_four_aws_calls(door: Door, visitor: Visitor) -> None:
    """Account, reservation, memberships, session with event: four calls below botocore."""
    door.sign_in(visitor)
    assert door.calls == ["BatchGetItem", "TransactWriteItems", "Query", "TransactWriteItems"]


def test_the_day_of_use_is_noted_once_a_week(door: Door) -> None:
    """In the write that lets somebody in, so that a forgotten account can be found."""
    today = coverage.amsterdam_day(door.now_epoch_s)
    noted = []
    for days in (0, 6, 1):
        door.move_clock(days * 24 * 3600)
        door.sign_in(door.visitor())
        found = credentials.find(credentials.staff_key(NOOR))
        assert found is not None
        noted.append((dt.date.fromisoformat(found.used_on) - today).days)
    assert noted == [0, 0, 7]


def test_wrong_and_unknown_make_the_same_calls(door: Door) -> None:
    """An unknown address, a wrong password and no password yet cost the same calls."""
    put_account("nieuw@vlieger.example", "11", "school#42", name="N", roles=[], password=None)
    seen = []
    for email in (NOOR, "niemand@vlieger.example", "nieuw@vlieger.example"):
        door.sign_in(door.visitor(), email=email, password="helemaal fout 1")
        seen.append(list(door.calls))
    counted = ["BatchGetItem", "TransactWriteItems", "Query", "UpdateItem", "TransactWriteItems"]
    assert seen == [counted] * 3


def test_the_session_is_stored_without_its_secret(door: Door, visitor: Visitor) -> None:
    """The table has the hash of the cookie, internal ids and no address."""
    door.sign_in(visitor)
    (item,) = door.items("SESSIONS_TABLE")
    assert item["session_hash"] == ids.sha256_hex(visitor.cookies[COOKIE])
    assert (item["account_id"], item["scope"], item["person_id"]) == ("7", "school#42", "9")
    assert "@" not in str(item)
    assert visitor.cookies[COOKIE] not in str(item)


def test_a_right_password_costs_no_budget(door: Door, visitor: Visitor) -> None:
    """The reserved failures are given back when the password was right."""
    door.sign_in(visitor)
    counters = [item for item in door.items("THROTTLE_TABLE") if "spent" in item]
    assert [item["spent"] for item in counters] == [0, 0, 0]


def test_a_wrong_password_costs_one_failure_of_each_budget(door: Door, visitor: Visitor) -> None:
    """Account, its hour, network and the count of everybody: once each by a wrong password."""
    door.sign_in(visitor, password="helemaal fout 1")
    counters = [item for item in door.items("THROTTLE_TABLE") if "spent" in item]
    assert [item["spent"] for item in counters] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("email", "home"), [(NOOR, "/apps"), (BAS, "/board"), ("h@desk.example", "/helpdesk")]
)
def test_everybody_arrives_at_the_own_start_page(
    door: Door, visitor: Visitor, email: str, home: str
) -> None:
    """Teachers go to the tiles, a board and the helpdesk to their own page."""
    put_account("h@desk.example", "9", "helpdesk", name="H", roles=["helpdesk"], password=PASSWORD)
    assert door.enter(visitor, email=email).location == home


def test_with_two_work_places_the_school_comes_first(door: Door, visitor: Visitor) -> None:
    """Who works for a board and at a school is offered the school first."""
    put_account(BAS, "8", "school#42", name="Bas Buis", roles=["teacher"], password=PASSWORD)
    assert door.enter(visitor, email=BAS).location == "/apps"


def test_the_way_back_is_kept(door: Door, visitor: Visitor) -> None:
    """The page that was asked for comes after signing in."""
    page = visitor.get("/login?next=/console/roster%3Fpage%3D2")
    path = page.hidden_fields()["next"]
    assert path == "/console/roster?page=2"
    assert door.sign_in(visitor, next=path).location == path


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/login", "/\\evil"])
def test_nobody_is_sent_to_another_site(door: Door, visitor: Visitor, path: str) -> None:
    """An address outside the house is dropped from the page and from the form."""
    assert visitor.get(f"/login?next={path}").hidden_fields()["next"] == ""
    assert door.sign_in(visitor, next=path).location == "/apps"


@pytest.mark.parametrize("path", ["/oauth2/authorize?client_id=a&amp=b", "/apps/leesdorp"])
def test_on_to_another_site_goes_by_a_page_of_our_own(
    door: Door, visitor: Visitor, path: str
) -> None:
    """A browser would hold a redirect to a publisher against the form's policy."""
    answer = door.sign_in(visitor, next=path)
    assert answer.status == 200
    assert COOKIE in visitor.cookies
    address = path.replace("&", "&amp;")
    assert f'<meta http-equiv="refresh" content="0; url={address}">' in answer.text


def test_an_address_is_normalised(door: Door, visitor: Visitor) -> None:
    """Case and spaces around an address do not matter."""
    assert door.sign_in(visitor, email=f" {NOOR.upper()} ").status == 303


@pytest.mark.parametrize("email", [NOOR, "niemand@vlieger.example"])
def test_wrong_and_unknown_read_the_same(door: Door, email: str) -> None:
    """A wrong password and an unknown address give the same page, but for the address typed."""
    answer = door.sign_in(door.visitor(), email=email, password="helemaal fout 1")
    assert answer.status == 401
    assert WRONG in answer.text
    (mark,) = answer.set_cookies
    assert mark.startswith(f"{traces.COOKIE_NAME}=")
    assert len(mark) == len(cookie(traces.COOKIE_NAME, ids.new_secret()))
    same = answer.text.replace(email, "")
    other = door.sign_in(door.visitor(), email=NOOR, password="ook fout 22").text.replace(NOOR, "")
    assert _without_nonces(same) == _without_nonces(other)


def _without_nonces(text: str) -> str:
    """Drop what is random in a page: its nonce."""
    nonce = text.partition('nonce="')[2].partition('"')[0]
    return text.replace(nonce, "")


def test_the_password_is_never_sent_back(door: Door, visitor: Visitor) -> None:
    """A refused form keeps the address and forgets the password."""
    answer = door.sign_in(visitor, password="helemaal fout 1")
    assert "helemaal fout 1" not in answer.text
    assert f'value="{NOOR}"' in answer.text


def test_a_new_sign_in_ends_the_browsers_old_session(door: Door, visitor: Visitor) -> None:
    """The session id changes at sign-in and the old one is gone."""
    door.sign_in(visitor)
    first = visitor.cookies[COOKIE]
    door.sign_in(visitor)
    calls = list(door.calls)
    assert visitor.cookies[COOKIE] != first
    (item,) = door.items("SESSIONS_TABLE")
    assert item["session_hash"] == ids.sha256_hex(visitor.cookies[COOKIE])
    assert len(calls) == 4


def test_a_session_of_somebody_else_survives(door: Door) -> None:
    """Two browsers of one person are two sessions."""
    door.sign_in(door.visitor())
    door.sign_in(door.visitor())
    assert len(door.items("SESSIONS_TABLE")) == 2


def test_without_a_membership_the_page_says_so(door: Door, visitor: Visitor) -> None:
    """A right password without a work place gives the reason and no session."""
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "7", "scope": "school#42"})
    answer = door.sign_in(visitor)
    assert answer.status == 403
    assert "Je wachtwoord klopt" in answer.text
    assert door.items("SESSIONS_TABLE") == []


def test_every_attempt_is_recorded_without_an_address(door: Door, visitor: Visitor) -> None:
    """Done, wrong, unknown and refused attempts stand in the record, by internal ids only."""
    door.sign_in(visitor)
    door.sign_in(visitor, password="helemaal fout 1")
    door.sign_in(visitor, email="niemand@vlieger.example")
    door.sign_in(visitor, token="never-issued")
    found = sorted(
        (event["reason"], event["outcome"], event["stream"], event["account_id"])
        for event in door.events()
    )
    assert found == [
        ("captcha_failed", "refused", "none", None),
        ("signed_in", "done", "school#42", "7"),
        ("wrong", "refused", "none", None),
        ("wrong", "refused", "school#42", "7"),
    ]
    assert "@" not in str(door.events())


@pytest.mark.parametrize("mode", ["fail", "string_true", "wrong_hostname", "old_challenge"])
def test_a_failed_check_looks_at_no_password(door: Door, visitor: Visitor, mode: str) -> None:
    """Without a passed check nothing is read, drawn on or let in, whatever the password."""
    google.set_mode(mode)
    answer = door.sign_in(visitor)
    assert answer.status == 403
    assert "De controle is niet gelukt" in answer.text
    assert door.calls == ["TransactWriteItems"]
    assert COOKIE not in visitor.cookies


@pytest.mark.parametrize("mode", ["down", "html", "garbage", "invalid_secret"])
def test_when_google_is_away_the_page_says_so(door: Door, visitor: Visitor, mode: str) -> None:
    """An unreachable check lets nobody in and tells that it is not the person's fault."""
    google.set_mode(mode)
    answer = door.sign_in(visitor)
    assert answer.status == 503
    assert "De controle kan nu even niet" in answer.text
    assert COOKIE not in visitor.cookies


def test_a_missing_check_is_a_failed_check(door: Door, visitor: Visitor) -> None:
    """The form without a token is refused like one with a wrong token."""
    answer = visitor.post("/login", {"email": NOOR, "password": PASSWORD})
    assert answer.status == 403


def test_signing_out_ends_the_session_everywhere(door: Door, visitor: Visitor) -> None:
    """After POST /logout the cookie is gone and its secret opens nothing any more."""
    door.sign_in(visitor)
    stolen = dict(visitor.cookies)
    door.move_clock(1)
    answer = visitor.post("/logout")
    assert (answer.status, answer.location) == (303, "/login")
    assert COOKIE not in visitor.cookies
    assert door.items("SESSIONS_TABLE") == []
    visitor.cookies.update(stolen)
    assert visitor.get("/apps").status == 303
    assert [event["action"] for event in door.events()] == ["sign_in", "sign_out"]


def test_signing_out_twice_is_no_error(door: Door, visitor: Visitor) -> None:
    """Without a session signing out leads to the sign-in page all the same."""
    assert visitor.post("/logout").location == "/login"
    assert door.events() == []


def test_the_page_in_english(door: Door, visitor: Visitor) -> None:
    """The page exists in English too, and the choice sticks."""
    assert "Forgot your password?" in visitor.get("/login?lang=en").text
    assert "do not belong together" in door.sign_in(visitor, password="all wrong 1").text


def test_a_welcome_after_choosing_a_password(door: Door, visitor: Visitor) -> None:
    """Who just set a password is told that it worked."""
    assert "Je wachtwoord is ingesteld" in visitor.get("/login?welcome=1").text
    assert "Je wachtwoord is ingesteld" not in visitor.get("/login?welcome=2").text


def test_who_is_signed_in_already_may_go_on(door: Door, visitor: Visitor) -> None:
    """On a shared computer the page names who is signed in and still offers the form."""
    door.sign_in(visitor)
    page = visitor.get("/login?next=/account")
    assert "Je bent al ingelogd als Noor de Wit" in page.text
    assert 'href="/account"' in page.text
    assert 'name="password"' in page.text


def test_a_password_follows_the_parameters_and_the_pepper(
    door: Door, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in keeps the same password under what is set today, with no call more and no mail."""
    key = credentials.staff_key(NOOR)
    before = credentials.find(key)
    assert before is not None
    pepper_keys.make(2)
    monkeypatch.setenv("PEPPER_NUMBER", "2")
    pepper_keys.current()
    assert door.sign_in(visitor).status == 303
    assert door.calls == ["BatchGetItem", "TransactWriteItems", "Query", "TransactWriteItems"]
    after = credentials.find(key)
    assert after is not None
    assert after.password_hash != before.password_hash
    assert str(after.password_hash).startswith("pepper$2$")
    assert after.password_version == before.password_version
    assert after.used_on == ""
    assert door.sign_in(door.visitor()).status == 303
    today = coverage.amsterdam_day(door.now_epoch_s).isoformat()
    assert credentials.find(key) == replace(after, used_on=today)
