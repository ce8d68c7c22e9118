"""reCAPTCHA Enterprise against the stand-in, over real HTTP, with every kind of broken answer."""

import datetime as dt
import json
from typing import Any

import pytest

from infra.local.stand_ins import google
from schoolpoort import captcha
from schoolpoort.captcha import CaptchaVerdict, breaker, enterprise
from schoolpoort.errors import SettingRefused
from tests.schoolpoort import test_captcha as classic
from tests.schoolpoort.test_captcha import HOST, NOW, SECRET, check, google_port, local_house

__all__ = ["google_port", "local_house"]

PROJECT = "schoolpoort-proef"


@pytest.fixture(autouse=True)
def _enterprise(local_house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECAPTCHA_KIND", "enterprise")
    monkeypatch.setenv("RECAPTCHA_PROJECT", PROJECT)


def token() -> str:
    """Return a token that Google's script gives for signing in."""
    return google.issue_token("login")


def good(**changes: Any) -> dict[str, Any]:
    """Return the assessment of a fresh token with a good score, with changes of its properties."""
    at = dt.datetime.fromtimestamp(NOW, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    properties = {"valid": True, "hostname": HOST, "action": "login", "createTime": at}
    return {"tokenProperties": properties | changes, "riskAnalysis": {"score": 0.9}}


def refusal(answer: dict[str, Any]) -> str | None:
    """Judge an assessment at the stopped clock."""
    return enterprise.refusal(
        answer, hostname=HOST, action="login", now_epoch_s=NOW, least_score=0.5
    )


# --- over the wire ------------------------------------------------------------------------------


def test_a_good_token_passes_once() -> None:
    """A replay is no second person: Google says so, and the caller's reservation too."""
    one = token()
    assert check(one) is CaptchaVerdict.PASSED
    assert check(one) is CaptchaVerdict.FAILED


def test_google_receives_what_it_needs_and_the_key_is_in_no_address() -> None:
    """Token, site key, action and address in the body."""
    one = token()
    check(one)
    (body,) = classic._Door.bodies
    assert json.loads(body)["event"] == {
        "token": one,
        "siteKey": "local-site-key",
        "expectedAction": "login",
        "userIpAddress": "192.0.2.7",
    }
    assert SECRET not in body.decode()
    assert "key=" not in enterprise.address(enterprise.HOST, PROJECT)


EXPECTED = {
    "pass": CaptchaVerdict.PASSED,
    "fail": CaptchaVerdict.FAILED,
    "down": CaptchaVerdict.UNREACHABLE,
    "slow": CaptchaVerdict.UNREACHABLE,
    "garbage": CaptchaVerdict.UNREACHABLE,
    "html": CaptchaVerdict.UNREACHABLE,
    "string_true": CaptchaVerdict.FAILED,
    "expired": CaptchaVerdict.FAILED,
    "old_challenge": CaptchaVerdict.FAILED,
    "future_challenge": CaptchaVerdict.FAILED,
    "wrong_hostname": CaptchaVerdict.FAILED,
    "no_hostname": CaptchaVerdict.FAILED,
    "wrong_action": CaptchaVerdict.FAILED,
    "low_score": CaptchaVerdict.DOUBTED,
    "no_score": CaptchaVerdict.FAILED,
    "duplicate": CaptchaVerdict.FAILED,
    "success_with_errors": CaptchaVerdict.FAILED,
    "invalid_secret": CaptchaVerdict.UNREACHABLE,
    "unknown_error": CaptchaVerdict.FAILED,
    "list": CaptchaVerdict.UNREACHABLE,
    "server_error": CaptchaVerdict.UNREACHABLE,
}


@pytest.mark.parametrize("mode", google.MODES)
def test_every_mode_of_the_stand_in_has_one_verdict(mode: str) -> None:
    """A new mode without a line above fails here; nothing but a good answer passes."""
    google.set_mode(mode)
    assert check(token()) is EXPECTED[mode]


def test_a_google_that_stays_away_is_left_alone() -> None:
    """After five silences the sixth is not asked, and the page shows our own check."""
    google.set_mode("down")
    for _ in range(breaker.FAILURES):
        assert check(token()) is CaptchaVerdict.UNREACHABLE
    asked = len(classic._Door.bodies)
    google.set_mode("pass")
    assert check(token()) is CaptchaVerdict.UNREACHABLE
    assert len(classic._Door.bodies) == asked


def test_a_renewed_key_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Google refuses our key, the next attempt reads it anew."""
    classic.give_secrets(monkeypatch, "", SECRET)
    captcha.forget()
    assert check(token()) is CaptchaVerdict.UNREACHABLE
    assert check(token()) is CaptchaVerdict.PASSED


def test_the_widget_asks_for_the_enterprise_script() -> None:
    """The same site key, another script, no box to tick."""
    widget = captcha.widget("login")
    assert widget.kind == "enterprise"
    assert widget.script_url.endswith("/recaptcha/enterprise.js")


@pytest.mark.parametrize("project", ["", "x", "Ongeldig", "a/../b", "naam?key=1", "a" * 80])
def test_a_project_that_is_none_is_loud(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody is asked, by page and by form."""
    monkeypatch.setenv("RECAPTCHA_PROJECT", project)
    with pytest.raises(SettingRefused):
        captcha.widget("login")
    with pytest.raises(SettingRefused):
        check(token())
    assert classic._Door.bodies == []


# --- the rules ----------------------------------------------------------------------------------


def test_a_good_assessment_has_no_refusal() -> None:
    """What Google's documentation shows of a fresh one."""
    assert refusal(good()) is None
    assert refusal(good(invalidReason="INVALID_REASON_UNSPECIFIED")) is None


@pytest.mark.parametrize("valid", ["true", 1, None, False, [True], {}])
def test_only_true_is_valid(valid: object) -> None:
    """A text, a number or nothing is not true."""
    assert refusal(good(valid=valid)) == "not_successful"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"invalidReason": "DUPE"}, "not_successful"),
        ({"hostname": "elders.example"}, "hostname"),
        ({"hostname": None}, "hostname"),
        ({"action": "activation"}, "action"),
        ({"action": ""}, "action"),
        ({"createTime": None}, "age"),
        ({"createTime": "gisteren"}, "age"),
        ({"createTime": "2026-11-24T10:00:00"}, "age"),
        ({"createTime": "2020-01-01T00:00:00Z"}, "age"),
        ({"createTime": "2099-01-01T00:00:00Z"}, "age"),
        ({"createTime": NOW}, "age"),
    ],
)
def test_each_property_of_a_token_must_hold(changes: dict[str, Any], reason: str) -> None:
    """Host, action and age are ours to check."""
    assert refusal(good(**changes)) == reason


@pytest.mark.parametrize("score", [None, "0.9", True, float("nan"), 1.1, -0.1, [0.9]])
def test_a_score_that_is_none_never_passes(score: object) -> None:
    """And a low one is doubted."""
    assert refusal(good() | {"riskAnalysis": {"score": score}}) == "no_score"
    assert refusal(good() | {"riskAnalysis": {"score": 0.4}}) == "low_score"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": {"code": 429}},
        {"tokenProperties": None, "riskAnalysis": {}},
        {"tokenProperties": [], "riskAnalysis": []},
        {"tokenProperties": {"valid": True}},
        {"success": True, "hostname": HOST},
        good() | {"error": {}},
    ],
)
def test_what_is_no_assessment_never_passes(answer: dict[str, Any]) -> None:
    """Neither an error, nor halves, nor an answer of siteverify."""
    assert refusal(answer) is not None
