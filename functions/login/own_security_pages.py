"""The pages of one's own security: show again who one is, and the second factor."""

from login import (
    attempts,
    browsers,
    enrolment_form,
    known_devices,
    own_security,
    password_door,
    return_path,
    way_in,
)
from login.own_security import Change, Changed, Owner
from schoolpoort import authority, captcha, clock, sessions
from schoolpoort.errors import TransactionRefused
from schoolpoort.web import Conflict, Forbidden, Request, Response, cookie, page, redirect

_PLACE = "/account/second-factor"


def show_confirm(request: Request) -> Response:
    """GET /account/confirm: password, code and captcha before a sensitive act."""
    owner = owner_of(request)
    return _confirm_page(request, owner, return_path.safe(request.query.get("next", "")) or "")


def receive_confirm(request: Request) -> Response:
    """POST /account/confirm: back to what one was about to do."""
    owner = owner_of(request)
    form = request.form()
    next_path = return_path.safe(form.get("next", "")) or ""
    attempt = attempts.Attempt(
        address=owner.credential.address_key.partition("#")[2],
        unsafe_password=form.get("password", ""),
        captcha_token=captcha.answer(form),
        source_ip=request.source_ip,
        language=request.language,
        ticket_secret=password_door.ticket_of(request),
        old_session_hash=owner.session.session_hash,
        door="confirm",
        device=known_devices.read(request.cookies.get(known_devices.COOKIE_NAME, "")),
        scope=owner.session.scope,
    )
    code = form.get("code", "")
    done = own_security.confirm(owner, attempt, code, now_epoch_s=clock.now_epoch_s())
    if isinstance(done, Changed):
        response = redirect(next_path or "/account")
        return password_door.without_ticket(request, renewed(response, done))
    response = _confirm_page(request, owner, next_path, refused=done, after=attempt.captcha_token)
    return password_door.with_ticket(response, done)


def show_second_factor(request: Request) -> Response:
    """GET /account/second-factor: set one up, or see that it is there and what can be done."""
    owner = owner_of(request)
    authority.require_confirmed(request, owner.session, _PLACE)
    if owner.credential.second_factor is None:
        return _enrolment_page(request, owner)
    return _status_page(request, owner)


def change_second_factor(request: Request) -> Response:
    """POST /account/second-factor: set up, another phone, other codes, or away with it."""
    owner = owner_of(request)
    authority.require_confirmed(request, owner.session, _PLACE)
    form = request.form()
    now = clock.now_epoch_s()
    if form.get("action") and owner.credential.second_factor is None:
        raise Conflict("no_second_factor")
    action = form.get("action", "")
    try:
        if action == Change.RENEW:
            return _enrolment_page(request, owner)
        if action == Change.NEW_CODES:
            done = own_security.new_codes(owner, now_epoch_s=now)
        elif action == Change.REMOVE:
            done = own_security.remove(owner, now_epoch_s=now)
        else:
            sent = enrolment_form.read(form)
            done = own_security.set_up(owner, sent.wrapped_secret, sent.code, now_epoch_s=now)
            if done is None:
                return _enrolment_page(request, owner, sent)
    except TransactionRefused as error:
        raise Conflict("second_factor_changed") from error
    if done is None:
        return _status_page(request, owner, is_refused=True)
    if not done.codes:
        return renewed(redirect(_PLACE), done)
    next_path = return_path.safe(form.get("next", "")) or "/account"
    shown = page(
        request,
        "login/recovery_codes.html",
        session=owner.session,
        codes=done.codes,
        path=next_path,
    )
    return renewed(shown, done)


def owner_of(request: Request) -> Owner:
    """Return who asks; sends who is not in to sign in, and refuses an account without a place."""
    try:
        browser = browsers.name_of(request.headers.get("user-agent", ""))
        return own_security.owner_of(sessions.require(request), browser, request.source_ip)
    except way_in.NoPlaceError as error:
        raise Forbidden("no_membership") from error


def renewed(response: Response, done: Changed) -> Response:
    """Return an answer that gives the browser its next secret."""
    return response.with_cookie(cookie(sessions.COOKIE_NAME, done.session_secret))


def _status_page(request: Request, owner: Owner, *, is_refused: bool = False) -> Response:
    return page(
        request,
        "login/second_factor.html",
        status=409 if is_refused else 200,
        session=owner.session,
        factor=owner.credential.second_factor,
        is_needed=owner.needs_second_factor,
        is_refused=is_refused,
    )


def _enrolment_page(
    request: Request, owner: Owner, form: enrolment_form.EnrolmentForm | None = None
) -> Response:
    name = owner.members[0].display_name
    return page(
        request,
        "login/enrolment.html",
        status=400 if form else 200,
        session=owner.session,
        setup=enrolment_form.setup_for(owner.session.account_id, name, form),
        action=_PLACE,
        is_required=owner.needs_second_factor,
        is_wrong=form is not None,
        question=None,
        passkey_refusal="",
        next_path=return_path.safe(request.query.get("next", "")) or "",
    )


def _confirm_page(
    request: Request,
    owner: Owner,
    next_path: str,
    *,
    refused: attempts.Result | None = None,
    after: str = "",
) -> Response:
    """Ask who it is: by password, check and code, or by passkey alone."""
    refusal = refused.outcome.value if refused else ""
    factor = owner.credential.second_factor
    question = None
    if factor is not None and factor.passkeys:
        # Imported here because most people have none.
        from login import passkey_questions  # noqa: PLC0415

        question = passkey_questions.for_confirm(owner, factor)
    check = captcha.widget(
        own_security.CONFIRM_ACTION, after=after, refused=refusal.startswith("captcha_")
    )
    return page(
        request,
        "login/confirm.html",
        status=password_door.STATUS[refused.outcome] if refused else 200,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        session=owner.session,
        has_second_factor=factor is not None,
        has_app=factor is not None and factor.has_app,
        question=question,
        passkey_refusal="" if refused else request.query.get("refused", ""),
        next_path=next_path,
        refusal=refusal,
        wait_s=refused.wait_s if refused else 0,
    )
