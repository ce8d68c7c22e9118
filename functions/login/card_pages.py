"""The page on which a teacher chooses pupils and what to print for them, and the print itself."""

from login import badges, cards, pins, pupil_sign_in, pupil_store
from login.cards import Maker
from login.pupil_access import SchoolAccess
from login.pupil_sign_in import Child, Classroom
from schoolpoort import authority, clock, settings
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, page

KINDS = ("badges", "cards", "pins", "temporary_pins", "list", "void")


def show_cards(request: Request) -> Response:
    """GET /groups/cards: one's own groups and their pupils; `group` opens and ticks one."""
    actor, access, rooms = _opened(request)
    return _page(request, actor, access, rooms)


def make_cards(request: Request) -> Response:
    """POST /groups/cards: make what was asked for the ticked pupils, and show it this once."""
    actor, access, rooms = _opened(request)
    kind = request.form().get("kind", "")
    if kind not in KINDS:
        raise BadRequest("kind_unknown")
    who = cards.chosen(rooms, request.form_list("person_id"))
    if not who or len(who) > badges.MOST_AT_ONCE:
        problem = "too_many" if who else "nobody"
        return _page(request, actor, access, rooms, problem=problem)
    logger.info("cards", extra={"school": access.school_id, "kind": kind, "count": len(who)})
    maker = Maker(actor, request.source_ip, clock.now_epoch_s())
    if kind == "void":
        cards.make_void(maker, access, who)
        return _page(request, actor, access, rooms, done="void")
    pupil_sign_in.keep_pictures_of(access, [child for child, _ in who])
    return page(
        request,
        "login/print.html",
        session=actor.session,
        kind=kind,
        labels=_made(maker, access, who, kind),
        address=f"{_base_url()}/login/school/{access.code}",
        days=badges.CARD_LIFE_S // (24 * 60 * 60),
        hours=pins.TEMPORARY_LIFE_S // (60 * 60),
    )


def _made(
    maker: Maker, access: SchoolAccess, who: list[tuple[Child, str]], kind: str
) -> list[badges.Label]:
    match kind:
        case "badges":
            return cards.make_badges(maker, access, who, "badge", _base_url())
        case "cards":
            return cards.make_badges(maker, access, who, "card", _base_url())
        case "list":
            return [badges.Label(child, group_name) for child, group_name in who]
        case _:
            return cards.make_pins(maker, access, who, is_temporary=kind == "temporary_pins")


def _base_url() -> str:
    return settings.require_url("PUBLIC_BASE_URL")


def _opened(request: Request) -> tuple[Actor, SchoolAccess, list[Classroom]]:
    """Return who asks, what the school settled, and the groups that he may print for."""
    actor = authority.require_school_role(request, *authority.CLASS_ROLES)
    rights = authority.group_rights(actor)
    school_id = str(actor.school_id)
    pupil_sign_in.code_of(school_id)
    access = pupil_store.access_of(school_id)
    return actor, access, cards.rooms(access, rights.keeps)


def _page(
    request: Request,
    actor: Actor,
    access: SchoolAccess,
    rooms: list[Classroom],
    *,
    problem: str = "",
    done: str = "",
) -> Response:
    return page(
        request,
        "login/cards.html",
        status=400 if problem else 200,
        session=actor.session,
        rooms=rooms,
        opened=request.query.get("group", ""),
        ticked=request.form_list("person_id") if request.method == "POST" else [],
        pin_groups=access.pin_groups,
        problem=problem,
        done=done,
        most=badges.MOST_AT_ONCE,
        hours=pins.TEMPORARY_LIFE_S // (60 * 60),
        now_epoch_s=clock.now_epoch_s(),
    )
