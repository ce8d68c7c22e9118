"""The registry at the helpdesk: finding schools, bringing in a list, deciding about changes."""

import datetime as dt
from collections.abc import Mapping

from onboarding import change_effects, change_store, renumbering, store
from onboarding.registry_changes import Mutation
from onboarding.registry_import import LARGEST_BYTES
from onboarding.registry_search import SchoolSearch
from schoolpoort import authority, clock, coverage, uploads
from schoolpoort.authority import Actor
from schoolpoort.web import Request, Response, page, redirect

_MOST_FOUND = 50
_LONGEST_QUERY = 100
_LONGEST_NOTE = 500
LIST_IS_OLD_AFTER_S = 35 * 24 * 3600
"""DUO renews its lists every month."""
_MEANINGS = ("transfer", "merger", renumbering.MEANING, "closed", "unknown")
_kept: dict[str, SchoolSearch] = {}
"""The newest search of this process, under the index's stamp."""


def search_index() -> SchoolSearch:
    """Return the search over all schools: the one at hand, unless the index changed since."""
    stamp = store.index_stamp()
    if stamp is None or stamp not in _kept:
        places, boards = store.whole_index()
        made = SchoolSearch(places.values(), {one.code: one.name for one in boards.values()})
        _kept.clear()
        if stamp is None:
            return made
        _kept[stamp] = made
    return _kept[stamp]


def show_registry(request: Request) -> Response:
    """GET /helpdesk/registry: search, and import of a new list."""
    actor = authority.require_role(request, "helpdesk")
    schools = search_index()
    form = uploads.presigned_form(
        "duo", None, max_bytes=LARGEST_BYTES, redirect_to="/helpdesk/registry/received"
    )
    query = request.query.get("q", "").strip()[:_LONGEST_QUERY]
    latest = store.finished_import("latest")
    age_s = clock.now_epoch_s() - latest["finished_at_epoch_s"] if latest else 0
    return page(
        request,
        "onboarding/registry.html",
        csp_form_action=(form.origin,),
        session=actor.session,
        query=query,
        found=schools.find(query, most=_MOST_FOUND),
        total=len(schools),
        latest=latest,
        is_old=age_s > LIST_IS_OLD_AFTER_S,
        waiting=len(change_store.open_changes()),
        upload=form,
    )


def show_received(request: Request) -> Response:
    """GET /helpdesk/registry/received: where S3 sends the browser after an upload."""
    actor = authority.require_role(request, "helpdesk")
    upload_id = request.query.get("key", "").rpartition("/")[2]
    is_known = upload_id.isascii() and upload_id.isdecimal()
    return page(
        request,
        "onboarding/received.html",
        session=actor.session,
        record=store.finished_import(upload_id) if is_known else None,
        address=f"/helpdesk/registry/received?key=duo/-/{upload_id}",
        is_known=is_known,
    )


def show_changes(request: Request) -> Response:
    """GET /helpdesk/registry/changes: what DUO's lists say that people decide about."""
    actor = authority.require_role(request, "helpdesk")
    return _changes(request, actor, values={}, errors={}, status=200)


def decide_changes(request: Request) -> Response:
    """POST /helpdesk/registry/changes: confirm or dismiss the ticked ones."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, "/helpdesk/registry/changes")
    fields = request.form()
    today = coverage.amsterdam_day(clock.now_epoch_s())
    chosen = set(request.form_list("change"))
    errors = _errors(fields, chosen)
    if errors:
        return _changes(request, actor, values=fields, errors=errors, status=400)
    confirms = fields["decision"] == "confirm"
    decision = change_store.Decision(
        confirms=confirms,
        effective_on=fields["effective_on"] if confirms else today.isoformat(),
        meaning=fields["meaning"] if confirms else "",
        note=fields["note"].strip(),
        account_id=actor.account_id,
        at_epoch_s=clock.now_epoch_s(),
    )
    try:
        done = change_effects.decide(chosen, decision, today)
    except change_effects.Busy:
        return _changes(request, actor, values=fields, errors={"change": "busy"}, status=409)
    except renumbering.NewcomerInUse:
        return _changes(request, actor, values=fields, errors={"meaning": "in_use"}, status=409)
    if not done:
        return _changes(request, actor, values=fields, errors={"change": "gone"}, status=409)
    return redirect(f"/helpdesk/registry/changes?done={'confirmed' if confirms else 'dismissed'}")


def _errors(fields: Mapping[str, str], chosen: set[str]) -> dict[str, str]:
    errors = {}
    if not chosen:
        errors["change"] = "missing"
    if fields.get("decision") not in {"confirm", "dismiss"}:
        errors["decision"] = "missing"
    if not fields.get("note", "").strip() or len(fields["note"]) > _LONGEST_NOTE:
        errors["note"] = "missing"
    if fields.get("decision") == "confirm":
        if _day(fields.get("effective_on", "")) is None:
            errors["effective_on"] = "invalid"
        if fields.get("meaning") not in _MEANINGS:
            errors["meaning"] = "missing"
        elif fields["meaning"] == renumbering.MEANING and not _are_elsewhere(chosen):
            errors["meaning"] = "only_elsewhere"
    return errors


def _are_elsewhere(chosen: set[str]) -> bool:
    """Say whether all chosen changes are about a location that goes on as another."""
    found = [one for one in change_store.open_changes() if one.change_id in chosen]
    return all(one.mutation is Mutation.LOCATION_ELSEWHERE for one in found)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _changes(
    request: Request,
    actor: Actor,
    *,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    found = change_store.open_changes()
    boards = {one.code: one.name for one in store.whole_index()[1].values()} if found else {}
    return page(
        request,
        "onboarding/changes.html",
        status=status,
        session=actor.session,
        waiting=found,
        boards=boards,
        told=change_store.told_changes(),
        due=len(change_store.due_changes()),
        values=values,
        chosen=set(request.form_list("change")) if errors else set(),
        errors=errors,
        done=request.query.get("done", ""),
    )
