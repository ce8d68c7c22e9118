"""The group overview: pupils with picture, PIN and last day, and what a teacher can do for each."""

from collections.abc import Mapping

from login import (
    home_addresses,
    home_cards,
    home_codes,
    home_store,
    pictures,
    pins,
    pupil_access,
    pupil_sign_in,
    pupil_store,
)
from login.home_addresses import HomeChange
from login.pupil_access import SchoolAccess
from login.pupil_sign_in import Child, Classroom
from schoolpoort import authority, clock, ids, kept_hashes, mail_requests, settings
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Forbidden, NotFound, Request, Response, page, redirect

_A_DAY_S = 24 * 60 * 60


def show_groups(request: Request) -> Response:
    """GET /groups: one's own groups, or all of the school where a role is about all."""
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    own = authority.groups_of(actor)
    return page(
        request,
        "login/groups.html",
        session=actor.session,
        gives_substitutes=not actor.roles.isdisjoint(authority.SUBSTITUTE_GIVERS),
        groups=[
            (group, year)
            for group, year in pupil_sign_in.classrooms(str(actor.school_id))
            if own is None or group.group_id in own
        ],
    )


def show_group(request: Request) -> Response:
    """GET /groups/{group_id}: the overview, with names or, for the digital board, without."""
    actor, access, room = opened(request)
    pupil_sign_in.keep_pictures(access, room)
    return _page(request, actor, access, room)


def change_group(request: Request) -> Response:
    """POST /groups/{group_id}: another picture, a PIN, help for a pupil, or PINs for the group."""
    actor, access, room = opened(request)
    form = request.form()
    action = form.get("action", "")
    school_id = access.school_id
    logger.info("group changed", extra={"school": school_id, "action": action})
    if action in {"use_pins", "no_pins"}:
        pupil_store.put(school_id, f"group#{room.group_id}", uses_pin=action == "use_pins")
        return redirect(f"/groups/{room.group_id}")
    if action == "home_cards":
        return _cards_page(request, actor, room, _who_waits(access, room))
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
        case "temporary_pin":
            pin = _temporary_pin(school_id, person_id)
            return _page(request, actor, access, room, new_pin=(person_id, pin))
        case "no_pin":
            pupil_store.set_pin(school_id, person_id, None)
        case "release":
            pupil_store.release(school_id, person_id)
        case "add_home" | "add_home_again" | "remove_home" | "void_card" | "home_card":
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
    """Keep a home address of a pupil or make its card, or say on the page why not."""
    actor, access, room = opened
    person_id = child.person.person_id
    address = form.get("address", "")
    match form["action"]:
        case "remove_home":
            done = home_addresses.remove(access.school_id, child, address)
        case "void_card":
            home_store.void_code(access.school_id, person_id, address)
            done = HomeChange.VOID
        case "home_card":
            return _cards_page(request, actor, room, [(child, address)])
        case action:
            done = home_addresses.add(
                access.school_id,
                child,
                address,
                insists=action == "add_home_again",
                now_epoch_s=clock.now_epoch_s(),
            )
    if done in {HomeChange.INVALID, HomeChange.FULL}:
        return _page(request, actor, access, room, home=(person_id, done.value), status=400)
    return redirect(f"/groups/{room.group_id}?home={done.value}#pupil-{person_id}")


def _who_waits(access: SchoolAccess, room: Classroom) -> list[tuple[Child, str]]:
    """Return each child of a group with each home address whose card was not filled in yet."""
    return [
        (child, address)
        for child in room.children
        for address in child.access.homes
        if not access.home(child.person.person_id, address).is_proved
    ]


def _cards_page(
    request: Request, actor: Actor, room: Classroom, pairs: list[tuple[Child, str]]
) -> Response:
    """Make cards and show them, this once: a code is nowhere to be read again."""
    now = clock.now_epoch_s()
    address = f"{settings.require_url('PUBLIC_BASE_URL')}/login/home"
    return page(
        request,
        "login/home_cards.html",
        session=actor.session,
        room=room,
        cards=home_cards.make(str(actor.school_id), pairs, now_epoch_s=now),
        address=address,
        qr_svg=home_cards.picture_of(address),
        days=home_codes.LIFE_S // _A_DAY_S,
    )


def _temporary_pin(school_id: str, person_id: str) -> str:
    from login import badges  # noqa: PLC0415 - no sign-in needs it

    pin = _new_pin()
    kept = kept_hashes.sealed(pins.hashed(pin), owner=pupil_access.account_of(person_id))
    until = clock.now_epoch_s() + badges.TEMPORARY_PIN_S
    pupil_store.set_pin(school_id, person_id, kept, until_epoch_s=until)
    return pin


def _new_pin() -> str:
    while pins.is_too_easy(pin := ids.new_pin()):
        pass
    return pin


def opened(request: Request) -> tuple[Actor, SchoolAccess, Classroom]:
    """Return who asks, what the school settled and the group; raises Forbidden for another's."""
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
    from login import class_store  # noqa: PLC0415 - no sign-in needs it

    code, now = access.code or "", clock.now_epoch_s()
    return page(
        request,
        "login/group.html",
        status=status,
        waiting=class_store.waiting_of(room, code, now_epoch_s=now) if code else [],
        session=actor.session,
        room=room,
        code=code,
        uses_pin=room.group_id in access.pin_groups,
        hides_names=request.query.get("names") == "0",
        new_pin=new_pin,
        home=home,
        home_pair=access.home,
        mail_states=mail_requests.states([pair.request_id for pair in access.homes.values()]),
        waits_for_card=len(_who_waits(access, room)),
        done=request.query.get("home", ""),
    )
