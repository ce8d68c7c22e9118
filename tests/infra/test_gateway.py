"""The local gateway does what API Gateway's REST API does."""

import base64
from typing import Any

import pytest

from infra.local import gateway, template
from infra.local.gateway import Gateway, HttpRequest, HttpResponse


class _Recorder:
    """Stands where the functions are and keeps what it was given."""

    def __init__(self, answer: Any = None) -> None:
        self.events: list[tuple[str, Any]] = []
        self._answer = answer or {"statusCode": 200, "body": "ok"}

    def __call__(self, function: str, event: Any) -> Any:
        self.events.append((function, event))
        return self._answer


def _ask(
    recorder: _Recorder,
    method: str,
    target: str,
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
) -> HttpResponse:
    door = Gateway(recorder, lambda path: HttpResponse(200, (), path.encode()))
    return door.answer(HttpRequest(method, target, headers, body, "192.0.2.7"))


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/login", "/login", {}),
        ("/login", "/login/x", None),
        ("/activate/{token}", "/activate/a%20b", {"token": "a b"}),
        ("/activate/{token}", "/activate/", None),
        ("/{proxy+}", "/a/b%2Fc", {"proxy": "a/b/c"}),
        ("/", "/", {}),
    ],
)
def test_patterns_match_as_resources_do(
    pattern: str, path: str, expected: dict[str, str] | None
) -> None:
    """Segments match exactly, parameters are decoded, a greedy one takes the rest."""
    assert gateway.match(pattern, path) == expected


def test_the_most_specific_resource_answers() -> None:
    """/password/forgotten is not a token of /password/{token}."""
    recorder = _Recorder()
    _ask(recorder, "GET", "/password/forgotten")
    assert recorder.events[0][1]["resource"] == "/password/forgotten"


def test_an_unknown_path_reaches_the_catch_all() -> None:
    """What no route names goes to the function of /{proxy+}."""
    recorder = _Recorder()
    _ask(recorder, "GET", "/no/such/page")
    function, event = recorder.events[0]
    assert function == "HelpFunction"
    assert event["pathParameters"] == {"proxy": "no/such/page"}


def test_a_wrong_method_gets_the_gateways_own_page() -> None:
    """API Gateway does not fall back to the catch-all for a known path."""
    recorder = _Recorder()
    answer = _ask(recorder, "DELETE", "/login")
    assert recorder.events == []
    assert answer.status == 405
    assert b'lang="nl"' in answer.body
    assert b"$context" not in answer.body


def test_the_event_has_single_and_multiple_values() -> None:
    """The last value stands alone, all values stand in the multi-value maps."""
    recorder = _Recorder()
    _ask(recorder, "GET", "/help?q=a&q=b", (("X-A", "1"), ("X-A", "2")))
    event = recorder.events[0][1]
    assert event["queryStringParameters"] == {"q": "b"}
    assert event["multiValueQueryStringParameters"] == {"q": ["a", "b"]}
    assert event["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert event["requestContext"]["identity"]["sourceIp"] == "192.0.2.7"


def test_empty_parts_of_an_event_are_null() -> None:
    """API Gateway sends null, not an empty map."""
    recorder = _Recorder()
    _ask(recorder, "GET", "/help")
    event = recorder.events[0][1]
    for part in ("queryStringParameters", "pathParameters", "stageVariables", "body"):
        assert event[part] is None, part


def test_two_cookies_leave_as_two_lines() -> None:
    """Set-Cookie comes from multiValueHeaders, which is the only way to send two."""
    cookies = ["a=1; Path=/", "b=2; Path=/"]
    recorder = _Recorder({"statusCode": 303, "multiValueHeaders": {"Set-Cookie": cookies}})
    answer = _ask(recorder, "POST", "/login", (), b"x=y")
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == cookies


def test_a_base64_answer_is_decoded() -> None:
    """isBase64Encoded carries bytes."""
    body = base64.b64encode(b"\x00\xff").decode()
    recorder = _Recorder({"statusCode": 200, "body": body, "isBase64Encoded": True})
    assert _ask(recorder, "GET", "/help").body == b"\x00\xff"


def test_bytes_that_are_no_text_arrive_in_base64() -> None:
    """A body that is not UTF-8 is still passed on."""
    recorder = _Recorder()
    _ask(recorder, "POST", "/login", (), b"\xff\xfe")
    event = recorder.events[0][1]
    assert event["isBase64Encoded"]
    assert base64.b64decode(event["body"]) == b"\xff\xfe"


def test_more_than_ten_megabytes_is_refused_before_a_function_runs() -> None:
    """The edge's own limit answers 413 with a page."""
    recorder = _Recorder()
    answer = _ask(recorder, "POST", "/login", (), b"x" * (gateway.LARGEST_BODY_BYTES + 1))
    assert answer.status == 413
    assert recorder.events == []


@pytest.mark.parametrize("broken", [None, {"no": "status"}, "text"])
def test_a_function_that_fails_becomes_a_page_with_a_reference(broken: Any) -> None:
    """A crash or a malformed answer is a 502 page, never a stack trace."""

    def invoke(function: str, event: Any) -> Any:
        return broken

    door = Gateway(invoke, lambda _path: HttpResponse(404))
    answer = door.answer(HttpRequest("GET", "/help", (), b"", "192.0.2.7"))
    assert answer.status == 502
    assert b"Kenmerk" in answer.body


def test_static_files_come_from_the_bucket() -> None:
    """The one S3 integration answers /static/, no function does."""
    recorder = _Recorder()
    assert _ask(recorder, "GET", "/static/abc/x.css").body == b"/static/abc/x.css"
    assert recorder.events == []


def test_a_template_whose_route_has_no_function_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A route that names no resource of the template stops the house, with its name."""
    uri = "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Nobody.Arn}/invocations"
    operation = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": {"Fn::Sub": uri}}}
    monkeypatch.setattr(template, "definition", lambda: {"paths": {"/x": {"get": operation}}})
    with pytest.raises(ValueError, match="get /x names no function"):
        template.routes()
