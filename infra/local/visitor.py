"""Somebody with a browser and no screen: keeps cookies, fills in forms, follows nothing.

The seed walks the product's own pages with it, and so do the tests.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from infra.local.gateway import HttpRequest, HttpResponse

_HIDDEN = re.compile(
    r'<input[^>]*type="hidden"[^>]*name="(?P<name>[^"]+)"[^>]*value="(?P<value>[^"]*)"'
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as a visitor sees it."""

    status: int
    headers: Mapping[str, str]
    text: str
    set_cookies: tuple[str, ...] = ()

    @property
    def location(self) -> str:
        """Return where a redirect leads, or an empty text."""
        return self.headers.get("location", "")

    def hidden_fields(self) -> dict[str, str]:
        """Return the hidden fields of the page's forms."""
        return {found["name"]: found["value"] for found in _HIDDEN.finditer(self.text)}


@dataclass(slots=True)
class Visitor:
    """A cookie jar in front of anything that answers requests."""

    answer: Callable[[HttpRequest], HttpResponse]
    source_ip: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """Open an address."""
        return self._send("GET", path, b"", headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a form, as a browser does from our own page."""
        body = urlencode(form or {}).encode()
        sent = {
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self._send("POST", path, body, sent)

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = list(headers.items())
        if self.cookies:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            sent.append(("cookie", jar))
        response = self.answer(HttpRequest(method, path, tuple(sent), body, self.source_ip))
        lines = [value for name, value in response.headers if name.lower() == "set-cookie"]
        for line in lines:
            self._keep(line)
        found = {name.lower(): value for name, value in response.headers}
        text = response.body.decode("utf-8", "replace")
        return Answer(response.status, found, text, tuple(lines))

    def _keep(self, line: str) -> None:
        name, _, rest = line.partition("=")
        value, _, attributes = rest.partition(";")
        if "max-age=0" in attributes.lower():
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
