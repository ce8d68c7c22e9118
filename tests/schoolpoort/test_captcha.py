"""The captcha port against the stand-in for Google, over real HTTP."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.local.stand_ins import google
from infra.local.stand_ins.http import StandInRequest, StandInResponse
from schoolpoort import aws, captcha, clock
from schoolpoort.captcha import CaptchaVerdict, keys, recaptcha
from schoolpoort.errors import SettingMissing, SettingRefused

NOW = 1_800_000_000
HOST = "localhost"
SECRET = "an invented secret"
PUBLIC_TEST_SITE_KEY = "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"
PUBLIC_TEST_SECRET = "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"


class _Door(BaseHTTPRequestHandler):
    """Carries requests to the stand-in, as the local gateway does."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = google.handle(StandInRequest("POST", self.path, {}, headers, body))
        self._send(answer or StandInResponse(404))

    def _send(self, answer: StandInResponse) -> None:
        if answer.status == 0:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.rfile.close()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base's name
        """Stay silent."""


@pytest.fixture(scope="module")
def google_port() -> Iterator[int]:
    """Serve the stand-in on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def local_house(google_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the adapter at the stand-in and stop the clock."""
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("PUBLIC_BASE_URL", f"http://{HOST}:8080")
    monkeypatch.setenv("RECAPTCHA_URL", f"http://127.0.0.1:{google_port}/_google/recaptcha")
    monkeypatch.setenv("RECAPTCHA_SITE_KEY", "local-site-key")
    monkeypatch.setenv("CAPTCHA_SECRET_ARN", "arn:of:a:secret")
    monkeypatch.setattr(clock, "_source", lambda: float(NOW))
    captcha.forget()
    give_secrets(monkeypatch, SECRET)
    monkeypatch.setattr(google, "SILENCE_S", 2.5)
    google.reset()
    _Door.bodies.clear()
    yield
    google.reset()
    captcha.forget()


def give_secrets(monkeypatch: pytest.MonkeyPatch, *secrets: str) -> None:
    """Let Secrets Manager give these secrets of Google, one at each reading, the last for ever."""
    left = list(secrets)

    class Secrets:
        def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - AWS's name
            assert SecretId == "arn:of:a:secret"
            secret = left.pop(0) if len(left) > 1 else left[0]
            return {"SecretString": json.dumps({"recaptcha_secret": secret, "altcha_key": "k"})}

    monkeypatch.setattr(aws, "client", lambda _: Secrets())


def check(token: str) -> CaptchaVerdict:
    """Ask the adapter about a token."""
    return captcha.check(token, "192.0.2.7", "login")


def good(**changes: Any) -> dict[str, Any]:
    """Return the answer that Google gives of a fresh success, with changes."""
    at = dt.datetime.fromtimestamp(NOW, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"success": True, "challenge_ts": at, "hostname": HOST, **changes}


def refusal(answer: dict[str, Any]) -> str | None:
    """Judge an answer at the stopped clock."""
    return recaptcha.refusal(answer, hostname=HOST, action="login", now_epoch_s=NOW)


def test_a_solved_challenge_passes() -> None:
    """A fresh token that Google confirms for our host passes."""
    assert check(google.issue_token()) is CaptchaVerdict.PASSED


def test_google_receives_the_secret_the_token_and_the_address() -> None:
    """Siteverify gets its three documented form fields and nothing else."""
    check("some-token")
    assert _Door.bodies == [b"secret=an+invented+secret&response=some-token&remoteip=192.0.2.7"]


def test_a_token_passes_once() -> None:
    """The second use of a token is refused by Google itself."""
    token = google.issue_token()
    assert [check(token), check(token)] == [CaptchaVerdict.PASSED, CaptchaVerdict.FAILED]


@pytest.mark.parametrize(
    "mode",
    [
        "fail",
        "string_true",
        "expired",
        "old_challenge",
        "future_challenge",
        "wrong_hostname",
        "no_hostname",
        "wrong_action",
        "no_score",
        "duplicate",
        "success_with_errors",
        "unknown_error",
    ],
)
def test_every_no_of_google_fails(mode: str) -> None:
    """An answer that is not exactly a fresh success for our host and action is a failure."""
    google.set_mode(mode)
    assert check(google.issue_token()) is CaptchaVerdict.FAILED


@pytest.mark.parametrize(
    "mode", ["down", "slow", "garbage", "html", "list", "server_error", "invalid_secret"]
)
def test_an_answer_that_is_none_is_unreachable(mode: str) -> None:
    """Cut lines, silence, nonsense and a refusal of our own secret let nobody in and say so."""
    google.set_mode(mode)
    assert check(google.issue_token()) is CaptchaVerdict.UNREACHABLE


def test_every_mode_of_the_stand_in_is_covered_here() -> None:
    """No mode of the stand-in but one lets a person in, and each is tried."""
    passing = []
    for mode in google.MODES:
        if mode != "slow":
            google.set_mode(mode)
            captcha.forget()
            if check(google.issue_token()) is CaptchaVerdict.PASSED:
                passing.append(mode)
    assert passing == ["pass"]


def test_a_port_that_nobody_listens_on_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is tried once more and then reported as unreachable."""
    monkeypatch.setenv("RECAPTCHA_URL", "http://127.0.0.1:9/recaptcha")
    assert check("some-token") is CaptchaVerdict.UNREACHABLE


@pytest.mark.parametrize("token", ["", "x" * 8193])
def test_what_cannot_be_a_token_is_never_sent(token: str) -> None:
    """An empty or absurdly long token fails without a call to Google."""
    assert check(token) is CaptchaVerdict.FAILED
    assert _Door.bodies == []


def test_a_missing_secret_store_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """When Secrets Manager does not answer, the check is unreachable and nothing is let in."""

    def no_answer(_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager.invalid")

    monkeypatch.setattr(aws, "client", no_answer)
    assert check(google.issue_token()) is CaptchaVerdict.UNREACHABLE


def test_a_good_answer_has_no_refusal() -> None:
    """The v2 answer that Google documents is accepted."""
    assert refusal(good()) is None


def test_an_equal_action_is_accepted() -> None:
    """A v3 answer with our action is accepted."""
    assert refusal(good(action="login", score=0.9)) is None


@pytest.mark.parametrize("success", [False, None, "true", 1, [], {"yes": 1}])
def test_only_true_is_success(success: object) -> None:
    """Success is the value true and nothing that looks like it."""
    assert refusal(good(success=success)) == "not_successful"


@pytest.mark.parametrize(
    ("age_s", "expected"), [(0, None), (120, None), (121, "age"), (-60, None), (-61, "age")]
)
def test_the_age_of_a_challenge_is_bounded(age_s: int, expected: str | None) -> None:
    """A challenge counts for 120 seconds, with a minute of clock skew."""
    at = dt.datetime.fromtimestamp(NOW - age_s, dt.UTC).isoformat()
    assert refusal(good(challenge_ts=at)) == expected


@pytest.mark.parametrize(
    "stamp", [None, 5, "", "yesterday", "2027-01-15T08:00:00", "0001-01-01T00:00:00+23:00"]
)
def test_a_broken_time_is_refused(stamp: object) -> None:
    """A missing, malformed or zoneless time of challenge does not count."""
    assert refusal(good(challenge_ts=stamp)) == "age"


@pytest.mark.parametrize("codes", [["new-code"], "text", {"a": 1}, [1], [None]])
def test_unknown_error_codes_are_refused(codes: object) -> None:
    """Any error code means no, known or not, whatever its type."""
    assert refusal(good(**{"error-codes": codes})) == "error_codes"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"action": "login", "score": 0.5}, None),
        ({"action": "login", "score": 1}, None),
        ({"action": "login", "score": 0.49}, "low_score"),
        ({"action": "login", "score": 0}, "low_score"),
        ({"action": "login"}, "no_score"),
        ({"action": "login", "score": "0.9"}, "no_score"),
        ({"action": "login", "score": True}, "no_score"),
        ({"action": "login", "score": float("nan")}, "no_score"),
        ({"action": "login", "score": 1.1}, "no_score"),
        ({"action": "login", "score": -0.1}, "no_score"),
        ({"action": "activation", "score": 0.9}, "action"),
        ({"action": None, "score": 0.9}, "action"),
        ({"score": 0.9}, "action"),
        ({}, "action"),
    ],
)
def test_a_score_key_wants_the_action_and_a_score(
    changes: dict[str, Any], expected: str | None
) -> None:
    """A v3 answer without our action, without a score or with nonsense for one never passes."""
    found = recaptcha.refusal(
        good(**changes), hostname=HOST, action="login", now_epoch_s=NOW, is_v3=True
    )
    assert found == expected


def test_with_a_score_key_a_good_score_passes_and_a_low_one_is_doubted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """v3 through the wire: pass, doubt below the score of this action, fail without one."""
    monkeypatch.setenv("RECAPTCHA_KIND", "v3")
    assert captcha.widget("login").kind == "v3"
    assert check(google.issue_token("login")) is CaptchaVerdict.PASSED
    assert check(google.issue_token("activation")) is CaptchaVerdict.FAILED
    assert check(google.issue_token()) is CaptchaVerdict.FAILED
    monkeypatch.setenv("RECAPTCHA_SCORES", '{"default": 0.3, "login": 0.95}')
    assert check(google.issue_token("login")) is CaptchaVerdict.DOUBTED
    monkeypatch.setenv("RECAPTCHA_SCORES", '{"default": 0.3}')
    assert check(google.issue_token("login")) is CaptchaVerdict.PASSED
    google.set_mode("low_score")
    assert check(google.issue_token("login")) is CaptchaVerdict.DOUBTED
    google.set_mode("no_score")
    assert check(google.issue_token("login")) is CaptchaVerdict.FAILED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECAPTCHA_KIND", "v4"),
        ("CAPTCHA_PROVIDER", "nobody"),
        ("RECAPTCHA_SCORES", "0.5"),
        ("RECAPTCHA_SCORES", "{"),
        ("RECAPTCHA_SCORES", '{"login": 0}'),
        ("RECAPTCHA_SCORES", '{"login": true}'),
        ("RECAPTCHA_SCORES", '{"login": NaN}'),
    ],
)
def test_a_setting_that_means_nothing_is_loud(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong kind, provider or score stops the check: none of them lets anybody in."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused, match=name):
        check(google.issue_token())


def test_a_google_that_stays_away_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After five failures nobody waits for Google for 30 seconds, and pages show our own check."""
    google.set_mode("down")
    for _ in range(5):
        assert captcha.widget("login").kind == "v2"
        assert check("some-token") is CaptchaVerdict.UNREACHABLE
    asked = len(_Door.bodies)
    google.set_mode("pass")
    assert check(google.issue_token()) is CaptchaVerdict.UNREACHABLE
    assert len(_Door.bodies) == asked
    assert captcha.widget("login").kind == "altcha"
    monkeypatch.setattr(clock, "_source", lambda: float(NOW + 30))
    assert captcha.widget("login").kind == "v2"
    assert check(google.issue_token()) is CaptchaVerdict.PASSED
    assert check(google.issue_token()) is CaptchaVerdict.PASSED


def test_a_renewed_secret_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """When Google refuses our secret, the next person is checked with what is stored by then."""
    give_secrets(monkeypatch, "old", "new")
    google.set_mode("invalid_secret")
    assert check(google.issue_token()) is CaptchaVerdict.UNREACHABLE
    google.set_mode("pass")
    assert check(google.issue_token()) is CaptchaVerdict.PASSED
    assert check(google.issue_token()) is CaptchaVerdict.PASSED
    assert [body.split(b"&")[0] for body in _Door.bodies] == [
        b"secret=old",
        b"secret=new",
        b"secret=new",
    ]


@pytest.mark.parametrize("code", ["missing-input-secret", "invalid-input-secret", "bad-request"])
def test_codes_about_our_own_credentials_are_our_fault(code: str) -> None:
    """Codes that a person can do nothing about are told apart."""
    assert refusal({"success": False, "error-codes": [code]}) == "our_fault"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECAPTCHA_URL", "http://www.google.com/recaptcha"),
        ("RECAPTCHA_URL", "https://127.0.0.1/recaptcha"),
        ("RECAPTCHA_SITE_KEY", PUBLIC_TEST_SITE_KEY),
    ],
)
def test_outside_the_local_house_weak_settings_are_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http, loopback and Google's public test key stop any other stage."""
    monkeypatch.setenv("STAGE", "production")
    monkeypatch.setenv("RECAPTCHA_URL", "https://www.google.com/recaptcha")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused):
        captcha.widget("login")
    with pytest.raises(SettingRefused):
        check("some-token")


def test_the_public_test_secret_is_refused_outside_the_local_house(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Google's public test secret, which passes everybody, stops any other stage."""
    give_secrets(monkeypatch, PUBLIC_TEST_SECRET)
    monkeypatch.setenv("STAGE", "production")
    with pytest.raises(SettingRefused):
        keys.read()
    monkeypatch.setenv("STAGE", "local")
    assert keys.read().recaptcha_secret == PUBLIC_TEST_SECRET


def test_a_missing_site_key_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment without a site key fails with the setting's name."""
    monkeypatch.delenv("RECAPTCHA_SITE_KEY")
    with pytest.raises(SettingMissing, match="RECAPTCHA_SITE_KEY"):
        captcha.widget("login")


def test_the_page_may_load_googles_hosts_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real deployment names Google's two documented sources for the page's policy."""
    monkeypatch.setenv("STAGE", "production")
    monkeypatch.delenv("RECAPTCHA_URL")
    widget = captcha.widget("login")
    assert widget.script_url == "https://www.google.com/recaptcha/api.js"
    assert widget.csp_sources == (
        "https://www.google.com/recaptcha/",
        "https://www.gstatic.com/recaptcha/",
    )


def test_the_replay_key_hides_the_token() -> None:
    """A token is remembered by its hash."""
    key = captcha.replay_key("some-token")
    assert key.startswith("captcha#")
    assert "some-token" not in key
    assert key != captcha.replay_key("some-token ")


def test_a_token_of_the_stand_in_lives_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in follows the house's clock, so a token of three minutes ago fails."""
    token = google.issue_token()
    monkeypatch.setattr(clock, "_source", lambda: float(NOW + 121))
    assert check(token) is CaptchaVerdict.FAILED


def test_the_stand_in_serves_a_script_and_tokens() -> None:
    """The browser side of the stand-in gives a script and, to any page, fresh tokens."""
    base = "/_google/recaptcha"
    script = google.handle(StandInRequest("GET", f"{base}/api.js", {}, {}, b""))
    assert script is not None
    assert b"g-recaptcha-response" in script.body
    token = google.handle(StandInRequest("GET", f"{base}/token", {}, {}, b""))
    assert token is not None
    assert ("Access-Control-Allow-Origin", "*") in token.headers
    assert check(token.body.decode()) is CaptchaVerdict.PASSED


def test_the_stand_in_knows_its_addresses() -> None:
    """An unknown address below the stand-in's is 404, any other is not its own."""
    unknown = google.handle(StandInRequest("GET", "/_google/recaptcha/other", {}, {}, b""))
    assert unknown is not None
    assert unknown.status == 404
    assert google.handle(StandInRequest("GET", "/login", {}, {}, b"")) is None


def test_the_stand_in_refuses_an_unknown_mode() -> None:
    """A typing error in a mode is an error, not a pass."""
    with pytest.raises(ValueError, match="sometimes"):
        google.set_mode("sometimes")
