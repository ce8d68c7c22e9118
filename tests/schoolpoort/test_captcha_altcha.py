"""Our own check: it counts when signed by us, for this form, in time, and once a challenge."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schoolpoort import aws, captcha, clock
from schoolpoort.captcha import CaptchaVerdict, altcha
from schoolpoort.errors import SettingRefused, StoreUnavailable
from tests.solver import packed, solve

NOW = 1_800_000_000


class _Secrets:
    """Secrets Manager with one entry."""

    def __init__(self, **content: str) -> None:
        self.content = content
        self.readings = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        """Count a reading."""
        assert SecretId == "arn:of:a:secret"
        self.readings += 1
        return {"SecretString": json.dumps(self.content)}


@pytest.fixture(autouse=True)
def stored(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Secrets]:
    """Choose our own check, with a key of its own and a stopped clock."""
    found = _Secrets(recaptcha_secret="", altcha_key="an invented key")
    monkeypatch.setenv("STAGE", "production")
    monkeypatch.setenv("CAPTCHA_PROVIDER", "altcha")
    monkeypatch.setenv("CAPTCHA_SECRET_ARN", "arn:of:a:secret")
    monkeypatch.delenv("RECAPTCHA_SITE_KEY", raising=False)
    monkeypatch.setattr(clock, "_source", lambda: float(NOW))
    monkeypatch.setattr(aws, "client", lambda _: found)
    captcha.forget()
    yield found
    captcha.forget()


def challenge(action: str = "login") -> dict[str, Any]:
    """Return a fresh challenge as the page has it."""
    found: dict[str, Any] = json.loads(captcha.widget(action).challenge)
    return found


@pytest.fixture(scope="module")
def _one() -> dict[str, Any]:
    """Return one solution for the tests that only bend it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAPTCHA_SECRET_ARN", "arn:of:a:secret")
        patch.setattr(clock, "_source", lambda: float(NOW))
        entry = _Secrets(recaptcha_secret="", altcha_key="an invented key")
        patch.setattr(aws, "client", lambda _: entry)
        captcha.forget()
        found = solve(json.loads(altcha.widget("login").challenge))
    captcha.forget()
    return found


@pytest.fixture
def one(_one: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of that solution."""
    found: dict[str, Any] = json.loads(json.dumps(_one))
    return found


def check(payload: object, action: str = "login") -> CaptchaVerdict:
    """Send a form with a solution and have it judged."""
    token = captcha.answer({captcha.ALTCHA_FIELD: packed(payload)})
    return captcha.check(token, "192.0.2.7", action)


def refusal(payload: object, now_epoch_s: int = NOW, action: str = "login") -> str | None:
    """Judge a solution with the key of these tests."""
    return altcha.refusal(
        packed(payload), key="an invented key", action=action, now_epoch_s=now_epoch_s
    )


def test_a_solution_passes(stored: _Secrets) -> None:
    """Solved as a browser does, a challenge passes; page and answer cost one reading together."""
    assert check(solve(challenge())) is CaptchaVerdict.PASSED
    assert stored.readings == 1


def test_no_google_is_needed_by_choice() -> None:
    """A house without Google needs no site key, names no source of Google's and takes no token."""
    widget = captcha.widget("login")
    assert (widget.kind, widget.csp_sources, widget.script_url) == ("altcha", (), "")
    token = captcha.answer({captcha.FIELD: "a token of Google's"})
    assert captcha.check(token, "192.0.2.7", "login") is CaptchaVerdict.FAILED


def test_nothing_at_all_fails() -> None:
    """An empty form is a failed check, whoever does it."""
    assert captcha.check(captcha.answer({}), "192.0.2.7", "login") is CaptchaVerdict.FAILED


@pytest.mark.parametrize(("later_s", "expected"), [(0, None), (3599, None), (3600, "age")])
def test_a_challenge_ends(one: dict[str, Any], later_s: int, expected: str | None) -> None:
    """A solution counts for an hour after its challenge was made."""
    assert refusal(one, NOW + later_s) == expected


def test_a_challenge_is_for_one_form(one: dict[str, Any]) -> None:
    """What was solved for signing in opens nothing else."""
    assert refusal(one, action="forgotten") == "action"
    assert check(one, "activation") is CaptchaVerdict.FAILED


def test_another_key_signs_nothing_of_ours(one: dict[str, Any]) -> None:
    """A challenge that somebody else signed is none."""
    found = altcha.refusal(packed(one), key="another key", action="login", now_epoch_s=NOW)
    assert found == "signature"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cost", 1),
        ("keyPrefix", ""),
        ("keySignature", "00" * 32),
        ("data", {"action": "forgotten", "expires_at_epoch_s": NOW + 9999, "most": 500}),
        ("data", {}),
        ("nonce", "00" * 16),
        ("algorithm", "SHA-256"),
        ("expiresAt", NOW + 10**6),
    ],
)
def test_nothing_in_a_challenge_can_be_changed(
    one: dict[str, Any], name: str, value: object
) -> None:
    """An easier sum, another form or a later end breaks the signature."""
    one["challenge"]["parameters"][name] = value
    assert refusal(one) == "signature"


@pytest.mark.parametrize("key", ["", "00" * 32, "zz", "é"])
def test_the_sum_must_be_done(one: dict[str, Any], key: str) -> None:
    """A challenge of ours without its solution does not count."""
    one["solution"]["derivedKey"] = key
    assert refusal(one) == "solution"


def test_a_renewed_key_is_read_again(stored: _Secrets, one: dict[str, Any]) -> None:
    """A challenge with another signature fails, and the next person meets the key of now."""
    assert check(one) is CaptchaVerdict.PASSED
    stored.content["altcha_key"] = "a newer key"
    captcha.forget()
    theirs = solve(challenge())
    stored.content["altcha_key"] = "an invented key"
    assert check(one) is CaptchaVerdict.FAILED
    assert check(one) is CaptchaVerdict.PASSED
    assert check(theirs) is CaptchaVerdict.FAILED


def test_every_spelling_of_a_solution_is_reserved_as_one(one: dict[str, Any]) -> None:
    """Other spaces, order, extra fields or a changed time do not make a second use."""
    spelt = [
        one,
        {"solution": one["solution"], "challenge": one["challenge"], "more": 1},
        one | {"solution": one["solution"] | {"time": 5, "counter": 7}},
        one | {"solution": one["solution"] | {"derivedKey": one["solution"]["derivedKey"].upper()}},
    ]
    tokens = [captcha.answer({captcha.ALTCHA_FIELD: packed(payload)}) for payload in spelt]
    assert len(set(tokens)) == len(tokens)
    assert {captcha.check(token, "192.0.2.7", "login") for token in tokens} == {
        CaptchaVerdict.PASSED
    }
    assert len({captcha.replay_key(token) for token in tokens}) == 1
    other = captcha.answer({captcha.ALTCHA_FIELD: packed({"challenge": challenge()})})
    assert captcha.replay_key(other) != captcha.replay_key(tokens[0])
    assert altcha.LIFE_S < captcha.REPLAY_LIFE_S


@pytest.mark.parametrize("broken", ["no key", "not json", "no object"])
def test_an_entry_that_is_not_the_templates_is_loud(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key of our own nothing is signed with an empty one."""
    text = {"no key": '{"recaptcha_secret": "", "altcha_key": ""}', "not json": "x"}.get(
        broken, "5"
    )

    class Broken:
        def get_secret_value(self, **_: str) -> dict[str, str]:
            return {"SecretString": text}

    monkeypatch.setattr(aws, "client", lambda _: Broken())
    with pytest.raises(SettingRefused):
        captcha.widget("login")


def test_without_our_key_nobody_is_let_in(
    one: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Secrets Manager is away, a solution is not judged and no challenge is made."""

    def no_answer(_: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager.invalid")

    monkeypatch.setattr(aws, "client", no_answer)
    assert check(one) is CaptchaVerdict.UNREACHABLE
    with pytest.raises(StoreUnavailable):
        captcha.widget("login")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | _JSON.map(packed) | st.binary(max_size=40).map(base64.b64encode))
def test_nonsense_is_refused_and_nothing_breaks(field: str | bytes) -> None:
    """Whatever stands in the field is a failed check, and reserving it is possible."""
    text = field if isinstance(field, str) else field.decode()
    token = captcha.answer({captcha.ALTCHA_FIELD: text})
    assert captcha.check(token, "192.0.2.7", "login") is CaptchaVerdict.FAILED
    assert captcha.replay_key(token).startswith("captcha#")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        [
            ("challenge",),
            ("solution",),
            ("solution", "derivedKey"),
            ("challenge", "signature"),
            ("challenge", "parameters"),
            *(("challenge", "parameters", name) for name in ("data", "cost", "nonce", "salt")),
            ("challenge", "parameters", "keySignature"),
        ]
    ),
    _JSON,
)
def test_a_bent_solution_is_refused_and_nothing_breaks(
    one: dict[str, Any], path: tuple[str, ...], value: object
) -> None:
    """Any part of a good solution replaced by anything else is a failed check."""
    bent: dict[str, Any] = json.loads(json.dumps(one))
    place = bent
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert check(bent) is CaptchaVerdict.FAILED


def test_a_sign_in_by_google_loads_only_what_it_needs() -> None:
    """The cold path pays for our own check and for setting up an app when somebody needs them."""
    code = "import login.app, sys; print(sorted({'altcha', 'segno', 'pyotp'} & set(sys.modules)))"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == b"[]"
