"""The sign-in page, its form, and the way out."""

from login import (
    arrival,
    audit,
    entry,
    forms,
    password_door,
    return_path,
    sign_in,
    store,
    surroundings,
    traces,
)
from login.attempts import Result
from login.entry import Step
from schoolpoort import clock, ids, sessions
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, cookie, page, redirect


def show_sign_in(request: Request) -> Response:
    """GET /login: the form; who is signed in already is told so and may go on."""
    next_path = return_path.safe(request.query.get("next", "")) or ""
    session = sessions.optional(request)
    return _form_page(
        request,
        session=session,
        interrupted=None if session else _interrupted(request),
        next_path=next_path,
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
    secret = password_door.browser_secret(request)
    attempt = password_door.attempt_of(
        request,
        form,
        secret,
        "sign_in",
        next_path=next_path,
        old_session_hash=sessions.hash_of_cookie(request),
    )
    result = sign_in.sign_in(attempt, now_epoch_s=clock.now_epoch_s())
    logger.info("sign-in", extra={"outcome": result.outcome.value})
    if result.session_secret is None:
        shown = _form_page(request, form=form, next_path=next_path, result=result)
        return password_door.refused(request, shown, secret, result)
    return way_in(request, next_path, result, secret)


def way_in(request: Request, next_path: str, result: Result, browser_secret: str) -> Response:
    """Let somebody in who proved enough: on to the page asked for, or to the step that is left."""
    started = cookie(sessions.COOKIE_NAME, result.session_secret or "")
    if result.step is Step.IN:
        response = way_on(request, next_path, result.scope)
    else:
        # A code that fails is found with the password before it.
        response = traces.marked(request, redirect(entry.PAGE_OF[result.step]), browser_secret)
    return password_door.welcomed(request, response.with_cookie(started), result.device)


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


def _form_page(
    request: Request,
    *,
    next_path: str,
    form: forms.SignInForm | None = None,
    result: Result | None = None,
    session: sessions.Session | None = None,
    interrupted: sessions.Session | None = None,
    status: int = 200,
) -> Response:
    return password_door.form_page(
        request,
        "login/sign_in.html",
        sign_in.ACTION,
        form=form,
        result=result,
        status=status,
        # In the middle of a lesson the device does our own check by itself: nothing to tick.
        is_own_check=interrupted is not None,
        next_path=next_path,
        already=session,
        interrupted=interrupted,
        passkey_refusal=request.query.get("refused", "") if request.method == "GET" else "",
    )


def way_on(request: Request, next_path: str, scope: str) -> Response:
    """Send somebody who is in to the page that was asked for, or to his start page."""
    path = next_path or return_path.home_of(scope)
    if return_path.leads_out(path):
        return page(request, "login/onwards.html", path=path)
    return redirect(path)
