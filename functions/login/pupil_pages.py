"""The pages of pupils at school: group, picture, PIN. No captcha, no password, nothing to type."""

import re

from login import pins, pupil_entry, pupil_sign_in, pupil_store
from login.pupil_access import Place, SchoolAccess
from login.pupil_sign_in import Classroom, Outcome
from schoolpoort import clock
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, page, redirect

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
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    if place.ticket is not None:
        return redirect(f"/login/school/{access.code}/{place.ticket.group_id}")
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
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    room = pupil_entry.room_of(access, place, request.path_parameters["group_id"])
    pupil_sign_in.keep_pictures(access, room)
    return page(request, "login/school_pupils.html", code=access.code, room=room)


def show_pin(request: Request) -> Response:
    """GET /login/school/{code}/{group_id}/{person_id}: the pad of a pupil; the way in is a POST."""
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    room = pupil_entry.room_of(access, place, request.path_parameters["group_id"])
    return _pad(request, access, room, Outcome.PIN_ASKED, "")


def receive_pupil(request: Request) -> Response:
    """POST /login/school/{code}/{group_id}/{person_id}: in, or the pad."""
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    group_id = request.path_parameters["group_id"]
    person_id = request.path_parameters["person_id"]
    form = request.form()
    pin = typed(form.get("so_far", ""), form.get("digit", ""))
    if not place.opens(group_id):
        raise NotFound("group_unknown")
    outcome = pupil_sign_in.try_pin(
        access,
        group_id,
        person_id,
        pin,
        now_epoch_s=clock.now_epoch_s(),
        at=pupil_entry.at(place),
    )
    if outcome is Outcome.SIGNED_IN:
        return pupil_entry.come_in(request, (access, place), group_id, person_id)
    if outcome is not Outcome.PIN_ASKED:
        logger.info("pin refused", extra={"outcome": outcome.value})
    so_far = pin if outcome is Outcome.PIN_ASKED else ""
    room = pupil_entry.room_of(access, place, group_id)
    return _pad(request, access, room, outcome, so_far)


def typed(so_far: str, digit: str) -> str:
    """Return the digits so far: without script, each press of the pad is a form of its own."""
    if digit == "back":
        return so_far[:-1]
    digits = "".join(sign for sign in so_far + digit if sign in _DIGITS)
    return digits[: pins.LENGTH]


def _note_seen(access: SchoolAccess, place: Place) -> None:
    now = clock.now_epoch_s()
    network = place.network
    if network is not None and now - network.seen_at_epoch_s >= _SEEN_AGAIN_AFTER_S:
        pupil_store.see_network(access.school_id, network.cidr, now_epoch_s=now)


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
