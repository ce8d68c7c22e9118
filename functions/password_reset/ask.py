"""Asking for a new link: one page, one answer, the same work for known and unknown addresses."""

from collections.abc import Mapping

from password_reset import budgets, lives, store
from password_reset.store import Asking
from schoolpoort import addresses, captcha, clock, ids, mail_requests, school_networks
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.web import Request, Response, page

_ACTION = "forgotten"
_HOME = "home"


def show(request: Request) -> Response:
    """GET /password/forgotten."""
    at = _at(request.query)
    return _form(request, at, email="", error="", status=200)


def _at(fields: Mapping[str, str]) -> str:
    """Return "home" for the account of a parent, and nothing for that of staff."""
    return _HOME if fields.get("at") == _HOME else ""


def receive(request: Request) -> Response:
    """POST /password/forgotten: the mail job alone looks whether the address is known.

    One mail lists the accounts at an address, of staff and of a parent; `at` is for words only.
    """
    form = request.form()
    token = captcha.answer(form)
    at = _at(form)
    email = form.get("email", "")[:255]
    try:
        address = addresses.normalise(email)
    except addresses.InvalidAddress:
        error = "invalid" if email.strip() else "missing"
        return _form(request, at, email=email, error=error, status=400, token=token)
    verdict = captcha.check(token, request.source_ip, _ACTION)
    if verdict is CaptchaVerdict.UNREACHABLE:
        return _form(request, at, email=email, error="captcha_unreachable", status=503)
    if verdict is CaptchaVerdict.DOUBTED:
        return _form(request, at, email=email, error="captcha_doubted", status=403)
    if verdict is not CaptchaVerdict.PASSED:
        return _form(request, at, email=email, error="captcha_failed", status=403)
    asking = _reserve(request, token, address)
    if asking is Asking.CAPTCHA_REPLAYED:
        return _form(request, at, email=email, error="captcha_failed", status=403)
    if asking is Asking.SOURCE_EMPTY:
        return _form(request, at, email=email, error="source_empty", status=429)
    if asking is Asking.GRANTED:
        mail_requests.enqueue("password_reset", request_id=ids.new_id(), address=address)
    return page(
        request,
        "password_reset/asked.html",
        address=address,
        at=at,
        minutes=lives.reset_minutes(),
    )


def _reserve(request: Request, token: str, address: str) -> Asking:
    now = clock.now_epoch_s()
    is_school = school_networks.is_at_school(request.source_ip, now_epoch_s=now)
    drawn = budgets.draws(address, request.source_ip, is_school=is_school, now_epoch_s=now)
    return store.reserve_asking(token, drawn, now_epoch_s=now)


def _form(
    request: Request, at: str, *, email: str, error: str, status: int, token: str = ""
) -> Response:
    is_refused = error.startswith("captcha_")
    check = captcha.widget(_ACTION, after=token, refused=is_refused)
    return page(
        request,
        "password_reset/forgotten.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        email=email,
        error=error,
        at=at,
    )
