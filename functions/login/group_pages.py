"""The group overview: pupils with picture, PIN and last day, and what a teacher can do for each."""

from collections.abc import Mapping, Sequence

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
    store,
)
from login.group_audit import Pressed
from login.home_addresses import HomeChange
from login.pupil_access import SchoolAccess
from login.pupil_sign_in import Child, Classroom
from schoolpoort import authority, clock, ids, kept_hashes, mail_requests, settings
from schoolpoort.authority import Actor, GroupRights
from schoolpoort.dynamodb import Operation
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Forbidden, NotFound, Request, Response, page, redirect

_A_DAY_S = 24 * 60 * 60
_AT_HOME = frozenset({"add_home", "add_home_again", "remove_home", "void_card", "home_card"})


def show_groups(request: Request) -> Response:
    """GET /groups: one's own groups, or all of the school where a role is about all."""
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    rights = authority.group_rights(actor)
    groups = [
        (group, year)
        for group, year in pupil_sign_in.classrooms(str(actor.school_id))
        if rights.sees(group.group_id)
    ]
    return page(
        request,
        "login/groups.html",
        session=actor.session,
        gives_substitutes=not actor.roles.isdisjoint(authority.SUBSTITUTE_GIVERS),
        makes_cards=any(rights.keeps(group.group_id) for group, _ in groups),
        groups=groups,
    )


def show_group(request: Request) -> Response:
    """GET /groups/{group_id}: the overview, with names or, for the digital board, without."""
    actor, access, room, rights = opened(request)
    pupil_sign_in.keep_pictures(access, room)
    return _page(request, actor, access, room, may_change=rights.keeps(room.group_id))


def change_group(request: Request) -> Response:
    """POST /groups/{group_id}: another picture, a PIN, help for a pupil, or PINs for the group.

    Only for who answers for the group; a trainee or somebody of the support staff looks on.
    """
    actor, access, room, rights = opened(request)
    if not rights.keeps(room.group_id):
        raise Forbidden("group_only_to_see")
    form = request.form()
    action = form.get("action", "")
    school_id = access.school_id
    logger.info("group changed", extra={"school": school_id, "action": action})
    pressed = Pressed(actor, action, request.source_ip)
    if action in {"use_pins", "no_pins"}:
        switched = pupil_store.switch_pins(school_id, room.group_id, uses_pin=action == "use_pins")
        store.change(pressed.event(room.group_id), *switched)
        return redirect(f"/groups/{room.group_id}")
    if action == "home_cards":
        return _cards_page(request, pressed, room, _who_waits(access, room))
    person_id = form.get("person_id", "")
    child = next((one for one in room.children if one.person.person_id == person_id), None)
    if child is None:
        raise NotFound("pupil_unknown")
    if action in _AT_HOME:
        return _change_home(request, (pressed, access, room), child, form)
    pin = _new_pin() if action in {"new_pin", "temporary_pin"} else ""
    change = _change_at_school(school_id, room, child, action, pin)
    store.change(pressed.event(f"pupil-{person_id}"), *change)
    if pin:
        return _page(request, actor, access, room, new_pin=(person_id, pin))
    return redirect(f"/groups/{room.group_id}#pupil-{person_id}")


def _change_at_school(
    school_id: str, room: Classroom, child: Child, action: str, pin: str
) -> Sequence[Operation]:
    """Return what a button changes for a pupil at school; raises BadRequest for no button."""
    person_id = child.person.person_id
    match action:
        case "another_picture":
            taken = {one.picture for one in room.children}
            chosen = pictures.another(room.group_id, person_id, taken, child.picture)
            return pupil_store.change_picture(school_id, person_id, chosen.code)
        case "new_pin":
            kept = kept_hashes.sealed(pins.hashed(pin), owner=pupil_access.account_of(person_id))
            return [pupil_store.pin_change(school_id, person_id, kept)]
        case "temporary_pin":
            kept = kept_hashes.sealed(pins.hashed(pin), owner=pupil_access.account_of(person_id))
            until = clock.now_epoch_s() + pins.TEMPORARY_LIFE_S
            return [pupil_store.pin_change(school_id, person_id, kept, until_epoch_s=until)]
        case "no_pin":
            return [pupil_store.pin_change(school_id, person_id, None)]
        case "release":
            return pupil_store.let_try_again(school_id, person_id)
        case _:
            raise BadRequest("action_unknown")


def _change_home(
    request: Request,
    opened: tuple[Pressed, SchoolAccess, Classroom],
    child: Child,
    form: Mapping[str, str],
) -> Response:
    """Keep a home address of a pupil or make its card, or say on the page why not."""
    pressed, access, room = opened
    person_id = child.person.person_id
    address, recorded = form.get("address", ""), pressed.about_pupil(person_id)
    match pressed.button:
        case "remove_home":
            done = home_addresses.remove(access.school_id, child, address, recorded=recorded)
        case "void_card":
            home_store.void_code(access.school_id, person_id, address, recorded=recorded)
            done = HomeChange.VOID
        case "home_card":
            return _cards_page(request, pressed, room, [(child, address)])
        case action:
            done = home_addresses.add(
                access.school_id,
                child,
                address,
                insists=action == "add_home_again",
                now_epoch_s=clock.now_epoch_s(),
                recorded=recorded,
            )
    if done in {HomeChange.INVALID, HomeChange.FULL}:
        pressed.refused(person_id)
        home = (person_id, done.value)
        return _page(request, pressed.actor, access, room, home=home, status=400)
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
    request: Request, pressed: Pressed, room: Classroom, pairs: list[tuple[Child, str]]
) -> Response:
    """Make cards and show them, this once: a code is nowhere to be read again."""
    now, school_id = clock.now_epoch_s(), str(pressed.actor.school_id)
    address = f"{settings.require_url('PUBLIC_BASE_URL')}/login/home"
    return page(
        request,
        "login/home_cards.html",
        session=pressed.actor.session,
        room=room,
        cards=home_cards.make(school_id, pairs, now_epoch_s=now, recorded=pressed.about_pupil),
        address=address,
        qr_svg=home_cards.picture_of(address),
        days=home_codes.LIFE_S // _A_DAY_S,
    )


def _new_pin() -> str:
    while pins.is_too_easy(pin := ids.new_pin()):
        pass
    return pin


def opened(request: Request) -> tuple[Actor, SchoolAccess, Classroom, GroupRights]:
    """Return who asks, what the school settled, the group, and what may be done with it.

    Raises Forbidden for a group of others.
    """
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    group_id = request.path_parameters["group_id"]
    rights = authority.group_rights(actor)
    if not rights.sees(group_id):
        raise Forbidden("group_of_another")
    access = pupil_store.access_of(str(actor.school_id))
    room = pupil_sign_in.classroom(access, group_id)
    if room is None:
        raise NotFound("group_unknown")
    return actor, access, room, rights


def _page(  # noqa: PLR0913 - what the one page can say, each by name
    request: Request,
    actor: Actor,
    access: SchoolAccess,
    room: Classroom,
    *,
    may_change: bool = True,
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
        may_change=may_change,
        code=code,
        uses_pin=room.group_id in access.pin_groups,
        hides_names=request.query.get("names") == "0",
        new_pin=new_pin,
        home=home,
        home_pair=access.home,
        mail_states=_mail_states(access) if may_change else {},
        waits_for_card=len(_who_waits(access, room)),
        done=request.query.get("home", ""),
    )


def _mail_states(access: SchoolAccess) -> dict[str, str]:
    return mail_requests.states([pair.request_id for pair in access.homes.values()])
