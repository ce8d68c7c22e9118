"""The pages between a right password and the house: a code, a first second factor, a choice."""

from collections.abc import Callable

from login import enrolment_form, return_path, sign_in_pages, traces, way_in
from login.entry import PAGE_OF, Step
from login.second_factor import FEW_CODES, Refusal
from login.session_start import Half
from login.way_in import Onward
from schoolpoort import clock, sessions
from schoolpoort.web import (
    Forbidden,
    Request,
    Response,
    SignInRequired,
    cookie,
    page,
    redirect,
)

_STATUS = {Refusal.WRONG: 401, Refusal.WAIT: 429}


def at_step(step: Step) -> Callable[[Callable[[Request, Half], Response]], Callable[..., Response]]:
    """Let a view of a step be seen only by somebody who is at it."""

    def decorate(view: Callable[[Request, Half], Response]) -> Callable[[Request], Response]:
        def checked(request: Request) -> Response:
            half = way_in.find(
                sessions.hash_of_cookie(request),
                request.source_ip,
                traces.trace_of(request),
                now_epoch_s=clock.now_epoch_s(),
            )
            if half is None:
                raise SignInRequired("")
            if half.step is not step:
                return redirect(PAGE_OF[half.step])
            try:
                return view(request, half)
            except way_in.NoPlaceError as error:
                raise Forbidden("no_membership") from error

        checked.__doc__ = view.__doc__
        return checked

    return decorate


@at_step(Step.CODE)
def show_code(request: Request, half: Half) -> Response:
    """GET /login/code: ask for a code of the app, or one from paper."""
    return _code_page(request, half)


@at_step(Step.CODE)
def receive_code(request: Request, half: Half) -> Response:
    """POST /login/code: a code that counts leads on; the password is not asked again."""
    typed = request.form().get("code", "")
    shown = way_in.show_code(half, typed, now_epoch_s=clock.now_epoch_s())
    if isinstance(shown, Refusal):
        return _code_page(request, half, refusal=shown)
    if shown.codes_left is not None and shown.codes_left <= FEW_CODES:
        return onwards(request, shown, path="/account/second-factor")
    return onwards(request, shown)


@at_step(Step.ENROLMENT)
def show_enrolment(request: Request, half: Half) -> Response:
    """GET /login/second-factor: a secret for an app, not stored before its first code is right."""
    return _enrolment_page(request, half)


@at_step(Step.ENROLMENT)
def receive_enrolment(request: Request, half: Half) -> Response:
    """POST /login/second-factor: the first code stores the factor and shows the codes for paper."""
    form = enrolment_form.read(request.form())
    taken = way_in.enrol(half, form.wrapped_secret, form.code, now_epoch_s=clock.now_epoch_s())
    if isinstance(taken, Refusal):
        return _enrolment_page(request, half, form)
    return enrolled(request, taken)


def enrolled(request: Request, taken: Onward) -> Response:
    """Show the codes for paper to somebody who has a second factor now, with the way on."""
    if taken.step is Step.IN:
        path = taken.next_path or return_path.home_of(taken.scope)
    else:
        path = PAGE_OF[taken.step]
    shown = page(request, "login/recovery_codes.html", codes=taken.codes, path=path)
    return shown.with_cookie(cookie(sessions.COOKIE_NAME, taken.session_secret))


@at_step(Step.CHOICE)
def show_choice(request: Request, half: Half) -> Response:
    """GET /login/choice: ask where this person wants to work now."""
    return page(request, "login/choice.html", places=way_in.places(half), name=half.display_name)


@at_step(Step.CHOICE)
def receive_choice(request: Request, half: Half) -> Response:
    """POST /login/choice: in, at the chosen place."""
    scope = request.form().get("scope", "")
    taken = way_in.choose(half, scope, now_epoch_s=clock.now_epoch_s())
    return redirect(PAGE_OF[Step.CHOICE]) if taken is None else onwards(request, taken)


def onwards(request: Request, onward: Onward, path: str = "") -> Response:
    """Lead somebody who took a step to the next one, or in."""
    if onward.step is Step.IN:
        response = sign_in_pages.way_on(request, path or onward.next_path, onward.scope)
    else:
        response = redirect(PAGE_OF[onward.step])
    return response.with_cookie(cookie(sessions.COOKIE_NAME, onward.session_secret))


def _code_page(request: Request, half: Half, *, refusal: Refusal | None = None) -> Response:
    """Ask for what somebody has beside the password: a passkey, a code of the app, one of paper."""
    factor = way_in.credential_of(way_in.places(half)).second_factor
    question = None
    if factor is not None and factor.passkeys:
        # Imported here because most people have none.
        from login import passkey_questions  # noqa: PLC0415

        question = passkey_questions.for_code(half, factor)
    return page(
        request,
        "login/code.html",
        status=_STATUS[refusal] if refusal else 200,
        name=half.display_name,
        refusal=refusal.value if refusal else "",
        passkey_refusal="" if refusal else request.query.get("refused", ""),
        has_app=factor is None or factor.has_app,
        question=question,
    )


def _enrolment_page(
    request: Request, half: Half, form: enrolment_form.EnrolmentForm | None = None
) -> Response:
    """Show how to set up an app or a passkey; `form` came back with a wrong code."""
    from login import passkey_questions  # noqa: PLC0415 - only who sets something up needs it

    return page(
        request,
        "login/enrolment.html",
        status=400 if form else 200,
        setup=enrolment_form.setup_for(half.account_id, half.display_name, form),
        action="/login/second-factor",
        next_path="",
        is_required=True,
        is_wrong=form is not None,
        question=passkey_questions.for_enrolment(half),
        passkey_refusal="" if form else request.query.get("refused", ""),
    )
