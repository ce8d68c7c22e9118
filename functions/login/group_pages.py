"""The group overview: pupils with picture, PIN and last day, and what a teacher can do for each."""

from collections.abc import Mapping

from login import home_addresses, pictures, pins, pupil_access, pupil_sign_in, pupil_store
from login.home_addresses import HomeChange
from login.pupil_access import SchoolAccess
from login.pupil_sign_in import Child, Classroom
from schoolpoort import authority, clock, ids, kept_hashes
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Forbidden, NotFound, Request, Response, page, redirect


def show_groups(request: Request) -> Response:
    """GET /groups: one's own groups, or all of the school where a role is about all."""
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    own = authority.groups_of(actor)
    return page(
        request,
        "login/groups.html",
        session=actor.session,
        groups=[
            (group, year)
            for group, year in pupil_sign_in.classrooms(str(actor.school_id))
            if own is None or group.group_id in own
        ],
    )


def show_group(request: Request) -> Response:
    """GET /groups/{group_id}: the overview, with names or, for the digital board, without."""
    actor, access, room = _opened(request)
    pupil_sign_in.keep_pictures(access, room)
    return _page(request, actor, access, room)


def change_group(request: Request) -> Response:
    """POST /groups/{group_id}: another picture, a PIN, help for a pupil, or PINs for the group."""
    actor, access, room = _opened(request)
    form = request.form()
    action = form.get("action", "")
    school_id = access.school_id
    logger.info("group changed", extra={"school": school_id, "action": action})
    if action in {"use_pins", "no_pins"}:
        pupil_store.put(school_id, f"group#{room.group_id}", uses_pin=action == "use_pins")
        return redirect(f"/groups/{room.group_id}")
    person_id = form.get("person_id", "")
    child = next((one for one in room.children if one.person.person_id == person_id), None)
    if child is None:
        raise NotFound("pupil_unknown")
    match action:
        case "another_picture":
            taken = {one.picture for one in room.children}
            chosen = pictures.another(room.group_id, person_id, taken, child.picture)
            pupil_store.set_picture(school_id, person_id, chosen.code)
        case "new_pin":
            pin = _new_pin()
            kept = kept_hashes.sealed(pins.hashed(pin), owner=pupil_access.account_of(person_id))
            pupil_store.set_pin(school_id, person_id, kept)
            return _page(request, actor, access, room, new_pin=(person_id, pin))
        case "no_pin":
            pupil_store.set_pin(school_id, person_id, None)
        case "release":
            pupil_store.release(school_id, person_id)
        case "add_home" | "remove_home":
            return _change_home(request, (actor, access, room), child, form)
        case _:
            raise BadRequest("action_unknown")
    return redirect(f"/groups/{room.group_id}#pupil-{person_id}")


def _change_home(
    request: Request,
    opened: tuple[Actor, SchoolAccess, Classroom],
    child: Child,
    form: Mapping[str, str],
) -> Response:
    """Keep a home address of a pupil, or say on the page why not."""
    actor, access, room = opened
    person_id = child.person.person_id
    if form["action"] == "remove_home":
        done = home_addresses.remove(access.school_id, child, form.get("address", ""))
    else:
        now = clock.now_epoch_s()
        done = home_addresses.add(access.school_id, child, form.get("address", ""), now_epoch_s=now)
    if done in {HomeChange.INVALID, HomeChange.FULL}:
        return _page(request, actor, access, room, home=(person_id, done.value), status=400)
    return redirect(f"/groups/{room.group_id}?home={done.value}#pupil-{person_id}")


def _new_pin() -> str:
    while pins.is_too_easy(pin := ids.new_pin()):
        pass
    return pin


def _opened(request: Request) -> tuple[Actor, SchoolAccess, Classroom]:
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    group_id = request.path_parameters["group_id"]
    own = authority.groups_of(actor)
    if own is not None and group_id not in own:
        raise Forbidden("group_of_another")
    access = pupil_store.access_of(str(actor.school_id))
    room = pupil_sign_in.classroom(access, group_id)
    if room is None:
        raise NotFound("group_unknown")
    return actor, access, room


def _page(
    request: Request,
    actor: Actor,
    access: SchoolAccess,
    room: Classroom,
    *,
    new_pin: tuple[str, str] | None = None,
    home: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response:
    return page(
        request,
        "login/group.html",
        status=status,
        session=actor.session,
        room=room,
        code=access.code or "",
        uses_pin=room.group_id in access.pin_groups,
        hides_names=request.query.get("names") == "0",
        new_pin=new_pin,
        home=home,
        done=request.query.get("home", ""),
    )
