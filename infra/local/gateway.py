"""API Gateway on one machine: the template's routes, the REST API's event shape, its limits.

Differences that a contract test would find are bugs here: multi-value headers, base64 bodies,
path decoding, the most specific route first, the gateway's own answers from the template.
"""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local import template

LARGEST_BODY_BYTES = 10 * 1024 * 1024
LARGEST_EVENT_BYTES = 6 * 1024 * 1024

Invoke = Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came over the wire; header names as sent, in order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str

    @property
    def path(self) -> str:
        """Return the path, still percent-encoded."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty text."""
        for found, value in self.headers:
            if found.lower() == name.lower():
                return value
        return ""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer for the wire; status 0 cuts the connection."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def match(pattern: str, path: str) -> dict[str, str] | None:
    """Return the decoded path parameters when a resource pattern fits a path, else None."""
    wanted = pattern.strip("/").split("/")
    given = path.strip("/").split("/")
    found: dict[str, str] = {}
    for index, part in enumerate(wanted):
        if part.endswith("+}"):
            rest = "/".join(given[index:])
            if not rest:
                return None
            found[part[1:-2]] = unquote(rest)
            return found
        if index >= len(given):
            return None
        if part.startswith("{"):
            if not given[index]:
                return None
            found[part[1:-1]] = unquote(given[index])
        elif part != given[index]:
            return None
    return found if len(wanted) == len(given) else None


def _specificity(pattern: str) -> tuple[int, ...]:
    """Sort key: a fixed segment before a parameter, a parameter before a greedy one."""
    return tuple(
        2 if part.endswith("+}") else int(part.startswith("{"))
        for part in pattern.strip("/").split("/")
    )


class Gateway:
    """Answers requests with the template's functions; knows nothing of sockets."""

    def __init__(self, invoke: Invoke, read_static: Callable[[str], HttpResponse]) -> None:
        self._invoke = invoke
        self._read_static = read_static
        self._resources: dict[str, dict[str, str]] = {}
        for route in template.routes():
            self._resources.setdefault(route.path, {})[route.method] = route.function
        self._order = sorted(self._resources, key=_specificity)
        self._static_pattern = template.static_route()[0]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request as API Gateway would."""
        request_id = str(uuid.uuid4())
        if len(request.body) > LARGEST_BODY_BYTES:
            return self._own_answer("REQUEST_TOO_LARGE", request_id)
        if request.method == "GET" and match(self._static_pattern, request.path) is not None:
            return self._read_static(request.path)
        for resource in self._order:
            parameters = match(resource, request.path)
            if parameters is None:
                continue
            function = self._resources[resource].get(request.method)
            if function is None:
                return self._own_answer("MISSING_AUTHENTICATION_TOKEN", request_id)
            event = proxy_event(request, resource, parameters, request_id)
            return self._function_answer(function, event, request_id)
        return self._own_answer("MISSING_AUTHENTICATION_TOKEN", request_id)

    def _function_answer(
        self, function: str, event: Mapping[str, Any], request_id: str
    ) -> HttpResponse:
        if len(json.dumps(event)) > LARGEST_EVENT_BYTES:
            return self._own_answer("REQUEST_TOO_LARGE", request_id)
        answer = self._invoke(function, event)
        if not isinstance(answer, dict) or "statusCode" not in answer:
            return self._own_answer("DEFAULT_5XX", request_id, status=502)
        return http_answer(answer)

    @staticmethod
    def _own_answer(kind: str, request_id: str, status: int | None = None) -> HttpResponse:
        declared = template.gateway_responses()[kind]
        headers = [
            (name.removeprefix("gatewayresponse.header."), value[1:-1].replace("''", "'"))
            for name, value in declared["responseParameters"].items()
        ]
        ((content_type, body),) = declared["responseTemplates"].items()
        headers.append(("Content-Type", content_type))
        text = body.replace("$context.requestId", request_id)
        return HttpResponse(status or declared["statusCode"], tuple(headers), text.encode())


def proxy_event(
    request: HttpRequest, resource: str, parameters: Mapping[str, str], request_id: str
) -> dict[str, Any]:
    """Return the REST API's proxy event (payload 1.0) for a request."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.target.partition("?")[2], keep_blank_values=True):
        query.setdefault(name, []).append(value)
    body, encoded = _event_body(request)
    return {
        "resource": resource,
        "path": unquote(request.path),
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()} or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "requestId": request_id,
            "resourcePath": resource,
            "httpMethod": request.method,
            "stage": "live",
            "identity": {"sourceIp": request.source_ip, "userAgent": request.header("user-agent")},
        },
        "body": body,
        "isBase64Encoded": encoded,
    }


def _event_body(request: HttpRequest) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    # Without binary media types API Gateway passes a body on as text.
    try:
        return request.body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(request.body).decode(), True


def http_answer(answer: Mapping[str, Any]) -> HttpResponse:
    """Turn a proxy answer into one for the wire."""
    headers = [
        (name, str(value))
        for name, values in (answer.get("multiValueHeaders") or {}).items()
        for value in values
    ]
    named = {name.lower() for name, _ in headers}
    for name, value in (answer.get("headers") or {}).items():
        if name.lower() not in named:
            headers.append((name, str(value)))
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return HttpResponse(int(answer["statusCode"]), tuple(headers), content)
