"""Asking for a new link: one page, one answer, the same work for known and unknown addresses."""

from collections.abc import Mapping

from password_reset import store
from schoolpoort import addresses, captcha, clock, ids, mail_requests
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
    """POST /password/forgotten: the mail job alone looks whether the address is known."""
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
    is_person = verdict is CaptchaVerdict.PASSED and store.reserve_captcha(
        token, now_epoch_s=clock.now_epoch_s()
    )
    if not is_person:
        return _form(request, at, email=email, error="captcha_failed", status=403)
    mail_requests.enqueue("password_reset", request_id=ids.new_id(), address=address, at=at)
    return page(request, "password_reset/asked.html", address=address, at=at)


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
