"""What a view answers, and how it becomes API Gateway's proxy answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_A_YEAR_S = 31_536_000

_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": f"max-age={2 * _A_YEAR_S}; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers of every answer (OWASP ASVS 5.0, 3.4); a view's own value wins."""


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body, headers as (name, value) pairs and complete Set-Cookie lines."""

    status: int
    body: str = ""
    headers: Sequence[tuple[str, str]] = ()
    cookies: Sequence[str] = ()

    def with_cookie(self, line: str) -> "Response":
        """Return the same answer with one more Set-Cookie line."""
        return replace(self, cookies=(*self.cookies, line))

    def with_header(self, name: str, value: str) -> "Response":
        """Return the same answer with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def proxy_answer(self) -> dict[str, Any]:
        """Return API Gateway's form, with the headers that every answer has."""
        headers: dict[str, list[str]] = {name: [value] for name, value in _ALWAYS.items()}
        for name, value in self.headers:
            headers[name] = [value]
        if self.cookies:
            headers["Set-Cookie"] = list(self.cookies)
        return {
            "statusCode": self.status,
            "multiValueHeaders": headers,
            "body": self.body,
            "isBase64Encoded": False,
        }


def redirect(location: str) -> Response:
    """Send the browser on with GET (303), which is right after every form."""
    return Response(303, headers=(("Location", location),))


def json_response(
    value: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()
) -> Response:
    """Answer a machine."""
    content_type = ("Content-Type", "application/json; charset=utf-8")
    return Response(status, json.dumps(value), (content_type, *headers))


def cookie(name: str, value: str, *, max_age_s: int | None = None, strict: bool = False) -> str:
    """Return a Set-Cookie line with the only attributes our cookies ever have.

    `name` starts with `__Host-`, so a browser ties the cookie to this host. Without `max_age_s`
    it ends with the browser; zero removes it.
    """
    site = "Strict" if strict else "Lax"
    line = f"{name}={value}; Path=/; Secure; HttpOnly; SameSite={site}"
    return line if max_age_s is None else f"{line}; Max-Age={max_age_s}"


def content_security_policy(nonce: str, extra: Mapping[str, Sequence[str]]) -> str:
    """Return the policy of a page; `extra` adds sources to a directive ("form-action", …)."""
    directives: dict[str, list[str]] = {
        "default-src": ["'none'"],
        "script-src": [f"'nonce-{nonce}'", "'strict-dynamic'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    for directive, sources in extra.items():
        directives.setdefault(directive, []).extend(sources)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
