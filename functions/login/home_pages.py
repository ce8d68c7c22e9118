"""The pages of children at home: the parent's form, the choice of child, the pad for a PIN."""

from login import (
    forms,
    home_sign_in,
    home_store,
    password_door,
    pins,
    pupil_access,
    pupil_entry,
    pupil_pages,
)
from login.attempts import Result
from login.home_store import HomeChild, HomeSession
from login.pupil_sign_in import Outcome
from schoolpoort import clock, ids, sessions
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

COOKIE_NAME = "__Host-home"
_CHILDREN = "/login/home/children"
_CARD = "/login/home/card"


def show_home(request: Request) -> Response:
    """GET /login/home: the form, or on to the children on a device that the parent trusts."""
    home = opened(request) if request.query.get("again") != "1" else None
    if home is not None and home.is_trusted:
        return redirect(_CHILDREN)
    return _form_page(request)


def receive_home(request: Request) -> Response:
    """POST /login/home: the choice of child, or the same page with what to do."""
    fields = request.form()
    form = forms.read(fields)
    if form.errors:
        return _form_page(request, form=form, status=400)
    secret = password_door.browser_secret(request)
    attempt = password_door.attempt_of(request, form, secret, "home_opened")
    trusts = fields.get("trust") == "yes"
    done = home_sign_in.open_door(attempt, trusts=trusts, now_epoch_s=clock.now_epoch_s())
    if isinstance(done, Result):
        logger.info("home", extra={"outcome": done.outcome.value})
        shown = _form_page(request, form=form, result=done)
        return password_door.refused(request, shown, secret, done)
    _forget_older(request)
    kept = cookie(COOKIE_NAME, done.secret, max_age_s=done.life_s)
    opened = redirect(_CHILDREN if done.has_children else _CARD).with_cookie(kept)
    return password_door.welcomed(request, opened, done.device)


def show_children(request: Request) -> Response:
    """GET /login/home/children: who of the family it is."""
    home = opened(request)
    if home is None:
        return redirect("/login/home")
    return page(
        request,
        "login/home_children.html",
        children=home_store.children_of(home.address_key),
        is_new=request.query.get("new") == "1",
        picture_of=pupil_access.picture_of,
        shows_name=_shows_name,
        is_trusted=home.is_trusted,
    )


def show_child(request: Request) -> Response:
    """GET /login/home/children/{school_id}/{person_id}: the pad; the way in is a POST."""
    home = opened(request)
    if home is None:
        return redirect("/login/home")
    child, _ = _chosen(request, home)
    return _pad(request, child, Outcome.PIN_ASKED, "")


def receive_child(request: Request) -> Response:
    """POST /login/home/children/{school_id}/{person_id}: in, or the pad."""
    home = opened(request)
    if home is None:
        return redirect("/login/home")
    child, count = _chosen(request, home)
    form = request.form()
    pin = pupil_pages.typed(form.get("so_far", ""), form.get("digit", ""))
    now = clock.now_epoch_s()
    outcome = Outcome.SIGNED_IN
    if home_sign_in.asks_pin(home, child, count, now_epoch_s=now):
        outcome = home_sign_in.try_pin(home, child, pin, now_epoch_s=now)
    if outcome is not Outcome.SIGNED_IN:
        return _pad(request, child, outcome, pin if outcome is Outcome.PIN_ASKED else "")
    secret = home_sign_in.start(child, ends=sessions.hash_of_cookie(request), now_epoch_s=now)
    logger.info("pupil in at home", extra={"school": child.school_id})
    return redirect("/apps").with_cookie(cookie(sessions.COOKIE_NAME, secret))


def leave(request: Request) -> Response:
    """POST /login/home/leave: this device asks for the password again."""
    _forget_older(request)
    return redirect("/login/home").with_cookie(cookie(COOKIE_NAME, "", max_age_s=0))


def _forget_older(request: Request) -> None:
    home = opened(request)
    if home is not None:
        home_sign_in.close_door(home, now_epoch_s=clock.now_epoch_s())


def opened(request: Request) -> HomeSession | None:
    """Return the door that a parent's password opened in this browser, or None."""
    value = request.cookies.get(COOKIE_NAME, "")
    if not pupil_entry.SECRET.fullmatch(value):
        return None
    return home_store.session(ids.sha256_hex(value), now_epoch_s=clock.now_epoch_s())


def _chosen(request: Request, home: HomeSession) -> tuple[HomeChild, int]:
    """Return the child that the address names, and how many there are to choose from."""
    children = home_store.children_of(home.address_key)
    asked = (request.path_parameters["school_id"], request.path_parameters["person_id"])
    for child in children:
        if (child.school_id, child.person.person_id) == asked:
            return child, len(children)
    raise NotFound("pupil_unknown")


def _shows_name(child: HomeChild) -> bool:
    return pupil_access.shows_names(pupil_access.youngest_year([child.person.year_group]))


def _pad(request: Request, child: HomeChild, outcome: Outcome, so_far: str) -> Response:
    return page(
        request,
        "login/pin.html",
        status=pupil_pages.STATUS[outcome],
        action=f"{_CHILDREN}/{child.school_id}/{child.person.person_id}",
        back=_CHILDREN,
        own=pupil_access.picture_of(child.access),
        name=child.person.given_name if _shows_name(child) else "",
        outcome=outcome.value,
        helper="parent",
        so_far=so_far,
        length=pins.LENGTH,
    )


def _form_page(
    request: Request,
    *,
    form: forms.SignInForm | None = None,
    result: Result | None = None,
    status: int = 200,
) -> Response:
    return password_door.form_page(
        request, "login/home.html", home_sign_in.ACTION, form=form, result=result, status=status
    )
