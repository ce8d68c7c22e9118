"""The pages of pupils at school: group, picture, PIN. No captcha, no password, nothing to type."""

import re

from login import pins, pupil_access, pupil_sign_in, pupil_store
from login.pupil_access import Place, SchoolAccess
from login.pupil_sign_in import Classroom, Outcome, Where
from schoolpoort import clock, ids, rosters, sessions
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

DEVICE_COOKIE = "__Host-device"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_BRIN6 = re.compile(r"[0-9]{2}[A-Za-z]{2}[0-9]{2}")
_DIGITS = frozenset("0123456789")
_SEEN_AGAIN_AFTER_S = 24 * 60 * 60
STATUS = {Outcome.PIN_ASKED: 200, Outcome.PIN_WRONG: 401, Outcome.ASK_TEACHER: 429}


def show_groups(request: Request) -> Response:
    """GET /login/school/{code}: the groups of the school, or why they are not shown here."""
    code = request.path_parameters["code"]
    if _BRIN6.fullmatch(code):
        found = pupil_sign_in.code_of_brin6(code)
        if found is None:
            raise NotFound("school_unknown")
        return redirect(f"/login/school/{found}")
    access, place = _opened(request)
    if not place.is_known:
        return _closed(request, access, place)
    _note_seen(access, place)
    return page(
        request,
        "login/school_groups.html",
        school_id=access.school_id,
        code=access.code,
        groups=pupil_sign_in.classrooms(access.school_id),
    )


def show_pupils(request: Request) -> Response:
    """GET /login/school/{code}/{group_id}: the pictures of a group."""
    access, place = _opened(request)
    if not place.is_known:
        return _closed(request, access, place)
    room = _room(request, access)
    pupil_sign_in.keep_pictures(access, room)
    return page(request, "login/school_pupils.html", code=access.code, room=room)


def show_pin(request: Request) -> Response:
    """GET /login/school/{code}/{group_id}/{person_id}: the pad of a pupil; the way in is a POST."""
    access, place = _opened(request)
    if not place.is_known:
        return _closed(request, access, place)
    room = _room(request, access)
    return _pad(request, access, room, Outcome.PIN_ASKED, "")


def receive_pupil(request: Request) -> Response:
    """POST /login/school/{code}/{group_id}/{person_id}: in, or the pad."""
    access, place = _opened(request)
    if not place.is_known:
        return _closed(request, access, place)
    group_id = request.path_parameters["group_id"]
    person_id = request.path_parameters["person_id"]
    form = request.form()
    pin = typed(form.get("so_far", ""), form.get("digit", ""))
    now = clock.now_epoch_s()
    outcome = pupil_sign_in.try_pin(access, group_id, person_id, pin, now_epoch_s=now)
    if outcome is Outcome.SIGNED_IN:
        return _in(request, access, group_id, person_id, now)
    if outcome is not Outcome.PIN_ASKED:
        logger.info("pin refused", extra={"outcome": outcome.value})
    so_far = pin if outcome is Outcome.PIN_ASKED else ""
    return _pad(request, access, _room(request, access), outcome, so_far)


def typed(so_far: str, digit: str) -> str:
    """Return the digits so far: without script, each press of the pad is a form of its own."""
    if digit == "back":
        return so_far[:-1]
    digits = "".join(sign for sign in so_far + digit if sign in _DIGITS)
    return digits[: pins.LENGTH]


def _in(
    request: Request, access: SchoolAccess, group_id: str, person_id: str, now_epoch_s: int
) -> Response:
    person = rosters.person(access.school_id, person_id)
    is_here = (
        person is not None
        and person.kind == "pupil"
        and person.active
        and any(group.group_id == group_id for group in person.groups)
    )
    if person is None or not is_here:
        raise NotFound("pupil_unknown")
    secret = pupil_sign_in.start(
        person,
        pupil_access.picture_of(access.pupil(person_id)),
        Where(access.school_id, f"/login/school/{access.code}/{group_id}", "school"),
        ends=sessions.hash_of_cookie(request),
        now_epoch_s=now_epoch_s,
    )
    logger.info("pupil in", extra={"school": access.school_id})
    return redirect("/apps").with_cookie(cookie(sessions.COOKIE_NAME, secret))


def _opened(request: Request) -> tuple[SchoolAccess, Place]:
    """Return what the school of a code settled, and from where it is asked."""
    school_id = pupil_store.school_of_code(request.path_parameters["code"].lower())
    if school_id is None:
        raise NotFound("school_unknown")
    access = pupil_store.access_of(school_id)
    place = pupil_access.place_of(
        access,
        source_ip=request.source_ip,
        device_hash=device_hash(request),
        now_epoch_s=clock.now_epoch_s(),
    )
    return access, place


def device_hash(request: Request) -> str | None:
    """Return the key of the enrolled device that a cookie names, or None."""
    value = request.cookies.get(DEVICE_COOKIE, "")
    return ids.sha256_hex(value) if SECRET.fullmatch(value) else None


def _note_seen(access: SchoolAccess, place: Place) -> None:
    now = clock.now_epoch_s()
    network = place.network
    if network is not None and now - network.seen_at_epoch_s >= _SEEN_AGAIN_AFTER_S:
        pupil_store.see_network(access.school_id, network.cidr, now_epoch_s=now)


def _closed(request: Request, access: SchoolAccess, place: Place) -> Response:
    """Say why no pupil is shown here, and let a coordinator who is signed in change that."""
    session = sessions.optional(request)
    is_of_school = session is not None and session.school_id == access.school_id
    logger.info(
        "pupils' page closed",
        extra={"school": access.school_id, "forgotten": place.is_forgotten},
    )
    return page(
        request,
        "login/school_closed.html",
        status=403,
        is_forgotten=place.is_forgotten,
        is_of_school=is_of_school,
    )


def _room(request: Request, access: SchoolAccess) -> Classroom:
    room = pupil_sign_in.classroom(access, request.path_parameters["group_id"])
    if room is None:
        raise NotFound("group_unknown")
    return room


def _pad(
    request: Request, access: SchoolAccess, room: Classroom, outcome: Outcome, so_far: str
) -> Response:
    person_id = request.path_parameters["person_id"]
    child = next((one for one in room.children if one.person.person_id == person_id), None)
    if child is None:
        raise NotFound("pupil_unknown")
    return page(
        request,
        "login/pin.html",
        status=STATUS[outcome],
        action=f"/login/school/{access.code}/{room.group_id}/{person_id}",
        back=f"/login/school/{access.code}/{room.group_id}",
        own=child.picture,
        name=child.person.given_name if room.shows_names else "",
        outcome=outcome.value,
        helper="teacher",
        so_far=so_far,
        length=pins.LENGTH,
    )
