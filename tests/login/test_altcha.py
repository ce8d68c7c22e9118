"""Signing in with our own check: when it takes over, and that one solution counts once."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Visitor
from login import store, throttle
from schoolpoort import captcha
from tests.login.door import NOOR, PASSWORD, Door
from tests.solver import solved

COOKIE = "__Host-sid"


def _again(door: Door, visitor: Visitor, page: str, password: str = PASSWORD) -> int:
    """Send the form of a page with our own check done."""
    form = {"email": NOOR, "password": password, captcha.ALTCHA_FIELD: solved(page)}
    door.calls.clear()
    return visitor.post("/login", form).status


@pytest.mark.parametrize("mode", ["fail", "down", "html", "garbage", "string_true", "low_score"])
def test_whoever_google_does_not_pass_signs_in_with_our_own_check(
    door: Door, visitor: Visitor, mode: str
) -> None:
    """Refused, doubted or not asked: the page that comes back has a way in, and names kept."""
    google.set_mode(mode)
    refused = door.sign_in(visitor)
    assert refused.status in {403, 503}
    assert f'value="{NOOR}"' in refused.text
    assert "g-recaptcha" not in refused.text
    assert "google" not in refused.headers["content-security-policy"]
    assert door.items("THROTTLE_TABLE") == []
    assert _again(door, visitor, refused.text) == 303
    assert COOKIE in visitor.cookies


def test_a_doubt_is_told_as_one(
    door: Door, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    """A low score says that one more check is needed, and the log says why."""
    google.set_mode("low_score")
    with caplog.at_level(logging.INFO):
        refused = door.sign_in(visitor)
    assert refused.status == 403
    assert "Nog één controle" in refused.text
    assert "low_score" in {getattr(record, "reason", "") for record in caplog.records}


def test_a_browser_that_cannot_load_google_gets_our_own_check(door: Door, visitor: Visitor) -> None:
    """The form says that Google's script did not load; nothing is looked at."""
    form = {"email": NOOR, "password": PASSWORD, captcha.WAY_FIELD: "own"}
    refused = visitor.post("/login", form)
    assert refused.status == 503
    assert "Google is hier niet bereikbaar" in refused.text
    assert door.items("THROTTLE_TABLE") == []
    assert _again(door, visitor, refused.text) == 303


def test_a_wrong_password_after_our_own_check_keeps_our_own_check(
    door: Door, visitor: Visitor
) -> None:
    """Who came in this way is not sent back to a Google that does not load."""
    form = {"email": NOOR, "password": PASSWORD, captcha.WAY_FIELD: "own"}
    page = visitor.post("/login", form).text
    wrong = {"email": NOOR, "password": "verkeerd 1", captcha.ALTCHA_FIELD: solved(page)}
    answer = visitor.post("/login", wrong)
    assert answer.status == 401
    assert _again(door, visitor, answer.text) == 303


def test_by_choice_the_form_has_nothing_of_google(
    door: Door, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A house without Google shows our own check at once; a sign-in costs the same calls."""
    monkeypatch.setenv("CAPTCHA_PROVIDER", "altcha")
    page = visitor.get("/login")
    assert "recaptcha" not in page.text
    assert "google" not in page.headers["content-security-policy"]
    assert _again(door, visitor, page.text) == 303
    assert len(door.calls) == 4


def test_when_google_stays_away_the_first_page_has_our_own_check(
    door: Door, visitor: Visitor
) -> None:
    """After five failures nobody fills in a form for nothing."""
    google.set_mode("down")
    for _ in range(5):
        assert "data-captcha" in visitor.get("/login").text
        door.sign_in(visitor)
    page = visitor.get("/login")
    assert _again(door, visitor, page.text) == 303


def test_one_solution_used_by_twenty_at_once_wins_once(
    door: Door, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way from form to session: one signs in, nineteen get the page again."""
    monkeypatch.setenv("CAPTCHA_PROVIDER", "altcha")
    form = {"email": NOOR, "password": PASSWORD}
    form[captcha.ALTCHA_FIELD] = solved(visitor.get("/login").text)
    barrier = threading.Barrier(20)

    def send(number: int) -> int:
        somebody = door.visitor(f"192.0.2.{number + 1}")
        barrier.wait()
        return somebody.post("/login", form).status

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(send, range(20)))
    assert statuses == [303, *[403] * 19]


def test_a_solution_is_remembered_for_as_long_as_it_counts(door: Door, visitor: Visitor) -> None:
    """Reserved by its challenge: an hour later the same one is refused for its age."""
    form = {"email": NOOR, "password": PASSWORD, captcha.WAY_FIELD: "own"}
    token = captcha.answer({captcha.ALTCHA_FIELD: solved(visitor.post("/login", form).text)})
    draws = throttle.draws(
        account_hash="f" * 64, source_ip="192.0.2.1", now_epoch_s=door.now_epoch_s
    )
    reserve = [
        store.reserve_by_budget(token, draws, now_epoch_s=door.now_epoch_s) for _ in range(2)
    ]
    assert reserve == [store.Reservation.GRANTED, store.Reservation.CAPTCHA_REPLAYED]
    [kept] = [i for i in door.items("THROTTLE_TABLE") if i["budget_key"].startswith("captcha#")]
    assert kept["expires_at_epoch_s"] > door.now_epoch_s + 3600
