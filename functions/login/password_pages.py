"""The page where somebody who is in chooses another password."""

from functools import partial

from login import own_security, own_security_pages, password_door, store
from login.attempts import Outcome
from login.own_security import Owner
from schoolpoort import authority, captcha, clock, mail_requests, new_password
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.errors import TransactionRefused
from schoolpoort.web import Conflict, Request, Response, page, redirect

_PLACE = "/account/password"
_ACTION = "password"


def show_password(request: Request) -> Response:
    """GET /account/password: two fields and the rules, for who has just shown who he is."""
    return _page(request, _owner(request), {})


def change_password(request: Request) -> Response:
    """POST /account/password: keep it, sign out everywhere else, tell the owner by mail."""
    owner = _owner(request)
    form = request.form()
    token = captcha.answer(form)
    account_id = owner.session.account_id
    errors = new_password.problems(form, partial(new_password.owner_of, account_id))
    if errors:
        return _page(request, owner, errors, 400, token)
    refused = _captcha_refusal(request, token)
    if refused:
        own_security.check_refused(owner, refused, now_epoch_s=clock.now_epoch_s())
        status = password_door.STATUS[Outcome(f"captcha_{refused}")]
        return _page(request, owner, {"captcha": refused}, status)
    try:
        done = own_security.change_password(
            owner, form["password"], now_epoch_s=clock.now_epoch_s()
        )
    except TransactionRefused as error:
        raise Conflict("password_changed") from error
    version = owner.credential.password_version + 1
    mail_requests.enqueue(
        "password_changed",
        request_id=f"changed-{account_id}-{version}",
        address=owner.credential.address_key.partition("#")[2],
        language=owner.credential.language,
    )
    return own_security_pages.renewed(redirect("/account?done=password"), done)


def _owner(request: Request) -> Owner:
    owner = own_security_pages.owner_of(request)
    authority.require_confirmed(request, owner.session, _PLACE)
    return owner


def _captcha_refusal(request: Request, token: str) -> str | None:
    verdict = captcha.check(token, request.source_ip, _ACTION)
    if verdict is not CaptchaVerdict.PASSED:
        return str(verdict.value)
    reserved = store.reserve_by_budget(token, (), now_epoch_s=clock.now_epoch_s())
    return None if reserved is store.Reservation.GRANTED else "failed"


def _page(
    request: Request, owner: Owner, errors: dict[str, str], status: int = 200, token: str = ""
) -> Response:
    check = captcha.widget(_ACTION, after=token, refused="captcha" in errors)
    return page(
        request,
        "login/change_password.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        session=owner.session,
        address=owner.credential.address_key.partition("#")[2],
        errors=errors,
    )
