"""What no browser sends: each gets a page that a person understands, and changes nothing."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.gateway import HttpRequest
from infra.local.stand_ins import google
from infra.local.visitor import Visitor
from login import forms
from schoolpoort import captcha, sessions
from tests.amounts import often
from tests.login.door import NOOR, PASSWORD, Door

COOKIE = sessions.COOKIE_NAME
FORM_TYPE = ("content-type", "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("", "Vul je e-mailadres in."),
        ("   ", "Vul je e-mailadres in."),
        ("noor", "Dit is geen e-mailadres."),
        ("noor@", "Dit is geen e-mailadres."),
        ("@vlieger.example", "Dit is geen e-mailadres."),
        ("noor@vlieger.example\x00", "Dit is geen e-mailadres."),
        ("noor\r\nBcc: x@y.example@vlieger.example", "Dit is geen e-mailadres."),
        ("a@b@vlieger.example", "Dit is geen e-mailadres."),
        ("n" * 300 + "@vlieger.example", "Dit is geen e-mailadres."),
        ("noor@" + "v" * 300 + ".example", "Dit is geen e-mailadres."),
    ],
)
def test_what_is_no_address_is_said_beside_the_field(
    door: Door, visitor: Visitor, email: str, text: str
) -> None:
    """A missing or impossible address costs no call and keeps the check unused."""
    token = google.issue_token()
    answer = door.sign_in(visitor, email=email, token=token)
    assert answer.status == 400
    assert text in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert door.calls == []
    assert door.sign_in(visitor, token=token).status == 303


def test_a_missing_password_is_said_beside_the_field(door: Door, visitor: Visitor) -> None:
    """Without a password nothing is asked of anybody."""
    answer = door.sign_in(visitor, password="")
    assert answer.status == 400
    assert "Vul je wachtwoord in." in answer.text
    assert door.calls == []


@pytest.mark.parametrize(
    "password",
    [
        "kort1",
        "x" * 60_000,
        "zeven\x00zalmen 7",
        "zeven zalmen 7\x00",
        "🐟🐟🐟🐟🐟🐟🐟a1",
        "zеven zalmen 7",
        " zeven zalmen 7",
        "ZEVEN ZALMEN 7",
        "zeven zalmen ７８",
    ],
)
def test_a_strange_password_is_a_wrong_password(
    door: Door, visitor: Visitor, password: str
) -> None:
    """Too short, too long, null bytes, emoji and look-alikes are simply wrong."""
    answer = door.sign_in(visitor, password=password)
    assert answer.status == 401
    assert COOKIE not in visitor.cookies


@pytest.mark.parametrize(
    "email",
    [
        "nооr.dewit@vlieger.example",
        "noor.dewit@vlıeger.example",
        "😀@vlieger.example",
        "noor.dewit+les@vlieger.example",
        "noor.dewit@vlieger.example.evil.example",
    ],
)
def test_a_look_alike_address_is_another_address(door: Door, visitor: Visitor, email: str) -> None:
    """An address that only looks like hers does not open her account."""
    assert door.sign_in(visitor, email=email).status in {400, 401}
    assert COOKIE not in visitor.cookies


def test_a_password_of_ten_megabytes_is_too_large(door: Door) -> None:
    """A huge form is refused before anything reads it."""
    body = b"email=a%40b.example&password=" + b"x" * (10 * 1024 * 1024)
    answer = door.house.call(HttpRequest("POST", "/login", (FORM_TYPE,), body, "192.0.2.7"))
    assert answer.status == 413
    assert door.calls == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"email": "a"}'),
        ("multipart/form-data; boundary=x", b"--x--"),
        (FORM_TYPE[1], "é".encode()),
        (FORM_TYPE[1], b"\xff\xfe"),
        (FORM_TYPE[1], b"&".join(b"a=%d" % number for number in range(600))),
        (FORM_TYPE[1], b"email=%ff%fe&password=x"),
    ],
)
def test_a_malformed_form_is_a_clear_refusal(door: Door, content_type: str, body: bytes) -> None:
    """JSON, broken encodings and a flood of fields get a 400 page, no crash."""
    headers = (("content-type", content_type),)
    answer = door.house.call(HttpRequest("POST", "/login", headers, body, "192.0.2.7"))
    assert answer.status == 400
    assert b"<html" in answer.body
    assert door.calls == []


def test_a_form_of_another_site_is_refused(door: Door, visitor: Visitor) -> None:
    """Another site's page can neither sign somebody in nor out."""
    for path in ("/login", "/logout"):
        answer = visitor.post(path, {"email": NOOR}, sec_fetch_site="cross-site")
        assert answer.status == 403
    assert door.calls == []


def test_an_origin_of_another_site_is_refused(door: Door) -> None:
    """A browser without Sec-Fetch-Site is judged by its Origin."""
    headers = (FORM_TYPE, ("origin", "https://evil.example"))
    answer = door.house.call(HttpRequest("POST", "/login", headers, b"email=a", "192.0.2.7"))
    assert answer.status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_get_a_page(door: Door, method: str) -> None:
    """A method that the sign-in page does not have is refused."""
    answer = door.house.call(HttpRequest(method, "/login", (), b"", "192.0.2.7"))
    assert answer.status in {403, 404, 405}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "a" * 42,
        "a" * 44,
        "a" * 43,
        "a" * 10_000,
        "../../../etc/passwd",
        "a" * 42 + "\x00",
        '"quoted"',
        "é" * 43,
        "{}",
    ],
)
@pytest.mark.parametrize("path", ["/apps", "/account", "/login", "/"])
def test_an_invented_session_is_no_session(
    door: Door, visitor: Visitor, value: str, path: str
) -> None:
    """Whatever stands in the session cookie, only a secret of ours opens a page."""
    visitor.cookies[COOKIE] = value
    answer = visitor.get(path)
    assert answer.status in {200, 303}
    assert "Uitloggen" not in answer.text


def test_a_cookie_header_of_garbage_is_no_session(door: Door) -> None:
    """A header that is no list of cookies is read as none."""
    headers = (("cookie", "=;;;\x01=\x02; a b c; $Version=1; ,,,"),)
    answer = door.house.call(HttpRequest("GET", "/apps", headers, b"", "192.0.2.7"))
    assert answer.status == 303


def test_a_token_of_absurd_length_fails(door: Door, visitor: Visitor) -> None:
    """A captcha token of 20 kB is a failed check."""
    assert door.sign_in(visitor, token="x" * 20_000).status == 403


def test_the_address_typed_cannot_write_into_the_page(door: Door, visitor: Visitor) -> None:
    """Markup in the address comes back as text."""
    answer = door.sign_in(visitor, email='"><script>alert(1)</script>@a.example')
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("next_path", ['/"><script>alert(1)</script>', "/apps/%22%3E<b>"])
def test_the_way_back_cannot_write_into_the_page(
    door: Door, visitor: Visitor, next_path: str
) -> None:
    """Markup in the way back comes out as text, on the form and on the step between."""
    page = visitor.get(f"/login?next={quote(next_path)}")
    answer = door.sign_in(visitor, next=next_path)
    for text in (page.text, answer.text):
        assert "<script>alert" not in text
        assert "<b>" not in text


@settings(
    max_examples=often(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.sampled_from(["email", "password", "next", captcha.FIELD, "other"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    )
)
def test_no_form_crashes_the_page(door: Door, fields: dict[str, str]) -> None:
    """Any text in any field is answered with a page or a redirect and starts no session."""
    answer = door.visitor().post("/login", fields)
    assert answer.status in {400, 401, 403}
    assert answer.set_cookies == ()


@given(st.dictionaries(st.sampled_from(["email", "password", "next"]), st.text(max_size=400)))
def test_reading_a_form_never_raises(fields: dict[str, str]) -> None:
    """The reader of the form turns anything into a form with codes for what is wrong."""
    form = forms.read(fields)
    assert bool(form.address) == ("email" not in form.errors)


def test_a_store_that_is_away_is_said_so(
    door: Door, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store throttles, the page asks to try again; nobody is signed in."""
    from schoolpoort import dynamodb
    from schoolpoort.errors import StoreUnavailable

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(dynamodb, "transact", away)
    answer = door.sign_in(visitor, password=PASSWORD)
    assert answer.status == 503
    assert COOKIE not in visitor.cookies
