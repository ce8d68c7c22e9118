"""The sign-in page, its form, and the way out."""

import re

from login import (
    arrival,
    attempts,
    audit,
    browsers,
    entry,
    forms,
    known_devices,
    return_path,
    sign_in,
    store,
    surroundings,
)
from login.attempts import Outcome
from login.entry import Step
from schoolpoort import captcha, clock, ids, sessions
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, cookie, page, redirect

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


def show_sign_in(request: Request) -> Response:
    """GET /login: the form; who is signed in already is told so and may go on."""
    next_path = return_path.safe(request.query.get("next", "")) or ""
    session = sessions.optional(request)
    return _form_page(
        request,
        session=session,
        interrupted=None if session else _interrupted(request),
        next_path=next_path,
        is_welcome=request.query.get("welcome") == "1",
        passkey_refusal=request.query.get("refused", ""),
    )


def _interrupted(request: Request) -> sessions.Session | None:
    """Return the session that goes on here with the password alone, in the middle of a lesson."""
    session_hash = sessions.hash_of_cookie(request)
    if session_hash is None:
        return None
    now = clock.now_epoch_s()
    item, is_at_school = surroundings.of_session(session_hash, request.source_ip, now_epoch_s=now)
    if item is None or not arrival.may_go_on(item, is_at_school=is_at_school, now_epoch_s=now):
        return None
    return sessions.of_item(item)


def receive_sign_in(request: Request) -> Response:
    """POST /login: a session and the way on, or the same page with what to do."""
    form = forms.read(request.form())
    next_path = return_path.safe(form.next_path) or ""
    if form.errors:
        logger.info("sign-in form incomplete", extra={"reasons": sorted(form.errors.values())})
        return _form_page(request, form=form, next_path=next_path, status=400)
    attempt = attempts.Attempt(
        address=form.address,
        unsafe_password=form.unsafe_password,
        captcha_token=form.captcha_token,
        source_ip=request.source_ip,
        language=request.language,
        ticket_secret=ticket_of(request),
        old_session_hash=sessions.hash_of_cookie(request),
        next_path=next_path,
        browser=browsers.name_of(request.headers.get("user-agent", "")),
        device=known_devices.read(request.cookies.get(known_devices.COOKIE_NAME, "")),
    )
    result = sign_in.sign_in(attempt, now_epoch_s=clock.now_epoch_s())
    logger.info("sign-in", extra={"outcome": result.outcome.value})
    if result.session_secret is None:
        return _refusal(request, form, next_path, result)
    return without_ticket(request, way_in(request, next_path, result, result.session_secret))


def with_device(response: Response, device: known_devices.Device | None) -> Response:
    """Let a browser remember that somebody gave the right password in it."""
    if device is None:
        return response
    name, life_s = known_devices.COOKIE_NAME, known_devices.LIFE_S
    return response.with_cookie(cookie(name, device.cookie_value(), max_age_s=life_s))


def sign_out(request: Request) -> Response:
    """POST /logout: the session is gone, here and in the browser."""
    session = sessions.of_anybody(request)
    session_hash = sessions.hash_of_cookie(request)
    if session is None and session_hash is not None:
        # Somebody on the way in who starts again has nothing to record, only to leave behind.
        store.end_half_session(session_hash)
    elif session is not None:
        event = audit.event(
            nonce=ids.new_nonce(),
            action="sign_out",
            outcome="done",
            reason="asked",
            account_id=session.account_id,
            scope=session.scope,
            at_epoch_s=clock.now_epoch_s(),
            pupil_at=_place_of(session),
            source_ip=request.source_ip,
        )
        store.end_session(session.session_hash, event)
    way_back = session.way_back if session else ""
    return redirect(way_back or "/login").with_cookie(cookie(sessions.COOKIE_NAME, "", max_age_s=0))


def _place_of(session: sessions.Session) -> audit.Place | None:
    if session.kind != "pupil":
        return None
    return "home" if session.way_back.startswith("/login/home") else "school"


def _refusal(
    request: Request, form: forms.SignInForm, next_path: str, result: attempts.Result
) -> Response:
    response = _form_page(
        request,
        form=form,
        next_path=next_path,
        status=STATUS[result.outcome],
        refusal=result.outcome.value,
        wait_s=result.wait_s,
    )
    return after_refusal(request, response, result)


def after_refusal(request: Request, response: Response, result: attempts.Result) -> Response:
    """Take a ticket that was used from the browser, or give it the one that it has to wait on."""
    if result.ticket_secret is None and result.outcome in _EVALUATED:
        return without_ticket(request, response)
    return with_ticket(response, result)


def way_in(
    request: Request, next_path: str, result: attempts.Result, session_secret: str
) -> Response:
    """Let somebody in who proved enough: on to the page asked for, or to the step that is left."""
    if result.step is Step.IN:
        response = way_on(request, next_path, result.scope)
    else:
        response = redirect(entry.PAGE_OF[result.step])
    started = cookie(sessions.COOKIE_NAME, session_secret)
    return with_device(response.with_cookie(started), result.device)


def _form_page(  # noqa: PLR0913 - what the one page can say, each by name
    request: Request,
    *,
    next_path: str,
    form: forms.SignInForm | None = None,
    session: sessions.Session | None = None,
    interrupted: sessions.Session | None = None,
    status: int = 200,
    refusal: str = "",
    wait_s: int = 0,
    is_welcome: bool = False,
    passkey_refusal: str = "",
) -> Response:
    token = form.captcha_token if form else ""
    # In the middle of a lesson the device does our own check by itself: nothing to tick.
    is_own = refusal.startswith("captcha_") or interrupted is not None
    check = captcha.widget(sign_in.ACTION, after=token, refused=is_own)
    return page(
        request,
        "login/sign_in.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        email=form.typed_email if form else "",
        errors=form.errors if form else {},
        next_path=next_path,
        already=session,
        interrupted=interrupted,
        refusal=refusal,
        wait_s=wait_s,
        is_welcome=is_welcome,
        passkey_refusal=passkey_refusal,
    )


def way_on(request: Request, next_path: str, scope: str) -> Response:
    """Send somebody who is in to the page that was asked for, or to his start page."""
    path = next_path or return_path.home_of(scope)
    if return_path.leads_out(path):
        return page(request, "login/onwards.html", path=path)
    return redirect(path)


def ticket_of(request: Request) -> str | None:
    """Return the ticket that a browser waits on, or None."""
    value = request.cookies.get(TICKET_COOKIE, "")
    return value if _SECRET.fullmatch(value) else None


def with_ticket(response: Response, result: attempts.Result) -> Response:
    """Give a browser the ticket that it has to wait on, if there is one."""
    if result.ticket_secret is None:
        return response
    kept = cookie(TICKET_COOKIE, result.ticket_secret, max_age_s=_TICKET_COOKIE_LIFE_S)
    return response.with_cookie(kept).with_header("Retry-After", str(result.wait_s))


def without_ticket(request: Request, response: Response) -> Response:
    """Take a used ticket from a browser."""
    if TICKET_COOKIE not in request.cookies:
        return response
    return response.with_cookie(cookie(TICKET_COOKIE, "", max_age_s=0))
