"""A person at a browser, as far as HTTP goes: cookies per host, redirects on request, forms.

Knows a base address and the developer controls below /_local/, nothing of the product's code.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

PASSWORD = "Zonnebloem4you"
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it arrived."""

    status: int
    url: str
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        """Return where a redirect leads, absolute."""
        return urljoin(self.url, self.headers["location"])

    def hidden_fields(self) -> dict[str, str]:
        """Return the hidden fields of the page's forms."""
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.text)}

    def form(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the form with an action."""
        found = re.search(
            rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.text, re.DOTALL
        )
        assert found, f"no form {action} on {self.url}"
        return Seen(self.status, self.url, self.headers, found[0]).hidden_fields()


@dataclass(slots=True)
class Person:
    """Somebody with a cookie jar for each host."""

    base_url: str
    language: str = "en"
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    _http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def get(self, path: str) -> Seen:
        """Open an address."""
        return self._send("GET", urljoin(self.base_url, path), None, {})

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> Seen:
        """Send a form from a page of ours."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.base_url,
        }
        body = urlencode(fields or {}).encode()
        return self._send("POST", urljoin(self.base_url, path), body, headers)

    def follow(self, seen: Seen, *, most: int = 8) -> Seen:
        """Go where redirects lead, as a browser does."""
        for _ in range(most):
            if seen.status not in {302, 303}:
                return seen
            seen = self._send("GET", seen.location, None, {})
        return seen

    def send_file(self, page: Seen, content: bytes, name: str) -> Seen:
        """Post a file by the form on a page that goes straight to the store for files."""
        action = re.search(r'<form[^>]*action="([^"]+)"[^>]*multipart', page.text)
        assert action, "the page has no upload form"
        fields: list[Any] = list(page.form(action[1]).items())
        fields.append(("file", (name, content, "application/octet-stream")))
        body, kind = urllib3.encode_multipart_formdata(fields)
        url = urljoin(page.url, unescape(action[1]))
        return self._send("POST", url, body, {"Content-Type": kind})

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Seen:
        host = urlsplit(url).netloc
        jar = self.cookies.setdefault(host, {"__Host-lang": self.language})
        line = "; ".join(f"{name}={value}" for name, value in jar.items())
        response = self._http.request(
            method, url, body=body, headers={**headers, "Cookie": line}, redirect=False
        )
        for sent in response.headers.getlist("set-cookie"):
            name, _, rest = sent.partition("=")
            if "max-age=0" in sent.lower():
                jar.pop(name, None)
            else:
                jar[name] = rest.partition(";")[0]
        found = {name.lower(): value for name, value in response.headers.items()}
        return Seen(response.status, url, found, response.data.decode("utf-8", "replace"))

    def sign_in(self, address: str, password: str = PASSWORD) -> Seen:
        """Sign in through the form, with a second step where one is asked."""
        fields = {**self.get("/login").form("/login"), "email": address, "password": password}
        seen = self.post("/login", {**fields, **self.controls.captcha()})
        if seen.location.endswith("/login/code"):
            return self.post("/login/code", self.controls.app_code(address=address))
        if seen.location.endswith("/login/second-factor"):
            return self._set_up_app(address)
        return seen

    def _set_up_app(self, address: str) -> Seen:
        """Scan the picture, so to say, and go where the page with the paper codes leads."""
        page = self.get("/login/second-factor")
        letters = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
        assert letters, "no letters for an app"
        secret = letters[1].replace(" ", "")
        fields = page.form("/login/second-factor")
        code = self.controls.app_code(address=address, secret=secret)
        kept = self.post("/login/second-factor", {**fields, **code})
        assert kept.text.count("<li><code>") == 10, kept.text
        return Seen(303, kept.url, kept.headers, kept.text)

    @property
    def controls(self) -> "Controls":
        """Return the developer controls of this house."""
        return Controls(self.base_url)


@dataclass(frozen=True, slots=True)
class Controls:
    """The developer controls under /_local/."""

    base_url: str

    def call(self, path: str, body: Any = None) -> Any:
        """Use a control; raises AssertionError when it refuses."""
        method = "GET" if body is None else "POST"
        data = None if body is None else json.dumps(body).encode()
        # An app that has shown its code has no other for half a minute; urllib3 waits 3 s.
        url = f"{self.base_url}/_local/{path}"
        response = urllib3.request(method, url, body=data, timeout=_PATIENCE_S)
        assert response.status == 200, response.data
        return response.json()

    def captcha(self) -> dict[str, str]:
        """Return the form field of somebody who ticked the box."""
        return {"g-recaptcha-response": self.call("captcha/token")["token"]}

    def app_code(self, **app: str) -> dict[str, str]:
        """Return the form field of somebody with an app: `address`, and a new `secret`."""
        return {"code": self.call("app-code", app)["code"]}

    def people(self, role: str) -> list[dict[str, str]]:
        """Return the invented people with a role."""
        return [person for person in self.call("people.json") if person["role"] == role]

    def mailed_link(self, address: str) -> str:
        """Wait for a mail with a link to an address and return the link's path."""

        def look() -> str | None:
            for mail in self.call("mailbox.json"):
                found = re.search(r"/(?:activate|password)/[0-9a-f-]{36}", mail["text"])
                if address in mail["to"] and found:
                    return found[0]
            return None

        return str(wait_for(look, f"a mail with a link to {address}"))


def wait_for(look: Callable[[], Any], what: str) -> Any:
    """Look again until there is something to see; fails with what was waited for."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.1)
    message = f"waited in vain for {what}"
    raise AssertionError(message)
