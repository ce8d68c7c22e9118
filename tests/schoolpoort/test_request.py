"""A request is read from API Gateway's event, whatever a client made of it."""

import base64
import contextlib
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolpoort.web import BadRequest, Request, TooLarge
from schoolpoort.web.request import LARGEST_FORM_BYTES, from_event

_FORM = "application/x-www-form-urlencoded"
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_COOKIE_NAMES = st.text("abcXYZ_-019", min_size=1, max_size=8)


def event(body: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a proxy event of a form that was sent to /place."""
    return {
        "httpMethod": "POST",
        "resource": "/place/{name}",
        "path": "/place/één",
        "pathParameters": {"name": "één"},
        "queryStringParameters": None,
        "multiValueHeaders": {"Content-Type": [_FORM]},
        "requestContext": {
            "requestId": "abcdef12-3456-7890-abcd-ef1234567890",
            "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": body,
        "isBase64Encoded": False,
        **changes,
    }


def _with(**headers: str | list[str]) -> Request:
    lines = {
        name.replace("_", "-"): [values] if isinstance(values, str) else values
        for name, values in headers.items()
    }
    return from_event(event(multiValueHeaders=lines))


def test_a_request_is_what_the_gateway_says() -> None:
    """Method, route, path, parameters, sender and reference are taken as they are."""
    request = from_event(event("a=1"))
    assert (request.method, request.resource) == ("POST", "/place/{name}")
    assert (request.path, request.path_parameters) == ("/place/één", {"name": "één"})
    assert (request.source_ip, request.reference) == ("192.0.2.7", "abcdef12")
    assert (request.query, request.cookies, request.language) == ({}, {}, "nl")
    assert request.body == b"a=1"


def test_an_event_with_nothing_in_it_is_a_request() -> None:
    """API Gateway writes null where nothing was sent."""
    empty = event(multiValueHeaders=None, pathParameters=None, requestContext=None)
    request = from_event(empty)
    assert (request.headers, request.path_parameters) == ({}, {})
    assert (request.source_ip, request.reference) == ("", "")
    assert request.form() == {}


def test_header_names_have_one_case() -> None:
    """A header is found by its name in lower case; several lines of it are one list."""
    request = _with(ORIGIN="https://a.example", Accept=["text/html", "*/*"])
    assert request.headers["origin"] == "https://a.example"
    assert request.headers["accept"] == "text/html, */*"


@given(st.lists(st.tuples(_WORDS, _WORDS), max_size=20))
def test_a_form_comes_out_as_it_was_filled_in(fields: list[tuple[str, str]]) -> None:
    """Every field keeps its text; of a name that comes twice, the first counts."""
    request = from_event(event(urlencode(fields)))
    assert request.form() == dict(reversed(fields))
    for name, _ in fields:
        assert request.form_list(name) == [value for one, value in fields if one == name]


@given(_WORDS)
def test_a_form_in_base64_is_the_same_form(text: str) -> None:
    """What API Gateway wraps up reads the same."""
    body = base64.b64encode(f"a={quote(text)}".encode()).decode()
    assert from_event(event(body, isBase64Encoded=True)).form() == {"a": text}


@given(st.text(st.characters(), max_size=60), st.booleans())
def test_any_body_is_read_or_refused(body: str, is_base64: bool) -> None:
    """Lone surrogates, null bytes and broken base64 end in a refusal, never in a crash."""
    with contextlib.suppress(BadRequest):
        form = from_event(event(body, isBase64Encoded=is_base64)).form()
        text = "".join(form.values())
        assert text.encode().decode() == text


@pytest.mark.parametrize(
    "body",
    ["a=é", "a=%ff%fe", "a=%C3", "a=\ud800", "&".join(["a=1"] * 501)],
)
def test_a_malformed_form_is_refused(body: str) -> None:
    """Raw characters, broken encodings and a flood of fields are no form of a browser."""
    request = from_event(event(body))
    with pytest.raises(BadRequest) as refused:
        request.form()
    assert refused.value.code == "form_malformed"


@pytest.mark.parametrize("body", ["a", "a=", "=", "&&&", "a=1&", "%zz=%zz", "+", "a=1;b=2"])
def test_an_untidy_form_is_still_a_form(body: str) -> None:
    """What a browser would never send but no rule forbids gives fields or none."""
    assert "b" not in from_event(event(body)).form()


@pytest.mark.parametrize(
    ("content_type", "is_form"),
    [
        (_FORM, True),
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", True),
        ("", True),
        ("application/json", False),
        ("multipart/form-data; boundary=x", False),
        ("text/plain", False),
        (f"{_FORM}, {_FORM}", False),
    ],
)
def test_only_a_form_is_read_as_a_form(content_type: str, is_form: bool) -> None:
    """Another kind of body is refused, so that no other kind of page can send one."""
    request = from_event(event("a=1", multiValueHeaders={"Content-Type": [content_type]}))
    if is_form:
        assert request.form() == {"a": "1"}
    else:
        with pytest.raises(BadRequest) as refused:
            request.form()
        assert refused.value.code == "form_type"


def test_a_body_may_be_as_large_as_a_form_and_no_larger() -> None:
    """The largest form is read; one character more is too large, also wrapped up."""
    largest = "a=" + "x" * (LARGEST_FORM_BYTES - 2)
    assert len(from_event(event(largest)).form()["a"]) == LARGEST_FORM_BYTES - 2
    for body, is_base64 in ((largest + "x", False), ("A" * (LARGEST_FORM_BYTES + 4), True)):
        with pytest.raises(TooLarge):
            from_event(event(body, isBase64Encoded=is_base64))


@pytest.mark.parametrize("body", ["abc", "a b=", "é===", "====", "\ud800"])
def test_broken_base64_is_refused(body: str) -> None:
    """A body that says that it is base64 and is not gets a refusal."""
    with pytest.raises(BadRequest) as refused:
        from_event(event(body, isBase64Encoded=True))
    assert refused.value.code == "body_base64"


@given(st.dictionaries(_COOKIE_NAMES, st.text("abc019_-=.!", max_size=20), max_size=6))
def test_cookies_come_as_they_were_set(cookies: dict[str, str]) -> None:
    """Every pair of the header is a cookie, in one line or in several."""
    pairs = [f"{name}={value}" for name, value in cookies.items()]
    assert _with(cookie="; ".join(pairs)).cookies == cookies
    assert _with(Cookie=pairs).cookies == cookies


@pytest.mark.parametrize(
    "other",
    [
        'settings={"size": "large"}',
        "path=/",
        "version=1",
        "Expires=never",
        "name with spaces=1",
        "naïve=é",
        "nothing",
        "=nameless",
        ";;;",
        '"',
        "\x01=\x02",
        "a[0]=1,2",
    ],
)
def test_a_cookie_of_somebody_else_hides_none_of_ours(other: str) -> None:
    """Whatever another site of the same domain set, who is signed in stays so."""
    for header in (f"{other}; __Host-sid=secret", f"__Host-sid=secret; {other}"):
        assert _with(cookie=header).cookies["__Host-sid"] == "secret"


@given(st.text(max_size=60))
def test_any_cookie_header_is_read(header: str) -> None:
    """Garbage gives cookies or none, and no name without letters."""
    assert all(name for name in _with(cookie=header).cookies)


@pytest.mark.parametrize(
    ("query", "cookie", "language"),
    [
        (None, "", "nl"),
        ({"lang": "en"}, "", "en"),
        ({"lang": "en"}, "__Host-lang=nl", "en"),
        (None, "__Host-lang=en", "en"),
        ({"lang": "fy"}, "__Host-lang=en", "en"),
        ({"lang": "fy"}, "", "nl"),
        ({"lang": "EN"}, "__Host-lang=../../etc", "nl"),
    ],
)
def test_the_language_is_chosen_asked_or_dutch(
    query: dict[str, str] | None, cookie: str, language: str
) -> None:
    """The address says it first, then what was chosen before, else Dutch; nothing else counts."""
    lines = {"Cookie": [cookie], "Accept-Language": ["en"]}
    found = from_event(event(queryStringParameters=query, multiValueHeaders=lines))
    assert found.language == language
