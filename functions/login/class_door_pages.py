"""The teacher's side of the door of a class: who waits before it, and a lesson elsewhere."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from login import audit, class_store, group_pages, home_cards, lesson_door, pupil_sign_in
from login.audit import Action
from login.lesson_door import Lesson
from login.pupil_sign_in import Classroom
from schoolpoort import clock, ids, settings
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Forbidden, Request, Response, page, redirect

_ZONE = ZoneInfo("Europe/Amsterdam")


def show_door(request: Request) -> Response:
    """GET /groups/{group_id}/door: who waits, and the lesson that is open elsewhere."""
    actor, _, room, _ = group_pages.opened(request)
    return _page(request, actor, room)


def change_door(request: Request) -> Response:
    """POST /groups/{group_id}/door: let a browser in or send it away; open or close a lesson."""
    actor, _, room, rights = group_pages.opened(request)
    if not rights.keeps(room.group_id):
        raise Forbidden("group_only_to_see")
    form = request.form()
    action = form.get("action", "")
    logger.info("door of a class", extra={"school": actor.school_id, "action": action})
    match action:
        case "let_in":
            done = _let_in(request, actor, room, form.get("ref", ""))
        case "send_away":
            class_store.send_away(_code(actor), room.group_id, form.get("ref", "")[:64] or "-")
            done = "sent_away"
        case "open" | "another_code":
            return _open(request, actor, room, form.get("minutes", ""))
        case "close":
            done = _close(request, actor, room)
        case _:
            raise BadRequest("action_unknown")
    return redirect(f"/groups/{room.group_id}/door?done={done}")


def _let_in(request: Request, actor: Actor, room: Classroom, ref: str) -> str:
    now = clock.now_epoch_s()
    waiting = class_store.waiting_of(room, _code(actor), now_epoch_s=now)
    found = next((two for two in waiting if two[1].ref == ref), None)
    if found is None:
        return "waits_no_more"
    about = f"pupil-{found[0].person.person_id}"
    event = _event(request, actor, "pupil_let_in", about, now)
    is_done = class_store.let_in(
        _code(actor), room.group_id, ref, event, by=actor.account_id, now_epoch_s=now
    )
    return "let_in" if is_done else "waits_no_more"


def _open(request: Request, actor: Actor, room: Classroom, minutes: str) -> Response:
    """Open a lesson, or give the open one another code; the code is shown this once."""
    now, code = clock.now_epoch_s(), _code(actor)
    before = class_store.lesson(code, room.group_id, now_epoch_s=now)
    if before is None and minutes not in map(str, lesson_door.MINUTES):
        raise BadRequest("minutes_unknown")
    lesson_code = ids.new_lesson_code()
    lesson = Lesson(
        ref=before.ref if before else ids.new_nonce(),
        code_hash=lesson_door.hash_of(code, lesson_code),
        ends_at_epoch_s=before.ends_at_epoch_s if before else now + int(minutes) * 60,
    )
    event = _event(request, actor, "lesson_opened", room.group_id, now)
    if not class_store.open_lesson(
        code, room.group_id, lesson, event, before=before, opened_by=actor.account_id
    ):
        return redirect(f"/groups/{room.group_id}/door?done=changed")
    return _page(request, actor, room, lesson_code=lesson_code)


def _close(request: Request, actor: Actor, room: Classroom) -> str:
    now, code = clock.now_epoch_s(), _code(actor)
    lesson = class_store.lesson(code, room.group_id, now_epoch_s=now)
    if lesson is not None:
        event = _event(request, actor, "lesson_closed", room.group_id, now)
        class_store.close_lesson(code, room.group_id, lesson, event)
    return "closed"


def _code(actor: Actor) -> str:
    return pupil_sign_in.code_of(str(actor.school_id))


def _event(
    request: Request, actor: Actor, action: Action, subject: str, now_epoch_s: int
) -> Mapping[str, Any]:
    return audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome="done",
        reason=action,
        account_id=actor.account_id,
        scope=actor.scope,
        subject=subject,
        at_epoch_s=now_epoch_s,
        source_ip=request.source_ip,
    )


def _page(request: Request, actor: Actor, room: Classroom, lesson_code: str = "") -> Response:
    code, now = _code(actor), clock.now_epoch_s()
    lesson = class_store.lesson(code, room.group_id, now_epoch_s=now)
    address = f"{settings.require_url('PUBLIC_BASE_URL')}/login/school/{code}/lesson"
    return page(
        request,
        "login/class_door.html",
        session=actor.session,
        room=room,
        waiting=class_store.waiting_of(room, code, now_epoch_s=now),
        lesson=lesson,
        ends_at=_clock_time(lesson.ends_at_epoch_s) if lesson else "",
        lesson_code=f"{lesson_code[:3]}-{lesson_code[3:]}" if lesson_code else "",
        address=address,
        qr_svg=home_cards.picture_of(f"{address}#{lesson_code}") if lesson_code else "",
        minutes=lesson_door.MINUTES,
        done=request.query.get("done", ""),
    )


def _clock_time(at_epoch_s: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_epoch_s, _ZONE):%H:%M}"
