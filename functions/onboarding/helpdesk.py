"""The helpdesk: its home, a school, a board, and inviting first administrators."""

from typing import Any

from onboarding import abroad_store, invitation_form, renumbering
from onboarding.change_effects import Busy
from onboarding.invitation_form import InvitationForm
from schoolpoort import (
    authority,
    clock,
    coverage,
    ids,
    mail_requests,
    memberships,
    registry,
)
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.registry import Board, Location
from schoolpoort.web import NotFound, Request, Response, page, redirect


def show_home(request: Request) -> Response:
    """GET /helpdesk."""
    actor = authority.require_role(request, "helpdesk")
    return page(request, "onboarding/helpdesk.html", session=actor.session)


def show_school(request: Request) -> Response:
    """GET /helpdesk/registry/{brin6}."""
    actor = authority.require_role(request, "helpdesk")
    return _school_page(request, actor, _location(request), None, 200)


def invite_coordinator(request: Request) -> Response:
    """POST /helpdesk/registry/{brin6}/coordinator: the first administrator of a school."""
    actor = authority.require_role(request, "helpdesk")
    location = _location(request)
    authority.require_confirmed(request, actor.session, f"/helpdesk/registry/{location.brin6}")
    form = invitation_form.read(request.form())
    if form.errors:
        return _school_page(request, actor, location, form, 400)
    _invite(form, f"school#{location.school_id}", location.name, "ict_coordinator", actor)
    return redirect(f"/helpdesk/registry/{location.brin6}?done=invited")


def take_renumbering_back(request: Request) -> Response:
    """POST /helpdesk/registry/{brin6}/renumbering: the school has its old BRIN again."""
    actor = authority.require_role(request, "helpdesk")
    location = _location(request)
    here = f"/helpdesk/registry/{location.brin6}"
    authority.require_confirmed(request, actor.session, here)
    try:
        with abroad_store.turn():
            code = renumbering.take_back(location.brin6, clock.now_epoch_s())
    except (Busy, renumbering.NothingToTakeBack):
        return redirect(f"{here}?done=not_taken_back")
    logger.info("renumbering taken back", extra={"code": code, "by": actor.account_id})
    return redirect(f"/helpdesk/registry/{code}?done=taken_back")


def show_board(request: Request) -> Response:
    """GET /helpdesk/registry/boards/{board_number}."""
    actor = authority.require_role(request, "helpdesk")
    return _board_page(request, actor, _board(request), None, 200)


def invite_director(request: Request) -> Response:
    """POST /helpdesk/registry/boards/{board_number}/director."""
    actor = authority.require_role(request, "helpdesk")
    board = _board(request)
    back_to = f"/helpdesk/registry/boards/{board.number}"
    authority.require_confirmed(request, actor.session, back_to)
    form = invitation_form.read(request.form())
    if form.errors:
        return _board_page(request, actor, board, form, 400)
    _invite(form, f"board#{board.number}", board.name, "board", actor)
    return redirect(f"/helpdesk/registry/boards/{board.number}?done=invited")


def _invite(form: InvitationForm, scope: str, scope_name: str, role: str, actor: Actor) -> None:
    request_id = f"first-{role}-{ids.sha256_hex(f'{scope} {form.address}')}"
    mail_requests.enqueue(
        "invitation",
        request_id=request_id,
        address=form.address,
        display_name=form.display_name,
        language="",
        scope=scope,
        scope_name=scope_name,
        roles=[role],
        person_id=None,
    )
    logger.info("invited", extra={"scope": scope, "role": role, "by": actor.account_id})


def _location(request: Request) -> Location:
    brin6 = request.path_parameters["brin6"].upper()
    found = registry.location(brin6 if len(brin6) > len("99AA") else f"{brin6}00")
    if found is None:
        raise NotFound("no_location")
    return found


def _board(request: Request) -> Board:
    found = registry.board(request.path_parameters["board_number"])
    if found is None:
        raise NotFound("no_board")
    return found


def _school_page(
    request: Request, actor: Actor, location: Location, form: InvitationForm | None, status: int
) -> Response:
    today = coverage.amsterdam_day(clock.now_epoch_s())
    return page(
        request,
        "onboarding/school.html",
        status=status,
        session=actor.session,
        location=location,
        board=registry.board(location.board_number),
        state=coverage.coverage_on(coverage.of_school(location.school_id), today).value,
        coordinators=_members(f"school#{location.school_id}", "ict_coordinator"),
        can_take_back=bool(location.former_brin6)
        and renumbering.can_take_back(renumbering.stored(location.brin6), clock.now_epoch_s()),
        done=request.query.get("done", ""),
        **_form_values(form),
    )


def _board_page(
    request: Request, actor: Actor, board: Board, form: InvitationForm | None, status: int
) -> Response:
    return page(
        request,
        "onboarding/board_at_helpdesk.html",
        status=status,
        session=actor.session,
        board=board,
        locations=registry.locations_of_board(board.number),
        directors=_members(f"board#{board.number}", "board"),
        done=request.query.get("done", ""),
        **_form_values(form),
    )


def _members(scope: str, role: str) -> list[memberships.Membership]:
    return [member for member in memberships.in_scope(scope) if role in member.roles]


def _form_values(form: InvitationForm | None) -> dict[str, Any]:
    if form is None:
        return {"typed_name": "", "typed_address": "", "errors": {}}
    return {
        "typed_name": form.display_name,
        "typed_address": form.typed_address,
        "errors": form.errors,
    }
