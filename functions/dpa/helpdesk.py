"""The helpdesk's desk for agreements: one person records what was signed, another confirms it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from dpa import agreement_moves, export_pages, exports, forms, ledger, store
from dpa.agreement import Agreement, EvidenceClass, Model
from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import IllegalMove, State
from dpa.forms import AgreementForm
from schoolpoort import authority, clock, ids, registry
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.papers import Paper
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_CONFIRMED_SHOWN = 25


def show(request: Request) -> Response:
    """GET /helpdesk/agreements."""
    actor = authority.require_role(request, "helpdesk")
    return _page(request, actor, values={}, errors={}, status=200)


def record(request: Request) -> Response:
    """POST /helpdesk/agreements: keep what was signed, waiting for a second person."""
    actor = authority.require_role(request, "helpdesk")
    now_epoch_s = clock.now_epoch_s()
    fields = request.form()
    form = forms.read_agreement(fields, today=amsterdam_day(now_epoch_s))
    errors = dict(form.errors)
    board = None if "board_number" in errors else registry.board(form.board_number)
    if board is None:
        errors.setdefault("board_number", "unknown")
    is_central = form.evidence_class == EvidenceClass.CENTRAL_SERVICE.value
    export = exports.ready(form.board_number, fields.get("paper", "")) if is_central else None
    if is_central and export is None:
        errors["paper"] = "missing"
    if errors or board is None or form.effective_from is None:
        return _refused(request, actor, fields, errors, export)
    draft = _draft(form, board.name, form.effective_from, export)
    draft = replace(draft, recorded_by=actor.account_id, recorded_at_epoch_s=now_epoch_s)
    again = _recorded_already(draft)
    if again is not None:
        # Sent twice, or the first try died before its effects: one paper is one agreement.
        ledger.settle(again, now_epoch_s)
        return redirect("/helpdesk/agreements?done=recorded")
    moved = agreement_moves.recorded(draft)
    store.write((moved, 0))
    ledger.settle(moved.agreement, now_epoch_s)
    logger.info("agreement recorded", extra={"agreement": draft.agreement_id})
    return redirect("/helpdesk/agreements?done=recorded")


def _draft(
    form: AgreementForm, board_name: str, effective_from: dt.date, export: Paper | None
) -> Agreement:
    """Return what was typed, not recorded by anybody yet; an export has its agreement's id."""
    return Agreement(
        agreement_id=export.agreement_id if export else ids.new_id(),
        board_number=form.board_number,
        board_name=board_name,
        state=State.DRAFT,
        model=Model(form.model),
        evidence_class=EvidenceClass(form.evidence_class),
        signatory=form.signatory,
        reference=form.reference,
        effective_from=effective_from,
        scope_codes=(),
        recorded_by="",
        recorded_at_epoch_s=0,
        export_id=export.paper_id if export else "",
        export_sha256=export.sha256 if export else "",
    )


def _refused(
    request: Request,
    actor: Actor,
    fields: Mapping[str, str],
    errors: Mapping[str, str],
    export: Paper | None,
) -> Response:
    """Show the form again, on the page that it came from."""
    if fields.get("evidence") != EvidenceClass.CENTRAL_SERVICE.value:
        return _page(request, actor, values=fields, errors=errors, status=400)
    board_number = fields.get("board_number", "").strip()
    paper_id = export.paper_id if export else ""
    return export_pages.answer(
        request, actor, board_number, paper_id, values=fields, errors=errors, status=400
    )


def _recorded_already(draft: Agreement) -> Agreement | None:
    """Return what was recorded of the same paper and still waits for a second person, or None.

    An export is one agreement for good, whether it still waits or not.
    """
    standing, _ = store.of_board(draft.board_number)
    for one in standing:
        if one.agreement_id == draft.agreement_id:
            return one
        is_waiting = one.state is State.VERIFYING and not one.was_offered_here
        if is_waiting and _paper_of(one) == _paper_of(draft):
            return one
    return None


def _paper_of(one: Agreement) -> tuple[str, ...]:
    day = one.effective_from.isoformat()
    return (one.model, one.evidence_class, one.signatory, one.reference, day, one.recorded_by)


def activate(request: Request) -> Response:
    """POST /helpdesk/agreements/{agreement_id}/activate: the second pair of eyes."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, "/helpdesk/agreements")
    agreement_id = request.path_parameters["agreement_id"]
    board_number = request.form().get("board_number", "")
    if not (agreement_id.isascii() and agreement_id.isdigit()):
        raise NotFound("no_agreement")
    if not forms.is_board_number(board_number):
        raise BadRequest("board_number")
    before = store.find(board_number, agreement_id)
    if before is None:
        raise NotFound("no_agreement")
    now_epoch_s = clock.now_epoch_s()
    try:
        moved = agreement_moves.confirmed(before, actor.account_id, now_epoch_s)
        store.write((moved, before.version))
    except MoveRefused as refused:
        is_same = refused.refusal is Refusal.SAME_PERSON
        code = "same_person" if is_same else "refused"
        return _page(request, actor, values={}, errors={"activate": code}, status=409)
    except (IllegalMove, store.ChangedMeanwhile):
        # The first try may have died between the confirmation and its effects.
        ledger.settle(before, now_epoch_s)
        ledger.seal(before)
        return _page(request, actor, values={}, errors={"activate": "already"}, status=409)
    ledger.settle(moved.agreement, now_epoch_s)
    ledger.seal(moved.agreement)
    logger.info("agreement confirmed", extra={"agreement": agreement_id})
    return redirect("/helpdesk/agreements?done=activated")


def _page(
    request: Request,
    actor: Actor,
    *,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    live = sorted(store.live(), key=lambda one: one.board_name.casefold())
    asked = [one for one in live if one.state is State.QUESTIONS]
    to_check = [one for one in live if one.state is State.VERIFYING and one.was_offered_here]
    shown = {one.agreement_id for one in (*asked, *to_check)}
    return page(
        request,
        "dpa/helpdesk.html",
        status=status,
        session=actor.session,
        asked=[(one, _last_message(one)) for one in asked],
        to_check=to_check,
        running=[
            one
            for one in live
            if one.agreement_id not in shown and one.state is not State.VERIFYING
        ],
        waiting=[one for one in store.waiting() if not one.was_offered_here],
        confirmed=store.last_confirmed(_CONFIRMED_SHOWN),
        own_account_id=actor.account_id,
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="who-signs",
    )


def _last_message(agreement: Agreement) -> str:
    events = store.events(agreement.board_number, agreement.agreement_id)
    said = [event["evidence"].get("message", "") for event in events]
    return next((message for message in reversed(said) if message), "")
