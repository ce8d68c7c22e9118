"""GET and POST of a link: see the page, set the password. Looking changes nothing."""

from dataclasses import dataclass
from functools import partial

from password_reset import mail_links, store
from password_reset.mail_links import Link, LinkState, Purpose
from schoolpoort import (
    captcha,
    clock,
    credentials,
    ids,
    kept_hashes,
    mail_requests,
    new_password,
    passwords,
)
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.credentials import Credential
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page, redirect

_STATUS = {LinkState.UNKNOWN: 404}
_GONE = 410


@dataclass(frozen=True, slots=True)
class _Found:
    """A link that can be used, with the credential it opens."""

    link: Link
    credential: Credential


@dataclass(frozen=True, slots=True)
class _Dead:
    """A link that cannot be used, and whether it was a parent's, as far as that is known."""

    state: LinkState
    is_home: bool = False


def show_activation(request: Request) -> Response:
    """GET /activate/{token}."""
    return _show(request, Purpose.ACTIVATION)


def receive_activation(request: Request) -> Response:
    """POST /activate/{token}."""
    return _receive(request, Purpose.ACTIVATION)


def show_reset(request: Request) -> Response:
    """GET /password/{token}."""
    return _show(request, Purpose.RESET)


def receive_reset(request: Request) -> Response:
    """POST /password/{token}."""
    return _receive(request, Purpose.RESET)


def _show(request: Request, purpose: Purpose) -> Response:
    found = _find(request, purpose)
    if isinstance(found, _Dead):
        return _dead(request, found, purpose)
    return _form(request, found, purpose, {}, 200)


def _find(request: Request, purpose: Purpose) -> _Found | _Dead:
    token = request.path_parameters["token"].strip().lower()
    link = store.find_link(token) if ids.is_token(token) else None
    if link is None or link.purpose is not purpose:
        return _Dead(LinkState.UNKNOWN)
    credential = credentials.find(link.address_key)
    state = mail_links.state(link, credential, now_epoch_s=clock.now_epoch_s())
    if state is not LinkState.ISSUED or credential is None:
        return _Dead(state, is_home=_is_home(link))
    return _Found(link, credential)


def _receive(request: Request, purpose: Purpose) -> Response:
    form = request.form()
    found = _find(request, purpose)
    if isinstance(found, _Dead):
        return _dead(request, found, purpose)
    token = captcha.answer(form)
    account_id = found.credential.account_id
    errors = new_password.problems(form, partial(new_password.owner_of, account_id))
    if errors:
        return _form(request, found, purpose, errors, 400, token)
    refused = _captcha_refusal(request, token, purpose)
    if refused:
        status = 503 if refused == "unreachable" else 403
        return _form(request, found, purpose, {"captcha": refused}, status)
    try:
        store.consume(
            found.link,
            found.credential,
            kept_hashes.sealed(passwords.hash_password(form["password"]), owner=account_id),
            now_epoch_s=clock.now_epoch_s(),
        )
    except store.LinkLost:
        dead = _Dead(LinkState.CONSUMED, is_home=_is_home(found.link))
        return _dead(request, dead, purpose)
    logger.info("password set", extra={"purpose": purpose, "account": found.link.account_id})
    if purpose is Purpose.RESET:
        _tell(found)
    return redirect("/login/home?welcome=1" if _is_home(found.link) else "/login?welcome=1")


def _captcha_refusal(request: Request, token: str, purpose: Purpose) -> str | None:
    verdict = captcha.check(token, request.source_ip, purpose.value)
    if verdict is not CaptchaVerdict.PASSED:
        return str(verdict.value)
    is_fresh = store.reserve_captcha(token, now_epoch_s=clock.now_epoch_s())
    return None if is_fresh else "failed"


def _tell(found: _Found) -> None:
    mail_requests.enqueue(
        "password_changed",
        request_id=f"changed-{found.link.token_hash}",
        address=found.link.address_key.partition("#")[2],
        language=found.credential.language,
        at="home" if _is_home(found.link) else "",
    )


def _is_home(link: Link) -> bool:
    return link.address_key.startswith("home#")


def _form(
    request: Request,
    found: _Found,
    purpose: Purpose,
    errors: dict[str, str],
    status: int,
    token: str = "",
) -> Response:
    check = captcha.widget(purpose.value, after=token, refused="captcha" in errors)
    return page(
        request,
        "password_reset/set_password.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        no_referrer=True,
        captcha_widget=check,
        purpose=purpose.value,
        address=found.link.address_key.partition("#")[2],
        errors=errors,
    )


def _dead(request: Request, dead: _Dead, purpose: Purpose) -> Response:
    logger.info("link not usable", extra={"state": dead.state.value, "purpose": purpose.value})
    return page(
        request,
        "password_reset/dead_link.html",
        status=_STATUS.get(dead.state, _GONE),
        no_referrer=True,
        state=dead.state.value,
        at="home" if dead.is_home else "",
        purpose=purpose.value,
    )
