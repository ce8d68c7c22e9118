"""What was set aside of DUO's lists, at the helpdesk: let in, merged or rejected, with a reason."""

from collections.abc import Mapping

from onboarding import abroad_store, aside, aside_store, store
from onboarding.aside import Aside, Said
from onboarding.change_effects import Busy
from onboarding.duo_list import Kind
from onboarding.registry_import import RELEASABLE
from schoolpoort import authority, clock
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_PLACE = "/helpdesk/registry/aside"
_LONGEST_NOTE = 500


def show(request: Request) -> Response:
    """GET /helpdesk/registry/aside: rows that wait, and a list that was set aside whole."""
    actor = authority.require_role(request, "helpdesk")
    return _page(request, actor, {}, {}, 200)


def decide(request: Request) -> Response:
    """POST /helpdesk/registry/aside/{aside_id}: "release", "merge" or "reject" a row."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PLACE)
    fields, decision = request.form(), request.form().get("decision", "")
    if decision not in aside.DECISIONS:
        raise BadRequest("decision")
    note = _note(fields)
    if not note:
        return _page(request, actor, fields, {"note": "missing"}, 400)
    try:
        errors = _decided(request.path_parameters["aside_id"], decision, fields, note, actor)
    except Busy:
        return _page(request, actor, fields, {"fields": "busy"}, 409)
    if errors:
        return _page(request, actor, fields, errors, 400)
    logger.info("row decided", extra={"row": request.path_parameters["aside_id"], "as": decision})
    return redirect(f"{_PLACE}?done={decision}")


def _decided(
    aside_id: str, decision: str, fields: Mapping[str, str], note: str, actor: Actor
) -> Mapping[str, str]:
    with abroad_store.turn():
        found = next((one for one in aside_store.waiting() if one.aside_id == aside_id), None)
        if found is None:
            raise NotFound("no_row")
        code, row, errors = aside.corrected(found, decision, fields, _standing(found))
        if not errors:
            said = Said(found, decision, code, row, note, actor.account_id, clock.now_epoch_s())
            aside_store.settle(said)
    return errors


def _standing(found: Aside) -> set[str]:
    entries = store.standing(Kind(found.kind))
    return {code for code, entry in entries.items() if entry.exists}


def release_list(request: Request) -> Response:
    """POST /helpdesk/registry/aside: say that the newest list is right, although it looks broken.

    The list itself was not kept, so it is brought once more; by its digest it is known again.
    """
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PLACE)
    fields = request.form()
    latest = store.finished_import("latest")
    if latest is None or fields.get("sha256") != latest.get("sha256"):
        raise NotFound("no_list")
    note = _note(fields)
    if not note:
        return _page(request, actor, fields, {"list_note": "missing"}, 400)
    now_epoch_s = clock.now_epoch_s()
    aside_store.release_list(
        latest["sha256"], note=note, account_id=actor.account_id, now_epoch_s=now_epoch_s
    )
    logger.info("list released", extra={"by": actor.account_id})
    return redirect(f"{_PLACE}?done=list")


def _note(fields: Mapping[str, str]) -> str:
    """Return the reason that was given, or nothing for none or one that is too long."""
    note = fields.get("note", "").strip()
    return note if len(note) <= _LONGEST_NOTE else ""


def _page(
    request: Request,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    latest = store.finished_import("latest")
    is_aside = latest is not None and latest.get("fault") in {one.value for one in RELEASABLE}
    sha256 = latest["sha256"] if latest and is_aside else ""
    return page(
        request,
        "onboarding/aside.html",
        status=status,
        session=actor.session,
        waiting=aside_store.waiting(),
        aside_list=sha256 if sha256 and aside_store.released(sha256) is None else "",
        fault=latest["fault"] if latest and sha256 else "",
        selected=request.path_parameters.get("aside_id", ""),
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
    )
