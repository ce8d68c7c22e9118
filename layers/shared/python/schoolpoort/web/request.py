"""A request as our views see it, read from API Gateway's REST proxy event (payload 1.0)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from schoolpoort.web.problems import BadRequest, TooLarge

LANGUAGES = ("nl", "en")
LANGUAGE_COOKIE = "__Host-lang"
LARGEST_FORM_BYTES = 64 * 1024
_MOST_FIELDS = 500
_REFERENCE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Request:
    """One request, decoded once.

    `resource` is API Gateway's route ("/activate/{token}"), `path` what was asked. Header names
    are lower case. `reference` is what an error page shows and the log line carries.
    """

    method: str
    resource: str
    path: str
    path_parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    source_ip: str
    language: str
    reference: str

    def form(self) -> dict[str, str]:
        """Return the first value of every field of a URL-encoded form; raises BadRequest."""
        fields: dict[str, str] = {}
        for name, value in self._pairs():
            fields.setdefault(name, value)
        return fields

    def form_list(self, name: str) -> list[str]:
        """Return all values of one field, in order; raises BadRequest."""
        return [value for field, value in self._pairs() if field == name]

    def _pairs(self) -> list[tuple[str, str]]:
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in {"", "application/x-www-form-urlencoded"}:
            raise BadRequest("form_type")
        try:
            text = self.body.decode("ascii")
            return parse_qsl(
                text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        except ValueError as error:
            raise BadRequest("form_malformed") from error


def from_event(event: Mapping[str, Any]) -> Request:
    """Read a request from a proxy event; raises BadRequest or TooLarge."""
    headers = _headers(event.get("multiValueHeaders") or {})
    query = dict(event.get("queryStringParameters") or {})
    cookies = _cookies(headers.get("cookie", ""))
    context = event.get("requestContext") or {}
    return Request(
        method=event["httpMethod"],
        resource=event["resource"],
        path=event["path"],
        path_parameters=dict(event.get("pathParameters") or {}),
        query=query,
        headers=headers,
        cookies=cookies,
        body=_body(event),
        source_ip=(context.get("identity") or {}).get("sourceIp", ""),
        language=_language(query, cookies),
        reference=reference_of(event),
    )


def _headers(sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    # HTTP/2 may send cookies as several lines; "; " makes them one again (RFC 9113, 8.2.3).
    return {
        name.lower(): ("; " if name.lower() == "cookie" else ", ").join(values)
        for name, values in sent.items()
    }


def reference_of(event: Mapping[str, Any]) -> str:
    """Return the short reference of a request: the start of API Gateway's request id."""
    context = event.get("requestContext") or {}
    return str(context.get("requestId", ""))[:_REFERENCE_LENGTH]


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if len(text) > LARGEST_FORM_BYTES:
        raise TooLarge("body_size")
    if not event.get("isBase64Encoded"):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadRequest("body_base64") from error


def _cookies(header: str) -> dict[str, str]:
    """Read a Cookie header pair by pair, so that a stranger's cookie never hides ours.

    The standard library's reader gives up on the whole header at the first pair that it dislikes.
    """
    pairs = (pair.partition("=") for pair in header.split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals and name.strip()}


def _language(query: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    for choice in (query.get("lang"), cookies.get(LANGUAGE_COOKIE)):
        if choice in LANGUAGES:
            return choice
    return LANGUAGES[0]
