"""Schools abroad at the helpdesk: one enters a school with its evidence, another takes it in."""

from collections.abc import Mapping
from dataclasses import replace

from onboarding import abroad, abroad_store, request_flow, request_store
from onboarding.abroad import Registration
from onboarding.change_effects import Busy
from schoolpoort import authority, clock, ids, registry
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_PLACE = "/helpdesk/registry/abroad"
_LONGEST_NOTE = 500
_TRIES = 3


def show(request: Request) -> Response:
    """GET /helpdesk/registry/abroad?request=: what waits, and the form."""
    actor = authority.require_role(request, "helpdesk")
    request_id = request.query.get("request", "")
    found = request_store.find(request_id) if request_id.isdecimal() else None
    values = {**abroad.of_claim(found.claim), "request_id": request_id} if found else {}
    return _page(request, actor, values, {}, 200)


def enter(request: Request) -> Response:
    """POST /helpdesk/registry/abroad: put a school in front of a second person."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PLACE)
    fields = request.form()
    typed, errors = abroad.read(fields)
    number = typed["board_number"]
    if not errors and number and registry.board(number) is None:
        errors["board_number"] = "unknown"
    if errors:
        return _page(request, actor, fields, errors, 400)
    request_id = fields.get("request_id", "")
    fresh = Registration(
        registration_id=ids.new_id(),
        request_id=request_id if request_id.isdecimal() else "",
        proposed_by=actor.account_id,
        proposed_at_epoch_s=clock.now_epoch_s(),
        **typed,
    )
    try:
        with abroad_store.turn():
            abroad_store.keep(fresh)
    except Busy:
        return _page(request, actor, fields, {"act": "busy"}, 409)
    return redirect(f"{_PLACE}?done=entered")


def decide(request: Request) -> Response:
    """POST /helpdesk/registry/abroad/{registration_id}: register it or not, with a reason."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PLACE)
    fields = request.form()
    note = fields.get("note", "").strip()
    if fields.get("decision") not in {"register", "refuse"}:
        raise BadRequest("decision")
    if not note or len(note) > _LONGEST_NOTE:
        return _page(request, actor, fields, {"note": "missing"}, 400)
    try:
        done = _decided(request.path_parameters["registration_id"], fields, actor, note)
    except abroad.SamePerson:
        return _page(request, actor, fields, {"act": "same_person"}, 409)
    except abroad.CodesUsedUp:
        return _page(request, actor, fields, {"act": "used_up"}, 409)
    except Busy:
        return _page(request, actor, fields, {"act": "busy"}, 409)
    logger.info("school abroad", extra={"code": done.brin6, "state": done.state})
    return redirect(f"{_PLACE}?done={done.state}")


def _decided(
    registration_id: str, fields: Mapping[str, str], actor: Actor, note: str
) -> Registration:
    """Write the decision; the request it was for is completed last, and again when asked again."""
    with abroad_store.turn():
        found = abroad_store.find(registration_id)
        if found is None:
            raise NotFound("no_registration")
        done = abroad.decided(
            found,
            registers=fields["decision"] == "register",
            account_id=actor.account_id,
            note=note,
            now_epoch_s=clock.now_epoch_s(),
        )
        if done.state == "registered":
            coded = abroad_store.codes(found)
            done = replace(done, brin6=coded.brin6, board_number=coded.board_number)
            abroad_store.register(done)
            _complete(done)
        abroad_store.settle(done)
    return done


def _complete(done: Registration) -> None:
    """Give the request that a school was entered for the school's codes, and check it again."""
    for _ in range(_TRIES if done.request_id else 0):
        found = request_store.find(done.request_id)
        if found is None or not found.is_open:
            return
        try:
            request_flow.correct(found, abroad.completed(found.claim, done))
        except request_store.ChangedMeanwhile:
            continue
        return


def _page(
    request: Request,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    return page(
        request,
        "onboarding/abroad.html",
        status=status,
        session=actor.session,
        waiting=abroad_store.waiting(),
        selected=request.path_parameters.get("registration_id", ""),
        own_account_id=actor.account_id,
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
    )
