"""Every kind of bad input at every door with a password: refused in words, and nothing changed.

The doors are staff's and parents' sign-in, the form for a forgotten password, and the pages of a
mailed link that set one. What is special about one door stands with its own tests.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from infra.local import seed
from infra.local.gateway import HttpRequest
from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import home_pages
from schoolpoort import aws, captcha, clock, dynamodb, ids, sessions
from schoolpoort.settings import require

TEACHER = "esther.postma@school-99aa00.example"
NEW = "Waterlelie9"
_TABLES = ("CREDENTIALS_TABLE", "SESSIONS_TABLE")
_FORM = ("content-type", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Door:
    """A form with what makes it right; `has_address` is False where a link speaks for somebody."""

    path: str
    fields: dict[str, str]
    has_address: bool = True


@pytest.fixture
def doors(house: House) -> dict[str, Door]:
    """Return every door, two of them behind links that were mailed just now."""
    asked = {"email": TEACHER, **seed.captcha()}
    assert Visitor(house.call).post("/password/forgotten", asked).status == 200
    house.pump_until_idle()
    link = seed.link_for(house, TEACHER)
    twice = {"password": NEW, "password_again": NEW}
    both = {"email": TEACHER, "password": seed.PASSWORD}
    return {
        "login": Door("/login", both),
        "home": Door("/login/home", both),
        "forgotten": Door("/password/forgotten", {"email": TEACHER}),
        "reset": Door(link, twice, has_address=False),
        "activation": Door(link.replace("/password/", "/activate/"), twice, has_address=False),
    }


def kept() -> list[Any]:
    """Return all credentials and sessions, to see whether anything changed."""
    client = aws.client("dynamodb")
    return [sorted(map(str, client.scan(TableName=require(table))["Items"])) for table in _TABLES]


def refused(house: House, door: Door, fields: dict[str, str], **headers: str) -> Answer:
    """Send a form that must change nothing and let nobody in; return the page that says so."""
    before = kept()
    visitor = Visitor(house.call)
    answer = visitor.post(door.path, door.fields | seed.captcha() | fields, **headers)
    assert 400 <= answer.status < 504, (door.path, answer.status)
    assert answer.status != 500
    assert "<html" in answer.text
    assert "<h1>" in answer.text
    assert visitor.cookies.keys().isdisjoint({sessions.COOKIE_NAME, home_pages.COOKIE_NAME})
    assert kept() == before
    assert house.failures == []
    return answer


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "geen adres",
        "@",
        "a@",
        "a@b@c.example",
        "a" * 5000 + "@b.example",
        "esther\x00@school-99aa00.example",
        "esther@school\r\nBcc: x@y.example",
        "<script>@b.example",
        "a@" + "b." * 200 + "example",
        "\u202emoc.elpmaxe@a",
    ],
)
def test_an_absurd_address(house: House, doors: dict[str, Door], address: str) -> None:
    """It is said beside the field, on each page that asks for one."""
    for door in doors.values():
        if door.has_address:
            assert refused(house, door, {"email": address}).status == 400


def test_ten_megabytes(house: House, doors: dict[str, Door]) -> None:
    """Refused before anything reads it."""
    for door in doors.values():
        body = b"password=" + b"x" * (10 * 1024 * 1024)
        answer = house.call(HttpRequest("POST", door.path, (_FORM,), body, "192.0.2.7"))
        assert answer.status == 413
        assert b"<h1>" in answer.body


@pytest.mark.parametrize(
    "password",
    ["a1" + "x" * 60_000, "zalm\x00zalm7", "🐟🐟🐟🐟🐟🐟🐟🐟🐟", "\u0000" * 9, "\ud7ff" * 300],
    ids=["long", "null", "emoji", "nulls", "odd"],
)
def test_a_strange_password(house: House, doors: dict[str, Door], password: str) -> None:
    """Wrong where it is asked; where one is chosen, no password by the rule, or not typed twice."""
    for name, door in doors.items():
        if name != "forgotten":
            again = {"password": password, "password_again": password + "?"}
            assert refused(house, door, again).status in {400, 401, 404, 413}


def test_a_homoglyph_is_another_letter(house: House, doors: dict[str, Door]) -> None:
    """A Cyrillic letter in the password or in the second typing is not the Latin one."""
    cyrillic = str.maketrans("aeo", "аео")
    for name, door in doors.items():
        if name in {"login", "home"}:
            odd = {"password": seed.PASSWORD.translate(cyrillic)}
            assert refused(house, door, odd).status == 401
        elif name != "forgotten":
            refused(house, door, {"password_again": NEW.translate(cyrillic)})


def test_a_form_of_another_site(house: House, doors: dict[str, Door]) -> None:
    """By the browser's own word, or by the origin."""
    for door in doors.values():
        assert refused(house, door, {}, sec_fetch_site="cross-site").status == 403
        elsewhere = (_FORM, ("origin", "https://evil.example"))
        request = HttpRequest("POST", door.path, elsewhere, b"email=a", "192.0.2.7")
        assert house.call(request).status == 403


def test_a_form_that_is_sent_again(house: House, doors: dict[str, Door]) -> None:
    """The check of a form counts once, at every door, also where the first sending was in vain."""
    wrong = {"password": "verkeerd 1", "password_again": "anders 1"}
    for name, door in doors.items():
        if name in {"reset", "activation"}:
            continue
        used = seed.captcha()
        Visitor(house.call).post(door.path, door.fields | used | wrong)
        house.pump_until_idle()
        assert refused(house, door, used).status == 403
    used = seed.captcha()
    reset = doors["reset"]
    assert Visitor(house.call).post(reset.path, reset.fields | used).status == 303
    assert refused(house, reset, used).status in {403, 404, 410}


@pytest.mark.parametrize("mode", sorted(set(google.MODES) - {"pass"}))
def test_a_broken_answer_of_the_check(
    house: House, doors: dict[str, Door], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTML, the text "true", a cut line, silence, a day too old or too new: nobody gets in."""
    monkeypatch.setattr(google, "SILENCE_S", 2.5)
    google.set_mode(mode)
    try:
        for door in doors.values():
            captcha.forget()
            answer = refused(house, door, {})
            if door.path.startswith("/activate/"):
                continue
            assert answer.status in {403, 503}
    finally:
        google.reset()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_check_of_another_day(house: House, doors: dict[str, Door], days: int) -> None:
    """A clock that is a day off makes a solved check too old or not yet of this world."""
    solved = seed.captcha()
    house.move_clock(days * 86400)
    for door in doors.values():
        assert refused(house, door, solved).status in {403, 404, 410}


def test_cookies_of_another_stage(house: House) -> None:
    """What a test stage signed opens nothing here: no session, no open door at home."""
    now = clock.now_epoch_s()
    for kind, cookie, path, way in (
        ("staff", sessions.COOKIE_NAME, "/apps", "/login?next="),
        ("home", home_pages.COOKIE_NAME, "/login/home/children", "/login/home"),
    ):
        secret = ids.new_secret()
        item = {
            "session_hash": ids.sha256_hex(secret),
            "stage": "test",
            "kind": kind,
            "account_id": "1",
            "address_key": "home#iemand@thuis.example",
            "password_version": 1,
            "is_trusted": True,
            "proved_at_epoch_s": now,
            "display_name": "Iemand",
            "scope": "school#4242",
            "person_id": None,
            "language": "nl",
            "idle_ends_at_epoch_s": now + 3600,
            "expires_at_epoch_s": now + 3600,
        }
        dynamodb.put(require("SESSIONS_TABLE"), item)
        assert Visitor(house.call, cookies={cookie: secret}).get(path).location.startswith(way)
