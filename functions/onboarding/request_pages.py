"""The pages of who asks for a first administrator, and of the board that is asked about it."""

from collections.abc import Mapping

from onboarding import (
    pdf_facts,
    request_facts,
    request_flow,
    request_forms,
    request_states,
    request_store,
)
from onboarding.account_request import AccountRequest
from onboarding.request_states import State
from schoolpoort import captcha, captcha_once, clock, errand_links, registry, uploads
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.web import NotFound, Request, Response, page, redirect

_ACTION = "request"
_STEPS = {
    State.RECEIVED: 0,
    State.INCOMPLETE: 0,
    State.TO_REVIEW: 1,
    State.REVIEWED: 2,
    State.AWAITING_BOARD: 3,
    State.APPROVED: 4,
    State.INVITED: 4,
    State.ACTIVATION_EXPIRED: 4,
    State.ACTIVATED: 5,
}
"""How many of the five steps are done."""


def show_form(request: Request) -> Response:
    """GET /request: the form, for a school in the Netherlands or abroad."""
    variant = "abroad" if request.query.get("where") == "abroad" else "nl"
    return _form(request, {"variant": variant}, {}, status=200)


def receive(request: Request) -> Response:
    """POST /request: keep a request, or say kindly who can help at once."""
    fields = request.form()
    claim, errors = request_forms.read(fields)
    if errors:
        return _form(request, fields, errors, status=400, token=captcha.answer(fields))
    refused = _not_a_person(request, fields)
    if refused:
        return _form(request, fields, {"captcha": refused}, status=403)
    location = registry.location(claim.brin6) if claim.brin6 else None
    if not claim.coordinator_gone and request_facts.coordinators(location):
        return page(request, "onboarding/request_not_needed.html", school_name=claim.school_name)
    request_flow.submit(claim, channel="web", language=request.language)
    return redirect("/request/sent")


def _not_a_person(request: Request, fields: Mapping[str, str]) -> str:
    """Return why the check of a person did not pass, or nothing."""
    token = captcha.answer(fields)
    verdict = captcha.check(token, request.source_ip, _ACTION)
    if verdict is CaptchaVerdict.PASSED:
        is_fresh = captcha_once.use_up(token, now_epoch_s=clock.now_epoch_s())
        return "" if is_fresh else "failed"
    kinds = {CaptchaVerdict.UNREACHABLE: "unreachable", CaptchaVerdict.DOUBTED: "doubted"}
    return kinds.get(verdict, "failed")


def _form(
    request: Request,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int,
    token: str = "",
) -> Response:
    check = captcha.widget(_ACTION, after=token, refused="captcha" in errors)
    return page(
        request,
        "onboarding/request_form.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        variant="abroad" if values.get("variant") == "abroad" else "nl",
        values=values,
        errors=errors,
    )


def show_sent(request: Request) -> Response:
    """GET /request/sent: what happens now."""
    return page(request, "onboarding/request_sent.html")


def show_status(request: Request) -> Response:
    """GET /request/{token}: how far a request is, and where its paper is added."""
    found = _requested(request)
    form = None
    if found.state is State.INCOMPLETE and _lacks_paper(found):
        form = uploads.presigned_form(
            "request",
            found.request_id,
            max_bytes=pdf_facts.LARGEST_BYTES,
            redirect_to=request.path,
        )
    return page(
        request,
        "onboarding/request_status.html",
        csp_form_action=(form.origin,) if form else (),
        found=found,
        upload=form,
        done=_STEPS.get(found.state, 0),
        is_arriving="key" in request.query and found.state is State.INCOMPLETE,
        can_withdraw=found.state in request_states.UNDECIDED,
    )


def change_status(request: Request) -> Response:
    """POST /request/{token}: the requester takes the request back."""
    found = _requested(request)
    if found.state in request_states.UNDECIDED:
        request_flow.withdraw(found)
    return redirect(request.path)


def _lacks_paper(found: AccountRequest) -> bool:
    return "paper" in found.missing.split()


def show_question(request: Request) -> Response:
    """GET /request/board/{token}: what the board is asked, or was told."""
    found = _asked(request)
    return page(
        request,
        "onboarding/request_board.html",
        found=found,
        asks=found.state is State.AWAITING_BOARD,
        can_stop=found.state in request_states.GRANTED,
    )


def answer_question(request: Request) -> Response:
    """POST /request/board/{token}: the board says yes, or "dit klopt niet"."""
    found = _asked(request)
    given = request.form().get("answer", "")
    answerable = request_states.GRANTED | {State.AWAITING_BOARD, State.FROZEN}
    if given in {"right", "wrong"} and found.state in answerable:
        request_flow.answer(found, is_right=given == "right")
    return redirect(request.path)


def _requested(request: Request) -> AccountRequest:
    return _by_link(request, "request")


def _asked(request: Request) -> AccountRequest:
    return _by_link(request, "board")


def _by_link(request: Request, errand: str) -> AccountRequest:
    token = request.path_parameters["token"]
    subject = errand_links.subject(token, errand, now_epoch_s=clock.now_epoch_s())
    found = request_store.find(subject) if subject else None
    if found is None:
        raise NotFound("no_request")
    return found
