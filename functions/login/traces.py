"""The mark of a browser in which somebody tries to get in, so that its attempts can be found.

A random name in a cookie that ends with the browser; beside an event stands its hash, for a day.
It decides nothing. With it a coordinator or the helpdesk finds why somebody does not get in,
without asking for an address.
"""

import re

from schoolpoort import ids
from schoolpoort.web import Request, Response, cookie

COOKIE_NAME = "__Host-tries"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def secret_of(request: Request) -> str | None:
    """Return the name of a browser that has one, or None."""
    value = request.cookies.get(COOKIE_NAME, "")
    return value if _SECRET.fullmatch(value) else None


def trace_of(request: Request) -> str:
    """Return the mark of a browser as it stands beside events, or ""."""
    secret = secret_of(request)
    return ids.sha256_hex(secret) if secret else ""


def marked(request: Request, response: Response, secret: str) -> Response:
    """Let a browser keep its name, unless it has it already."""
    if secret_of(request) == secret:
        return response
    return response.with_cookie(cookie(COOKIE_NAME, secret))
