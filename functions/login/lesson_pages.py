"""The child's side of a lesson outside the school: one field for the code, or its QR."""

from login import class_store, lesson_door, pupil_store, store, throttle
from schoolpoort import clock, ids
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

_STATUS = {"": 200, "no_code": 400, "wrong": 400, "wait": 429}


def show_lesson(request: Request) -> Response:
    """GET /login/school/{code}/lesson: the field; a QR brings its code behind the #."""
    _school(request)
    return _page(request, "")


def receive_lesson(request: Request) -> Response:
    """POST /login/school/{code}/lesson: from now on this browser sees the class, or why not.

    A guess is reserved before it is looked at, and given back when it was right.
    """
    school_id = _school(request)
    code, now = request.path_parameters["code"].lower(), clock.now_epoch_s()
    typed = lesson_door.read_code(request.form().get("lesson", "")[:50])
    if typed is None:
        return _page(request, "no_code")
    draws = throttle.lesson_draws(code=code, source_ip=request.source_ip, now_epoch_s=now)
    if not store.draw_on(draws):
        logger.info("lesson code", extra={"school": school_id, "outcome": "wait"})
        return _page(request, "wait")
    found = class_store.find_lesson(code, lesson_door.hash_of(code, typed), now_epoch_s=now)
    if found is None:
        logger.info("lesson code", extra={"school": school_id, "outcome": "wrong"})
        return _page(request, "wrong")
    group_id, lesson = found
    value = lesson_door.cookie_value(group_id, ids.new_secret())
    ticket = lesson_door.read_cookie(value)
    if ticket is None or not class_store.join_lesson(code, ticket, lesson, give_back=draws):
        return _page(request, "wrong")
    logger.info("lesson code", extra={"school": school_id, "outcome": "right"})
    kept = cookie(lesson_door.COOKIE, value, max_age_s=lesson.ends_at_epoch_s - now)
    return redirect(f"/login/school/{code}/{group_id}").with_cookie(kept)


def _school(request: Request) -> str:
    school_id = pupil_store.school_of_code(request.path_parameters["code"].lower())
    if school_id is None:
        raise NotFound("school_unknown")
    return school_id


def _page(request: Request, problem: str) -> Response:
    return page(
        request,
        "login/lesson.html",
        status=_STATUS[problem],
        code=request.path_parameters["code"].lower(),
        problem=problem,
    )
