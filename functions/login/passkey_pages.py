"""The pages of passkeys: signing in, the second step, a sensitive act, and one's own list."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from login import (
    attempts,
    browsers,
    known_devices,
    own_security_pages,
    passkey_questions,
    passkey_sign_in,
    passkey_steps,
    passkey_store,
    passkeys,
    password_door,
    return_path,
    sign_in_pages,
    traces,
    way_in_pages,
)
from login.entry import Step
from login.own_security import Changed, Owner
from login.passkeys import Refusal
from login.session_start import Half
from schoolpoort import authority, clock, ids, sessions
from schoolpoort.errors import TransactionRefused
from schoolpoort.log import logger
from schoolpoort.web import Conflict, Request, Response, page, redirect

_PLACE = "/account/passkeys"
_LONGEST_NAME = 40
_ZONE = ZoneInfo("Europe/Amsterdam")


def receive_sign_in(request: Request) -> Response:
    """POST /login/passkey: in, with both factors shown; or back to the form with what to do."""
    form = request.form()
    next_path = return_path.safe(form.get("next", "")) or ""
    secret = password_door.browser_secret(request)
    attempt = attempts.Attempt(
        address="",
        unsafe_password="",
        captcha_token="",
        source_ip=request.source_ip,
        language=request.language,
        ticket_secret=None,
        old_session_hash=sessions.hash_of_cookie(request),
        next_path=next_path,
        browser=browsers.name_of(request.headers.get("user-agent", "")),
        device=known_devices.read(request.cookies.get(known_devices.COOKIE_NAME, "")),
        trace=ids.sha256_hex(secret),
    )
    asked = passkey_questions.asked_of_browser(request)
    result = passkey_sign_in.sign_in(attempt, form.get("credential", ""), asked)
    if isinstance(result, Refusal) or result.session_secret is None:
        refusal = result if isinstance(result, Refusal) else Refusal.INVALID
        logger.info("sign-in by passkey", extra={"outcome": refusal.value})
        return traces.marked(request, _back("/login", refusal, next_path), secret)
    logger.info("sign-in by passkey", extra={"outcome": result.outcome.value})
    return sign_in_pages.way_in(request, next_path, result, secret)


@way_in_pages.at_step(Step.CODE)
def receive_code(request: Request, half: Half) -> Response:
    """POST /login/code/passkey: a passkey instead of a code."""
    asked = passkey_questions.asked_of_half(half, "code")
    taken = passkey_steps.take_code_step(half, request.form().get("credential", ""), asked)
    if isinstance(taken, Refusal):
        return _back("/login/code", taken)
    return way_in_pages.onwards(request, taken)


@way_in_pages.at_step(Step.ENROLMENT)
def receive_enrolment(request: Request, half: Half) -> Response:
    """POST /login/second-factor/passkey: a passkey instead of an app, and codes for paper."""
    asked = passkey_questions.asked_of_half(half, "add")
    form = request.form()
    taken = passkey_steps.take_enrolment_step(
        half, form.get("credential", ""), _name(request, form), asked
    )
    if isinstance(taken, Refusal):
        return _back("/login/second-factor", taken)
    return way_in_pages.enrolled(request, taken)


def receive_confirm(request: Request) -> Response:
    """POST /account/confirm/passkey: back to what one was about to do."""
    owner = own_security_pages.owner_of(request)
    form = request.form()
    next_path = return_path.safe(form.get("next", "")) or ""
    asked = passkey_questions.asked_of_owner(owner, "confirm")
    done = passkey_steps.confirm(owner, form.get("credential", ""), asked)
    if isinstance(done, Changed):
        return own_security_pages.renewed(redirect(next_path or "/account"), done)
    return _back("/account/confirm", done, next_path)


def _back(path: str, refusal: Refusal, next_path: str = "") -> Response:
    """Send somebody back to the page that asked, which says what is the matter."""
    query = {"refused": refusal.value} | ({"next": next_path} if next_path else {})
    return redirect(f"{path}?{urlencode(query)}")


def show(request: Request) -> Response:
    """GET /account/passkeys: one's own passkeys, and the button for another."""
    owner = _confirmed(request)
    return _page(request, owner)


def change(request: Request) -> Response:
    """POST /account/passkeys: add one, or take one away."""
    owner = _confirmed(request)
    form = request.form()
    try:
        if form.get("action") == "remove":
            return _remove(request, owner, form.get("ref", ""))
        return _add(request, owner, form)
    except TransactionRefused as error:
        raise Conflict("passkeys_changed") from error


def _add(request: Request, owner: Owner, form: dict[str, str]) -> Response:
    asked = passkey_questions.asked_of_owner(owner, "add")
    try:
        done = passkey_steps.add(owner, form.get("credential", ""), _name(request, form), asked)
    except passkey_steps.TooManyError:
        return _page(request, owner, refusal="too_many", status=409)
    if isinstance(done, Refusal):
        return _page(request, owner, refusal=done.value, status=400)
    if not done.codes:
        return own_security_pages.renewed(redirect(f"{_PLACE}?done=added"), done)
    shown = page(
        request,
        "login/recovery_codes.html",
        session=owner.session,
        codes=done.codes,
        path=f"{_PLACE}?done=added",
    )
    return own_security_pages.renewed(shown, done)


def _remove(request: Request, owner: Owner, ref: str) -> Response:
    try:
        done = passkey_steps.remove(owner, ref, now_epoch_s=clock.now_epoch_s())
    except passkey_steps.NeededError:
        return _page(request, owner, refusal="needed", status=409)
    if done is None:
        return redirect(_PLACE)
    return own_security_pages.renewed(redirect(f"{_PLACE}?done=removed"), done)


def _confirmed(request: Request) -> Owner:
    owner = own_security_pages.owner_of(request)
    authority.require_confirmed(request, owner.session, _PLACE)
    return owner


def _name(request: Request, form: dict[str, str]) -> str:
    """Return what the owner calls the passkey, else its browser; "" where neither is known."""
    typed = " ".join(form.get("name", "").split())
    printable = "".join(character for character in typed if character.isprintable())
    return printable[:_LONGEST_NAME] or browsers.name_of(request.headers.get("user-agent", ""))


def _page(request: Request, owner: Owner, *, refusal: str = "", status: int = 200) -> Response:
    kept: dict[str, Any] = dict(passkey_store.passkeys_of(owner.credential))
    return page(
        request,
        "login/passkeys.html",
        status=status,
        session=owner.session,
        rows=sorted(kept.items(), key=lambda row: row[1].added_at_epoch_s),
        question=passkey_questions.for_another(owner) if len(kept) < passkeys.MOST else None,
        suggested=browsers.name_of(request.headers.get("user-agent", "")),
        has_app=owner.credential.second_factor is None or owner.credential.second_factor.has_app,
        has_second_factor=owner.credential.second_factor is not None,
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, _ZONE),
        refusal=refusal,
        done=request.query.get("done", ""),
    )
