"""What the doors of staff and of parents have in common: an attempt, its page, and its cookies."""

import re
from collections.abc import Mapping
from typing import Any

from login import audit, browsers, forms, known_devices, traces
from login.attempts import Attempt, Outcome, Result
from schoolpoort import captcha, ids
from schoolpoort.web import Request, Response, cookie, page

TICKET_COOKIE = "__Host-ticket"
_TICKET_COOKIE_LIFE_S = 20 * 60
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

STATUS = {
    Outcome.WRONG: 401,
    Outcome.CAPTCHA_FAILED: 403,
    Outcome.CAPTCHA_DOUBTED: 403,
    Outcome.NO_MEMBERSHIP: 403,
    Outcome.WAIT: 429,
    Outcome.CAPTCHA_UNREACHABLE: 503,
}
_EVALUATED = frozenset({Outcome.WRONG, Outcome.NO_MEMBERSHIP})


def attempt_of(
    request: Request,
    form: forms.SignInForm,
    browser_secret: str,
    door: audit.Action,
    *,
    next_path: str = "",
    old_session_hash: str | None = None,
) -> Attempt:
    """Return the attempt that a whole form makes, in a browser of a name (login.traces)."""
    return Attempt(
        address=form.address,
        unsafe_password=form.unsafe_password,
        captcha_token=form.captcha_token,
        source_ip=request.source_ip,
        language=request.language,
        ticket_secret=ticket_of(request),
        old_session_hash=old_session_hash,
        next_path=next_path,
        browser=browsers.name_of(request.headers.get("user-agent", "")),
        door=door,
        device=known_devices.read(request.cookies.get(known_devices.COOKIE_NAME, "")),
        trace=ids.sha256_hex(browser_secret),
    )


def form_page(
    request: Request,
    template: str,
    action: str,
    *,
    form: forms.SignInForm | None,
    result: Result | None,
    status: int = 200,
    is_own_check: bool = False,
    **values: Any,
) -> Response:
    """Return a page with the form, and with what `result` says of the attempt before it."""
    refusal = result.outcome.value if result else ""
    token = form.captcha_token if form else ""
    is_own_check = is_own_check or refusal.startswith("captcha_")
    check = captcha.widget(action, after=token, refused=is_own_check)
    errors: Mapping[str, str] = form.errors if form else {}
    return page(
        request,
        template,
        status=STATUS[result.outcome] if result else status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        email=form.typed_email if form else "",
        errors=errors,
        refusal=refusal,
        wait_s=result.wait_s if result else 0,
        is_welcome=request.method == "GET" and request.query.get("welcome") == "1",
        **values,
    )


def browser_secret(request: Request) -> str:
    """Return the name of a browser, or a new one for a browser without."""
    return traces.secret_of(request) or ids.new_secret()


def refused(request: Request, response: Response, secret: str, result: Result) -> Response:
    """Name the browser of a refusal, take a used ticket from it, or give it the one to wait on."""
    response = traces.marked(request, response, secret)
    if result.ticket_secret is None and result.outcome in _EVALUATED:
        return without_ticket(request, response)
    return with_ticket(response, result)


def with_ticket(response: Response, result: Result) -> Response:
    """Give a browser the ticket that it has to wait on, if there is one."""
    if result.ticket_secret is None:
        return response
    kept = cookie(TICKET_COOKIE, result.ticket_secret, max_age_s=_TICKET_COOKIE_LIFE_S)
    return response.with_cookie(kept).with_header("Retry-After", str(result.wait_s))


def welcomed(request: Request, response: Response, device: known_devices.Device | None) -> Response:
    """Let a browser remember that somebody gave the right password in it, and forget its wait."""
    if device is not None:
        name, life_s = known_devices.COOKIE_NAME, known_devices.LIFE_S
        response = response.with_cookie(cookie(name, device.cookie_value(), max_age_s=life_s))
    return without_ticket(request, response)


def ticket_of(request: Request) -> str | None:
    """Return the ticket that a browser waits on, or None."""
    value = request.cookies.get(TICKET_COOKIE, "")
    return value if _SECRET.fullmatch(value) else None


def without_ticket(request: Request, response: Response) -> Response:
    """Take a used ticket from a browser."""
    if TICKET_COOKIE not in request.cookies:
        return response
    return response.with_cookie(cookie(TICKET_COOKIE, "", max_age_s=0))
