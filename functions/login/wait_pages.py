"""The child's side of waiting for the teacher: a page with three pictures and one large button."""

from login import browsers, class_store, pictures, pupil_entry, store, throttle, waiting_pupils
from login.pupil_access import Place, SchoolAccess
from login.waiting_pupils import Waiting
from schoolpoort import clock, ids
from schoolpoort.errors import TransactionRefused
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, json_response, page, redirect

COOKIE = "__Host-wait"


def show_wait(request: Request) -> Response:
    """GET /login/school/{code}/{group_id}/{person_id}/wait: the page, or its state for a script."""
    if "state" in request.query:
        return json_response({"state": _state(_waiting(request))})
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    return _page(request, access, place, _waiting(request))


def receive_wait(request: Request) -> Response:
    """POST /login/school/{code}/{group_id}/{person_id}/wait: begin to wait, or come in now."""
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    if request.form().get("action") == "ask":
        return _begin(request, access, place)
    found = _waiting(request)
    if found is None or not found.is_let_in:
        return _page(request, access, place, found)
    group_id, person_id = _of_path(request)
    used = class_store.used(
        str(access.code), group_id, found.ref, person_id, now_epoch_s=clock.now_epoch_s()
    )
    try:
        return pupil_entry.come_in(
            request, (access, place), group_id, person_id, by="let_in", also=tuple(used)
        ).with_cookie(cookie(COOKIE, "", max_age_s=0))
    except TransactionRefused:
        logger.info("let-in used already", extra={"school": access.school_id})
        return _page(request, access, place, None)


def _begin(request: Request, access: SchoolAccess, place: Place) -> Response:
    group_id, person_id = _of_path(request)
    code, now = str(access.code), clock.now_epoch_s()
    room = pupil_entry.room_of(access, place, group_id)
    if not any(child.person.person_id == person_id for child in room.children):
        raise NotFound("pupil_unknown")
    if not store.draw_on(throttle.wait_draws(code=code, group_id=group_id, now_epoch_s=now)):
        return _page(request, access, place, None, is_busy=True)
    secret = request.cookies.get(COOKIE, "")
    if not pupil_entry.SECRET.fullmatch(secret):
        secret = ids.new_secret()
    browser = browsers.name_of(request.headers.get("user-agent", ""))
    class_store.begin_to_wait(
        waiting_pupils.item(
            code, group_id, ids.sha256_hex(secret), person_id, browser=browser, now_epoch_s=now
        )
    )
    logger.info("pupil waits", extra={"school": access.school_id})
    return redirect(request.path).with_cookie(
        cookie(COOKIE, secret, max_age_s=waiting_pupils.WAIT_LIFE_S)
    )


def _of_path(request: Request) -> tuple[str, str]:
    return request.path_parameters["group_id"], request.path_parameters["person_id"]


def _waiting(request: Request) -> Waiting | None:
    """Return what became of this browser's waiting for this pupil; one GetItem."""
    secret = request.cookies.get(COOKIE, "")
    if not pupil_entry.SECRET.fullmatch(secret):
        return None
    group_id, person_id = _of_path(request)
    code = request.path_parameters["code"].lower()
    ref, now = ids.sha256_hex(secret), clock.now_epoch_s()
    found = class_store.waiting(code, group_id, ref, now_epoch_s=now)
    return found if found is not None and found.person_id == person_id else None


def _state(found: Waiting | None) -> str:
    if found is None:
        return "over"
    return "let_in" if found.is_let_in else "waiting"


def _page(
    request: Request,
    access: SchoolAccess,
    place: Place,
    found: Waiting | None,
    *,
    is_busy: bool = False,
) -> Response:
    group_id, person_id = _of_path(request)
    if not place.opens(group_id):
        raise NotFound("group_unknown")
    return page(
        request,
        "login/wait.html",
        status=429 if is_busy else 200,
        state="busy" if is_busy else _state(found),
        signs=found.signs if found else (),
        own=access.pupil(person_id).picture or pictures.ALL[0],
        action=f"/login/school/{access.code}/{group_id}/{person_id}/wait",
        back=f"/login/school/{access.code}/{group_id}",
    )
