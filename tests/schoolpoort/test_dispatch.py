"""The one door of every request: what comes in, what is refused, and what each answer carries."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.house import House
from schoolpoort import settings
from schoolpoort.errors import StoreUnavailable
from schoolpoort.web import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    HttpProblem,
    NotFound,
    Request,
    Response,
    SignInRequired,
    TooLarge,
    TooManyRequests,
    Unavailable,
    View,
    cookie,
    dispatch,
    json_response,
    page,
    redirect,
)
from schoolpoort.web.dispatch import refuse_cross_site
from schoolpoort.web.problems import CrossSite

_RESOURCE = "/place"
_REFERENCE = "abcdef12"


@pytest.fixture(autouse=True)
def _house(aws: House) -> None:
    """Set the environment that the template gives, and compile the catalogues."""


def _event(method: str = "GET", **changes: Any) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "resource": _RESOURCE,
        "path": _RESOURCE,
        "pathParameters": None,
        "queryStringParameters": None,
        "multiValueHeaders": {"Sec-Fetch-Site": ["same-origin"]},
        "requestContext": {"requestId": f"{_REFERENCE}-3456-7890-abcd-ef1234567890"},
        "body": None,
        "isBase64Encoded": False,
        **changes,
    }


def _answer(view: View, event: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    routes = {("GET", _RESOURCE): view, ("POST", _RESOURCE): view}
    return dispatch(event or _event(), routes, service="test", **options)


def _fine(_request: Request) -> Response:
    return Response(200, "fine")


def _raising(problem: Exception) -> View:
    def view(_request: Request) -> Response:
        raise problem

    return view


def _header(answer: Mapping[str, Any], name: str) -> str:
    [value] = answer["multiValueHeaders"][name]
    return str(value)


def test_a_view_answers_its_own_route() -> None:
    """The method and the route choose the view; its answer goes out as it is."""
    seen: list[Request] = []

    def view(request: Request) -> Response:
        seen.append(request)
        return Response(201, "made", (("X-Place", "here"),), ("a=1", "b=2"))

    answer = _answer(view)
    assert (answer["statusCode"], answer["body"]) == (201, "made")
    assert answer["isBase64Encoded"] is False
    assert _header(answer, "X-Place") == "here"
    assert answer["multiValueHeaders"]["Set-Cookie"] == ["a=1", "b=2"]
    assert seen[0].reference == _REFERENCE


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "get", ""])
def test_a_method_without_a_view_is_405(method: str) -> None:
    """The address exists, the method does not: a page says so."""
    answer = _answer(_fine, _event(method))
    assert answer["statusCode"] == 405
    assert "<h1>Dit kan niet vanaf hier</h1>" in answer["body"]


def test_a_route_without_a_view_runs_nothing() -> None:
    """A route that the template gives and the function does not know is 405, no crash."""
    assert dispatch(_event(), {}, service="test")["statusCode"] == 405


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": ["same-origin"]}, True),
        ({"Sec-Fetch-Site": ["none"]}, True),
        ({"Sec-Fetch-Site": ["cross-site"]}, False),
        ({"Sec-Fetch-Site": ["same-site"]}, False),
        ({"Sec-Fetch-Site": [""]}, False),
        ({"sec-fetch-site": ["same-origin", "cross-site"]}, False),
        ({"Sec-Fetch-Site": ["cross-site"], "Origin": ["own"]}, False),
        ({"Sec-Fetch-Site": ["same-origin"], "Origin": ["https://evil.example"]}, True),
        ({"Origin": ["own"]}, True),
        ({"Origin": ["https://evil.example"]}, False),
        ({"Origin": ["null"]}, False),
        ({"Origin": [""]}, False),
        ({"Origin": ["own", "https://evil.example"]}, False),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_form_of_another_site_is_refused(
    method: str,
    headers: dict[str, list[str]],
    is_let_in: bool,
) -> None:
    """A changing request comes from our own pages or from no browser at all."""
    own = settings.require_url("PUBLIC_BASE_URL")
    lines = {
        name: [own if value == "own" else value for value in values]
        for name, values in headers.items()
    }
    answer = dispatch(
        _event(method, multiValueHeaders=lines), {(method, _RESOURCE): _fine}, service="test"
    )
    assert answer["statusCode"] == (200 if is_let_in else 403)
    assert (answer["body"] == "fine") is is_let_in


def test_looking_from_another_site_is_let_in() -> None:
    """A link on another site may lead here: looking changes nothing."""
    crossed = {"Sec-Fetch-Site": ["cross-site"], "Origin": ["https://a.example"]}
    for method in ("GET", "HEAD", "OPTIONS"):
        refuse_cross_site(_request(method, crossed))
    with pytest.raises(CrossSite):
        refuse_cross_site(_request("POST", crossed))


def _request(method: str, headers: dict[str, list[str]]) -> Request:
    from schoolpoort.web.request import from_event

    return from_event(_event(method, multiValueHeaders=headers))


def test_only_a_named_machine_route_takes_posts_of_others() -> None:
    """A token endpoint is posted to by other servers; no other route beside it is."""
    crossed = _event("POST", multiValueHeaders={"Sec-Fetch-Site": ["cross-site"]})
    let_in = _answer(_fine, crossed, machine_routes={("POST", _RESOURCE)})
    assert let_in["statusCode"] == 200
    assert _answer(_fine, crossed, machine_routes={("GET", _RESOURCE)})["statusCode"] == 403


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (BadRequest("why"), 400, "We begrijpen deze vraag niet"),
        (Forbidden("why"), 403, "Deze deur is niet voor jou"),
        (CrossSite("why"), 403, "Dit hebben we niet gedaan"),
        (NotFound("why"), 404, "Deze deur bestaat niet"),
        (Conflict("why"), 409, "Er is intussen iets veranderd"),
        (Gone("why"), 410, "Deze deur is dicht"),
        (TooLarge("why"), 413, "Dat was te veel in één keer"),
        (TooManyRequests("why"), 429, "Dat ging iets te snel"),
        (Unavailable("why"), 503, "We zijn even niet bereikbaar"),
        (StoreUnavailable(), 503, "We zijn even niet bereikbaar"),
    ],
)
def test_a_problem_is_a_page_with_a_reference(
    problem: Exception, status: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The page says what happened, and its reference is the one of the log line."""
    answer = _answer(_raising(problem))
    assert answer["statusCode"] == status
    assert f"<h1>{said}</h1>" in answer["body"]
    assert f"<code>{_REFERENCE}</code>" in answer["body"]
    assert "why" not in re.sub(r"\s", " ", answer["body"]).split()
    [told] = [record for record in caplog.records if record.message == "problem"]
    assert told.__dict__["reference"] == _REFERENCE
    assert told.__dict__["code"] in {"why", "store_unavailable"}
    assert told.levelno == logging.WARNING


def test_a_problem_may_have_a_page_of_its_own() -> None:
    """A function's own template speaks instead, with the status of the problem."""
    template = "password_reset/dead_link.html"
    problem = Conflict(
        "why", template=template, state="expired", purpose="reset", at="", is_renewable=False
    )
    answer = _answer(_raising(problem))
    assert answer["statusCode"] == 409
    assert "/password/forgotten" in answer["body"]
    assert "Er is intussen iets veranderd" not in answer["body"]


def test_a_crash_is_no_page_of_ours() -> None:
    """A mistake of our own is left to the runtime, which counts it and alarms."""
    with pytest.raises(ZeroDivisionError):
        _answer(_raising(ZeroDivisionError()))


def test_every_kind_of_problem_has_its_own_status() -> None:
    """Apart from the two refusals, no two problems look the same to a client."""
    kinds = HttpProblem.__subclasses__()
    statuses = [kind.status for kind in kinds if kind is not CrossSite]
    assert len(set(statuses)) == len(statuses)
    assert len({kind.kind for kind in kinds}) == len(kinds)


@pytest.mark.parametrize(
    ("return_to", "location"),
    [
        ("", "/login?next="),
        ("/console/people", "/login?next=/console/people"),
        ("/apps?a=1&b=é", "/login?next=/apps%3Fa%3D1%26b%3D%C3%A9"),
        ("/a\r\nSet-Cookie: x=1", "/login?next=/a%0D%0ASet-Cookie%3A%20x%3D1"),
        ("//evil.example", "/login?next=//evil.example"),
    ],
)
def test_who_must_sign_in_comes_back(return_to: str, location: str) -> None:
    """The way back is one parameter: nothing in it writes a header or another parameter."""
    answer = _answer(_raising(SignInRequired(return_to)))
    assert answer["statusCode"] == 303
    assert _header(answer, "Location") == location


@pytest.mark.parametrize(
    ("body", "is_base64", "status"),
    [("x" * 70_000, False, 413), ("abc", True, 400), ("\ud800", False, 400)],
)
def test_a_body_that_cannot_be_read_is_a_page(body: str, is_base64: bool, status: int) -> None:
    """Too large or malformed: a page with a reference, and no view has run."""
    ran: list[Request] = []

    def view(request: Request) -> Response:
        request.form()
        ran.append(request)
        return Response(200)

    answer = _answer(view, _event("POST", body=body, isBase64Encoded=is_base64))
    assert answer["statusCode"] == status
    assert f"<code>{_REFERENCE}</code>" in answer["body"]
    assert ran == []


_ANSWERS: list[View] = [
    _fine,
    lambda _request: redirect("/login"),
    lambda _request: json_response({"a": 1}),
    lambda request: page(request, "error.html", status=404, code="not_found"),
    _raising(NotFound("why")),
    _raising(SignInRequired("/apps")),
]


@pytest.mark.parametrize("view", _ANSWERS)
def test_every_answer_has_the_headers_of_the_house(view: View) -> None:
    """Pages, redirects, problems and answers to machines carry them once each."""
    answer = _answer(view)
    for name, value in (
        ("Cache-Control", "no-store"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("Referrer-Policy", "same-origin"),
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
    ):
        assert _header(answer, name) == value
    assert "default-src 'none'" in _header(answer, "Content-Security-Policy")
    assert "frame-ancestors 'none'" in _header(answer, "Content-Security-Policy")


def test_a_view_may_say_it_otherwise() -> None:
    """A header that a view sets takes the place of the one of the house."""
    answer = _answer(lambda _request: Response(200, "", (("Cache-Control", "max-age=60"),)))
    assert _header(answer, "Cache-Control") == "max-age=60"


def _policy(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    parts = (part.split() for part in _header(answer, "Content-Security-Policy").split(";"))
    return {name: sources for name, *sources in parts}


def test_a_page_runs_only_its_own_scripts() -> None:
    """The policy names one fresh nonce, the page's scripts carry it, and nothing is inline."""
    view: View = lambda request: page(request, "error.html", status=404, code="not_found")  # noqa: E731 - one line
    first, second = _answer(view), _answer(view)
    policy = _policy(first)
    [nonce] = [source for source in policy["script-src"] if source.startswith("'nonce-")]
    assert policy["script-src"] == [nonce, "'strict-dynamic'"]
    assert len(nonce) > 40
    assert nonce not in _policy(second)["script-src"]
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["style-src"] == policy["form-action"] == ["'self'"]
    assert "unsafe" not in _header(first, "Content-Security-Policy")
    assert " style=" not in first["body"]
    for tag in re.findall("<script[^>]*>", first["body"]):
        assert f'nonce="{nonce[7:-1]}"' in tag


def test_a_page_may_allow_more_where_it_needs_it() -> None:
    """Sources are added to their directive, and a directive of its own begins with them."""

    def view(request: Request) -> Response:
        return page(
            request,
            "error.html",
            status=404,
            code="not_found",
            csp_form_action=("https://a.example",),
            csp_script=("https://b.example",),
            csp_frame=("https://c.example", "https://d.example"),
            no_referrer=True,
        )

    answer = _answer(view)
    policy = _policy(answer)
    assert policy["form-action"] == ["'self'", "https://a.example"]
    assert policy["script-src"][-1] == "https://b.example"
    assert policy["frame-src"] == ["https://c.example", "https://d.example"]
    assert policy["connect-src"] == ["'self'"]
    assert _header(answer, "Referrer-Policy") == "no-referrer"


@given(st.text("<>\"'&{}%é/ ", min_size=1, max_size=30))
def test_no_address_writes_into_a_page(path: str) -> None:
    """Markup in an address comes out as text, in the page and in its links."""
    event = _event(path=f"/{path}<i>")
    body = _answer(_raising(NotFound("why")), event)["body"]
    assert "<i>" not in body
    assert "&lt;i&gt;" in body


@pytest.mark.parametrize(("language", "said"), [("nl", "bestaat niet"), ("en", "does not exist")])
def test_a_language_is_spoken_and_kept(language: str, said: str) -> None:
    """Who chooses a language reads the answer in it, and keeps it for a year."""
    answer = _answer(_raising(NotFound("why")), _event(queryStringParameters={"lang": language}))
    assert said in answer["body"]
    assert f'<html lang="{language}">' in answer["body"]
    assert _header(answer, "Content-Language") == language
    assert answer["multiValueHeaders"]["Set-Cookie"] == [
        f"__Host-lang={language}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"
    ]


@pytest.mark.parametrize("chosen", ["fy", "", "nl; Domain=evil.example", "EN"])
def test_an_unknown_language_is_not_kept(chosen: str) -> None:
    """Only a language that we speak becomes a cookie."""
    answer = _answer(_fine, _event(queryStringParameters={"lang": chosen}))
    assert "Set-Cookie" not in answer["multiValueHeaders"]


def test_a_cookie_of_ours_is_always_locked() -> None:
    """Secure, out of reach of scripts and tied to the site; zero seconds removes it."""
    assert cookie("__Host-a", "b") == "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax"
    strict = cookie("__Host-a", "", max_age_s=0, strict=True)
    assert strict == "__Host-a=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"


def test_an_answer_to_a_machine_is_json() -> None:
    """The value comes out whole, with its kind and the headers given."""
    answer = _answer(lambda _r: json_response({"é": [1]}, 400, (("Pragma", "no-cache"),)))
    assert json.loads(answer["body"]) == {"é": [1]}
    assert answer["statusCode"] == 400
    assert _header(answer, "Content-Type") == "application/json; charset=utf-8"
    assert _header(answer, "Pragma") == "no-cache"


def test_a_log_line_names_the_route_and_no_person(caplog: pytest.LogCaptureFixture) -> None:
    """The line has the route and the reference; not the address asked, the form or a cookie."""
    event = _event(
        "POST",
        path="/place/noor.dewit",
        queryStringParameters={"q": "noor"},
        body="email=noor%40vlieger.example",
        multiValueHeaders={"Cookie": ["__Host-sid=noors-secret"]},
    )
    with caplog.at_level(logging.INFO):
        _answer(_raising(BadRequest("why")), event)
    lines = [record for record in caplog.records if record.name == "schoolpoort"]
    assert [line.message for line in lines] == ["problem", "request"]
    assert "noor" not in json.dumps([vars(line) for line in lines], default=str)
    request = vars(lines[1])
    assert {name: request[name] for name in ("function", "method", "resource", "status")} == {
        "function": "test",
        "method": "POST",
        "resource": _RESOURCE,
        "status": 400,
    }
    assert request["reference"] == _REFERENCE
