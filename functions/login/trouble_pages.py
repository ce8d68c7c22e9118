"""The page for who cannot sign in: what is wrong with this browser, and a code to read out."""

from collections.abc import Mapping
from urllib.parse import urlencode

from login import browsers, traces, trouble, trouble_store
from login.trouble import Checks, From
from schoolpoort import clock, ids, settings
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, cookie, page, redirect

_PLACE = "/trouble"
_PROBE = "__Host-probe"
_PROBE_LIFE_S = 60 * 60
_LEADS_FROM: dict[str, From] = {"home": "home", "school": "school"}


def show(request: Request) -> Response:
    """GET /trouble: looks at the browser; a first visit comes back once, to see a cookie return."""
    has_cookies = _PROBE in request.cookies
    if not has_cookies and request.query.get("checked") != "1":
        query = {"checked": "1", "lang": request.language, "from": _asked_from(request.query)}
        probe = cookie(_PROBE, "1", max_age_s=_PROBE_LIFE_S)
        return redirect(f"{_PLACE}?{urlencode(query)}").with_cookie(probe)
    return _page(request, _checks(request, _asked_from(request.query)))


def receive(request: Request) -> Response:
    """POST /trouble: a code that stands for this browser, for an hour."""
    form = request.form()
    now = clock.now_epoch_s()
    checks = trouble.said(_checks(request, _asked_from(form)), form)
    if not trouble_store.may_ask(request.source_ip, now_epoch_s=now):
        return _page(request, checks, is_busy=True, status=429)
    code = ids.new_trouble_code()
    while not trouble_store.keep(code, checks, traces.trace_of(request), now_epoch_s=now):
        code = ids.new_trouble_code()
    logger.info("trouble", extra={"findings": checks.findings(), "from": checks.asked_from})
    return _page(request, checks, code=code)


def _asked_from(said: Mapping[str, str]) -> From:
    return _LEADS_FROM.get(said.get("from", ""), "staff")


def _checks(request: Request, asked_from: From) -> Checks:
    agent = request.headers.get("user-agent", "")
    return Checks(
        asked_from=asked_from,
        has_cookies=_PROBE in request.cookies,
        browser=browsers.name_of(agent),
        is_too_old=browsers.is_too_old(agent),
        is_school_network=trouble_store.is_school_network(
            request.source_ip, now_epoch_s=clock.now_epoch_s()
        ),
    )


def _page(
    request: Request, checks: Checks, *, code: str = "", is_busy: bool = False, status: int = 200
) -> Response:
    google = _google(checks)
    return page(
        request,
        "login/trouble.html",
        status=status,
        csp_connect=(google,) if google else (),
        checks=checks,
        findings=checks.findings(),
        code=trouble.shown(code) if code else "",
        is_busy=is_busy,
        google=google,
        now_epoch_s=clock.now_epoch_s(),
    )


def _google(checks: Checks) -> str:
    """Return the script whose loading may be blocked; "" where nothing of Google's is used.

    Never on the way of pupils: no page that a child uses loads anything of Google's.
    """
    if checks.asked_from == "school" or settings.optional("CAPTCHA_PROVIDER") == "altcha":
        return ""
    url = settings.optional("RECAPTCHA_URL", "https://www.google.com/recaptcha").rstrip("/")
    settings.check_url("RECAPTCHA_URL", url)
    return f"{url}/api.js"
