"""Stand-ins for publishers: sites of their own that people reach signed in through us.

`/_publisher/<slug>/login` is where we send a person, `/callback` where he comes back with a code,
`/home` the app itself, `/logout` the way out. Each has a cookie of its own.
"""

import html
import json
import secrets
import threading
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from infra.local.stand_ins import publisher_sign_on as sign_on
from infra.local.stand_ins.http import StandInRequest, StandInResponse
from infra.local.stand_ins.publisher_registry import PREFIX, PUBLISHERS, registration
from infra.local.stand_ins.publisher_sign_on import SignOnFailed, Visit
from schoolpoort import settings

__all__ = ["PUBLISHERS", "handle", "registration", "reset"]

_ASKABLE = ("prompt", "max_age")
"""Parameters of `/login` that the publisher passes on, to try what else it may ask."""

_STYLE = (
    "body{font:1.1rem/1.6 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem;"
    "color:#1d1b2f;background:#fff}dt{font-weight:bold}dd{margin:0 0 .6rem;"
    "overflow-wrap:anywhere}button{font:inherit;padding:.6rem 1.2rem}"
)

_visits: dict[str, Visit] = {}
_LOCK = threading.Lock()


def reset() -> None:
    """Forget every browser."""
    with _LOCK:
        _visits.clear()


def handle(request: StandInRequest) -> StandInResponse | None:
    """Answer a request below /_publisher/<slug>, or None for any other."""
    _, _, rest = request.path.partition(f"{PREFIX}/")
    slug, _, page = rest.partition("/")
    if not request.path.startswith(f"{PREFIX}/") or slug not in PUBLISHERS:
        return None
    site = _Site(slug, f"http://{request.headers.get('host', '')}{PREFIX}/{slug}", request)
    match request.method, page:
        case "GET", "login":
            return site.login()
        case "GET", "callback":
            return site.callback()
        case "GET", "" | "home":
            return site.show_home()
        case "POST", "logout":
            return site.logout()
    return StandInResponse(404)


@dataclass(frozen=True, slots=True)
class _Site:
    """One publisher's site as one request finds it; `home` is its address."""

    slug: str
    home: str
    request: StandInRequest

    @property
    def _name(self) -> str:
        return PUBLISHERS[self.slug].name

    @property
    def _cookie_name(self) -> str:
        return f"publisher_{self.slug}"

    def login(self) -> StandInResponse:
        """Begin a sign-on, if it is our provider that asks for one."""
        query = self.request.query
        issuer = settings.require("PUBLIC_BASE_URL")
        if query.get("iss", issuer) != issuer:
            return self._failed("iss")
        visit = Visit()
        asked = {name: query[name] for name in _ASKABLE if name in query}
        address = sign_on.begin(self.slug, f"{self.home}/callback", visit, asked)
        visit_id = secrets.token_urlsafe(24)
        with _LOCK:
            _visits[visit_id] = visit
        cookie = f"{self._cookie_name}={visit_id}; Path={PREFIX}/{self.slug}; HttpOnly"
        return _redirect(address, ("Set-Cookie", f"{cookie}; SameSite=Lax"))

    def callback(self) -> StandInResponse:
        """Turn the code into claims, or say why not."""
        visit = self._visit()
        if visit is None:
            return self._failed("no sign-on was begun in this browser")
        address = f"{self.home}/callback"
        try:
            visit.claims = sign_on.finish(self.slug, address, visit, self.request.query)
        except SignOnFailed as error:
            return self._failed(": ".join(map(str, error.args)))
        visit.state = ""
        return _redirect(f"{self.home}/home")

    def show_home(self) -> StandInResponse:
        """Show the app, which here is what it knows about its visitor."""
        visit = self._visit()
        if visit is None or not visit.claims:
            link = f'<p><a href="{PREFIX}/{self.slug}/login">Log in with Schoolpoort</a></p>'
            return _page(f"Nobody is signed in at {self._name}", link)
        rows = "".join(
            f"<dt>{html.escape(key)}</dt><dd>{html.escape(_shown(value))}</dd>"
            for key, value in visit.claims.items()
        )
        action = f"{PREFIX}/{self.slug}/logout"
        form = f'<form method="post" action="{action}"><button>Log out</button></form>'
        title = f"Signed in at {self._name} as {visit.claims['sub']}"
        return _page(title, f"<dl>{rows}</dl>{form}")

    def logout(self) -> StandInResponse:
        """Forget the visitor here; his session at the provider is the provider's."""
        with _LOCK:
            _visits.pop(self._visit_id(), None)
        return _redirect(f"{self.home}/home")

    def _visit_id(self) -> str:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(self.request.headers.get("cookie", ""))
        except CookieError:
            return ""
        return jar[self._cookie_name].value if self._cookie_name in jar else ""

    def _visit(self) -> Visit | None:
        with _LOCK:
            return _visits.get(self._visit_id())

    def _failed(self, reason: str) -> StandInResponse:
        reason = f"<p>{html.escape(reason)}</p>"
        return _page(f"{self._name} could not sign you in", reason, status=400)


def _redirect(address: str, *headers: tuple[str, str]) -> StandInResponse:
    return StandInResponse(303, b"", [("Location", address), *headers])


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _page(title: str, body: str, status: int = 200) -> StandInResponse:
    title = html.escape(title)
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
    return StandInResponse(status, text.encode(), headers)
