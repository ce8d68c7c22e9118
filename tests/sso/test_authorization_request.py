"""Reading a sign-on request: exact addresses, S256 only, and errors by the book."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.stand_ins import publisher as stand_in
from sso import authorization_request, registration
from sso.authorization_request import AuthorizationRequest
from sso.errors import RequestRefused, RequestUnsafe
from sso.registration import Publisher
from tests.sso.world import CALLBACK, PUBLISHER, SITE, VERIFIER, challenge_of

RIGHT = {
    "response_type": "code",
    "client_id": PUBLISHER,
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


def _read(publisher: Publisher, **changes: str | None) -> AuthorizationRequest:
    merged: dict[str, str | None] = {**RIGHT, **changes}
    query = {name: value for name, value in merged.items() if value is not None}
    return authorization_request.read(query, publisher, CALLBACK)


def _error_of(publisher: Publisher, **changes: str | None) -> str:
    with pytest.raises(RequestRefused) as refused:
        _read(publisher, **changes)
    return refused.value.error


def test_a_right_request_is_read(publisher: Publisher) -> None:
    """Everything that the answer needs is taken over as it was sent."""
    assert _read(publisher) == AuthorizationRequest(
        client_id=PUBLISHER,
        redirect_uri=CALLBACK,
        state="s",
        nonce="n",
        code_challenge=challenge_of(VERIFIER),
        must_sign_in_anew=False,
        is_silent=False,
        max_age_s=None,
    )


@pytest.mark.parametrize(
    "changed",
    [
        CALLBACK + "/",
        CALLBACK + "?a=b",
        CALLBACK + "#part",
        CALLBACK + "/../elders",
        CALLBACK.upper(),
        CALLBACK.replace("127.0.0.1", "localhost"),
        CALLBACK.replace("http:", "https:"),
        CALLBACK.replace("18080", "18081"),
        CALLBACK.replace("://", "://user@"),
        CALLBACK + "%20",
        " " + CALLBACK,
        "https://elders.example/callback",
        "//elders.example",
        "",
    ],
)
def test_a_return_address_is_a_registered_one_to_the_letter(
    publisher: Publisher, changed: str
) -> None:
    """Any difference from the registered address leaves no way back at all."""
    with pytest.raises(RequestUnsafe):
        authorization_request.return_address({"redirect_uri": changed}, publisher)


@given(st.text())
def test_no_text_becomes_a_return_address(uri: str) -> None:
    """Whatever is sent, the way back is a registered address or none."""
    registered = registration.of_item(stand_in.registration(SITE, PUBLISHER))
    try:
        found = authorization_request.return_address({"redirect_uri": uri}, registered)
    except RequestUnsafe:
        return
    assert found in registered.redirect_uris


def test_an_unknown_publisher_has_no_way_back() -> None:
    """Without a registration even a right address is not gone to."""
    with pytest.raises(RequestUnsafe) as unsafe:
        authorization_request.return_address(RIGHT, None)
    assert unsafe.value.code == "client_unknown"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openidx"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "a" * 44}, "invalid_request"),
        ({"code_challenge": "é" * 43}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://rekenrijk.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "consent"}, "consent_required"),
        ({"prompt": "select_account"}, "account_selection_required"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": ""}, "invalid_request"),
        ({"max_age": "9" * 10}, "invalid_request"),
        ({"state": "s" * 1025}, "invalid_request"),
        ({"nonce": "n" * 256}, "invalid_request"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_own_error(
    publisher: Publisher, changes: dict[str, str | None], error: str
) -> None:
    """Each wrong part gets the error that the specifications name for it."""
    assert _error_of(publisher, **changes) == error


def test_more_scopes_than_openid_are_read_over(publisher: Publisher) -> None:
    """Unknown scopes are ignored, as OpenID Connect asks (Core 1.0, 3.1.2.1)."""
    assert _read(publisher, scope="openid profile email").client_id == PUBLISHER


def test_prompts_and_ages_are_understood(publisher: Publisher) -> None:
    """The three ways to ask about the sign-in itself are kept apart."""
    assert _read(publisher, prompt="login").must_sign_in_anew
    assert _read(publisher, prompt="none").is_silent
    assert _read(publisher, max_age="0").max_age_s == 0
    assert not _read(publisher, prompt="").is_silent


NOW = 1_790_000_000


@pytest.mark.parametrize(
    ("changes", "age_s", "asked_ago_s", "expected"),
    [
        ({}, 40_000, None, False),
        ({"max_age_s": 600}, 600, None, False),
        ({"max_age_s": 600}, 601, None, True),
        ({"max_age_s": 0}, 0, None, False),
        ({"max_age_s": 0}, 1, None, True),
        ({"must_sign_in_anew": True}, 0, None, True),
        ({"must_sign_in_anew": True}, 5, 10, False),
        ({"must_sign_in_anew": True}, 10, 10, False),
        ({"must_sign_in_anew": True}, 11, 10, True),
        ({"max_age_s": 0}, 5, 10, False),
        ({"max_age_s": 600}, 700, 10, True),
    ],
)
def test_a_sign_in_is_new_enough_or_not(
    publisher: Publisher,
    changes: dict[str, object],
    age_s: int,
    asked_ago_s: int | None,
    expected: bool,
) -> None:
    """A sign-in since the question always satisfies it; before that its age is what counts."""
    asked = dataclasses.replace(_read(publisher), **changes)  # type: ignore[arg-type]
    assert (
        authorization_request.wants_newer_sign_in(
            asked,
            authenticated_at_epoch_s=NOW - age_s,
            asked_at_epoch_s=None if asked_ago_s is None else NOW - asked_ago_s,
            now_epoch_s=NOW,
        )
        == expected
    )


@pytest.mark.parametrize("name", ["state", "nonce", "code_challenge", "redirect_uri"])
def test_another_question_has_another_fingerprint(publisher: Publisher, name: str) -> None:
    """A new sign-in for one question does not count for a question that differs anywhere."""
    asked = _read(publisher)
    changes: dict[str, str] = {name: "x" * 43}
    assert dataclasses.replace(asked, **changes).fingerprint() != asked.fingerprint()  # type: ignore[arg-type]


_PARTS = st.tuples(*[st.none() | st.text('a,"\\ \n', max_size=4) for _ in range(2)])


@given(_PARTS, _PARTS)
def test_no_two_questions_run_together(
    first: tuple[str | None, str | None], second: tuple[str | None, str | None]
) -> None:
    """Text moved from one field into the next is another question, whatever it consists of."""
    prints = {_asked(*first).fingerprint(), _asked(*second).fingerprint()}
    assert (len(prints) == 1) == (first == second)


@pytest.mark.parametrize("separator", [",", ", ", '", "', "\n", "\x00"])
def test_a_separator_in_a_field_separates_nothing(separator: str) -> None:
    """The same text cut at another place is another question."""
    first = _asked(f"a{separator}b", "c").fingerprint()
    assert first != _asked("a", f"b{separator}c").fingerprint()
    assert _asked(None, "c").fingerprint() != _asked("None", "c").fingerprint()


def _asked(state: str | None, nonce: str | None) -> AuthorizationRequest:
    return AuthorizationRequest(
        client_id=PUBLISHER,
        redirect_uri=CALLBACK,
        state=state,
        nonce=nonce,
        code_challenge="c" * 43,
        must_sign_in_anew=True,
        is_silent=False,
        max_age_s=None,
    )
