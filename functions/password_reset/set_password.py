"""GET and POST of a link: see the page, set the password. A look uses nothing up."""

from dataclasses import dataclass
from functools import partial

from password_reset import link_store, lives, mail_events, mail_links, mail_store
from password_reset.mail_links import Link, LinkState, Purpose
from schoolpoort import (
    captcha,
    captcha_once,
    clock,
    errand_links,
    ids,
    kept_hashes,
    mail_requests,
    new_password,
    passwords,
)
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.credentials import Credential
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, cookie, page, redirect

_STATUS = {LinkState.UNKNOWN: 404}
_GONE = 410
_RENEWABLE = frozenset({LinkState.EXPIRED, LinkState.SUPERSEDED})
_AN_HOUR_S = 60 * 60
_ENOUGH_DIGITS = 32


@dataclass(frozen=True, slots=True)
class _Found:
    """A link that can be used, with the credential it opens."""

    link: Link
    credential: Credential


@dataclass(frozen=True, slots=True)
class _Dead:
    """A link that cannot be used; None when it is no link of ours."""

    state: LinkState
    link: Link | None = None

    @property
    def at(self) -> str:
        """Return "home" for a parent's link, and nothing for any other."""
        return "home" if self.link is not None and self.link.is_home else ""


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
    if found.link.written is LinkState.ISSUED and link_store.note_shown(found.link):
        opened = mail_events.MailState.OPENED
        mail_store.move_on(found.link.request_id, opened, mail_events.before(opened))
    return _form(request, found, purpose, {}, 200)


def _find(request: Request, purpose: Purpose) -> _Found | _Dead:
    token = request.path_parameters["token"].strip().lower()
    link = link_store.find_link(token) if ids.is_token(token) else None
    if link is None or link.purpose is not purpose:
        return _Dead(LinkState.UNKNOWN)
    around = link_store.surroundings(link)
    state = mail_links.state(
        link, around.credential, around.record.standing(link), now_epoch_s=clock.now_epoch_s()
    )
    if state not in mail_links.USABLE or around.credential is None:
        return _Dead(state, link)
    return _Found(link, around.credential)


def _receive(request: Request, purpose: Purpose) -> Response:
    form = request.form()
    found = _find(request, purpose)
    if isinstance(found, _Dead):
        return _renewed(request, found) if form.get("again") else _dead(request, found, purpose)
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
        link_store.consume(
            found.link,
            found.credential,
            kept_hashes.sealed(passwords.hash_password(form["password"]), owner=account_id),
            now_epoch_s=clock.now_epoch_s(),
        )
    except link_store.LinkLost:
        return _dead(request, _Dead(LinkState.CONSUMED, found.link), purpose)
    logger.info("password set", extra={"purpose": purpose, "account": found.link.account_id})
    if purpose is Purpose.RESET:
        _tell(found)
    if found.link.is_home:
        return redirect("/login/home?welcome=1")
    return redirect("/login?welcome=1").with_cookie(_offer_to_end_sessions(account_id))


def _offer_to_end_sessions(account_id: str) -> str:
    """Return the cookie with which the page after this one may end every session, for a while."""
    life_s = errand_links.END_SESSIONS_LIFE_S
    token = errand_links.mint(
        errand_links.END_SESSIONS,
        account_id,
        expires_at_epoch_s=clock.now_epoch_s() + life_s,
    )
    return cookie(errand_links.END_SESSIONS_COOKIE, token, max_age_s=life_s, strict=True)


def _renewed(request: Request, dead: _Dead) -> Response:
    """Mail a new link in the place of one that is too old; at most one an hour."""
    link = dead.link
    if link is None or dead.state not in _RENEWABLE:
        return _dead(request, dead, link.purpose if link else Purpose.RESET)
    hour = clock.now_epoch_s() // _AN_HOUR_S
    mail_requests.enqueue(
        "password_reset",
        request_id=f"renewed-{link.token_hash[:_ENOUGH_DIGITS]}-{hour}",
        address=link.address,
        at="home" if link.is_home else "staff",
    )
    return page(
        request,
        "password_reset/asked.html",
        no_referrer=True,
        address=link.address,
        at=dead.at,
        minutes=lives.reset_minutes(),
    )


def _captcha_refusal(request: Request, token: str, purpose: Purpose) -> str | None:
    verdict = captcha.check(token, request.source_ip, purpose.value)
    if verdict is not CaptchaVerdict.PASSED:
        return str(verdict.value)
    is_fresh = captcha_once.use_up(token, now_epoch_s=clock.now_epoch_s())
    return None if is_fresh else "failed"


def _tell(found: _Found) -> None:
    mail_requests.enqueue(
        "password_changed",
        request_id=f"changed-{found.link.token_hash}",
        address=found.link.address,
        language=found.credential.language,
        at="home" if found.link.is_home else "",
    )


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
        address=found.link.address,
        at="home" if found.link.is_home else "",
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
        at=dead.at,
        purpose=purpose.value,
        is_renewable=dead.state in _RENEWABLE,
    )
