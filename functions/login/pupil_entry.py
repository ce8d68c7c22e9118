"""The pupils' door of a school: whether it opens here, and how a pupil passes it."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from login import lesson_door, pupil_access, pupil_sign_in, pupil_store
from login.audit import Place as EventPlace
from login.pupil_access import Place, SchoolAccess
from login.pupil_sign_in import Classroom, Where
from schoolpoort import clock, ids, rosters, sessions
from schoolpoort.dynamodb import Operation
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

if TYPE_CHECKING:
    from login.badges import Shown

DEVICE_COOKIE = "__Host-device"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def opened(request: Request) -> tuple[SchoolAccess, Place]:
    """Return what the school of a code settled, and from where it is asked."""
    code = request.path_parameters["code"].lower()
    school_id = pupil_store.school_of_code(code)
    if school_id is None:
        raise NotFound("school_unknown")
    access = pupil_store.access_of(school_id)
    place = pupil_access.place_of(
        access,
        source_ip=request.source_ip,
        device_hash=device_hash(request),
        now_epoch_s=clock.now_epoch_s(),
    )
    ticket = lesson_door.read_cookie(request.cookies.get(lesson_door.COOKIE, ""))
    if place.is_known or ticket is None:
        return access, place
    return access, _as_guest(code, ticket, place)


def _as_guest(code: str, ticket: lesson_door.Ticket, place: Place) -> Place:
    from login import class_store  # noqa: PLC0415 - only guests of a lesson need it

    lesson = class_store.admitted(code, ticket, now_epoch_s=clock.now_epoch_s())
    if lesson is None:
        return place
    return Place(is_known=True, ticket=ticket, ends_at_epoch_s=lesson.ends_at_epoch_s)


def device_hash(request: Request) -> str | None:
    """Return the key of the enrolled device that a cookie names, or None."""
    value = request.cookies.get(DEVICE_COOKIE, "")
    return ids.sha256_hex(value) if SECRET.fullmatch(value) else None


def at(place: Place) -> EventPlace:
    """Return what the record says of a place: with a lesson's code a pupil is not at school."""
    return "school" if place.ticket is None else "other"


def closed(request: Request, access: SchoolAccess, place: Place) -> Response:
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
        code=access.code,
        is_forgotten=place.is_forgotten,
        is_of_school=is_of_school,
    )


def room_of(access: SchoolAccess, place: Place, group_id: str) -> Classroom:
    """Return a group as its pages show it; raises NotFound where it is not shown."""
    room = pupil_sign_in.classroom(access, group_id) if place.opens(group_id) else None
    if room is None:
        raise NotFound("group_unknown")
    return room


def come_in(
    request: Request,
    door: tuple[SchoolAccess, Place],
    group_id: str,
    person_id: str,
    *,
    by: str = "picture",
    also: tuple[Operation, ...] = (),
) -> Response:
    """Start the session of a pupil of a group; raises NotFound where no such pupil is.

    Raises TransactionRefused when one of `also` does not hold.
    """
    access, place = door
    person = rosters.person(access.school_id, person_id) if place.opens(group_id) else None
    if person is None or not _is_pupil_of(person, group_id):
        raise NotFound("pupil_unknown")
    where = _where(access, place, group_id, by)
    return _in(request, door, person, where, also)


def come_in_with(
    request: Request, door: tuple[SchoolAccess, Place], person: rosters.Person, shown: "Shown"
) -> Response:
    """Start the session of a pupil who showed a badge or card.

    Raises TransactionRefused when it was used or made void meanwhile.
    """
    access, place = door
    group_id = next(group.group_id for group in person.groups if place.opens(group.group_id))
    where = _where(access, place, group_id, shown.kind)
    return _in(request, door, person, replace(where, secret_hash=shown.secret_hash), ())


def is_here(person: rosters.Person, place: Place) -> bool:
    """Say whether a pupil may come in at this place: with a lesson's code only its group."""
    return person.active and any(
        place.opens(group.group_id) and _is_pupil_of(person, group.group_id)
        for group in person.groups
    )


def _where(access: SchoolAccess, place: Place, group_id: str, by: str) -> Where:
    back = f"/login/school/{access.code}/{group_id}"
    return Where(access.school_id, back, at(place), by, place.ends_at_epoch_s)


def _in(
    request: Request,
    door: tuple[SchoolAccess, Place],
    person: rosters.Person,
    where: Where,
    also: tuple[Operation, ...],
) -> Response:
    access, place = door
    secret = ids.new_secret()
    pupil_sign_in.start(
        person,
        pupil_access.picture_of(access.pupil(person.person_id)),
        where,
        ends=sessions.hash_of_cookie(request),
        now_epoch_s=clock.now_epoch_s(),
        secret=secret,
        also=[*also, *_as_part_of_lesson(access, place, secret)],
    )
    logger.info("pupil in", extra={"school": access.school_id, "by": where.by})
    return redirect("/apps").with_cookie(cookie(sessions.COOKIE_NAME, secret))


def _as_part_of_lesson(access: SchoolAccess, place: Place, secret: str) -> list[Operation]:
    if place.ticket is None:
        return []
    from login import class_store  # noqa: PLC0415 - only guests of a lesson need it

    return [*class_store.sat_down(str(access.code), place.ticket, ids.sha256_hex(secret))]


def _is_pupil_of(person: rosters.Person, group_id: str) -> bool:
    in_group = any(group.group_id == group_id for group in person.groups)
    return person.kind == "pupil" and person.active and in_group
