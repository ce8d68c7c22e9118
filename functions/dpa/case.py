"""One agreement at the helpdesk: all that is known of it, and what a person may do with it."""

from collections.abc import Mapping

from dpa import forms, ledger, offer_papers, offer_view, store
from dpa.agreement import Agreement
from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import IllegalMove
from dpa.case_acts import ACTS, checks_of, open_proposals
from dpa.offer_flow import Step
from schoolpoort import authority, clock
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect


def show(request: Request) -> Response:
    """GET /helpdesk/agreements/{agreement_id}?board=."""
    actor = authority.require_role(request, "helpdesk")
    agreement = _agreement(request, request.query.get("board", ""))
    return _page(request, actor, agreement, {}, {}, 200)


def act(request: Request) -> Response:
    """POST /helpdesk/agreements/{agreement_id}/{act}."""
    actor = authority.require_role(request, "helpdesk")
    name = request.path_parameters["act"]
    make = ACTS.get(name)
    if make is None:
        raise NotFound("no_such_act")
    fields = request.form()
    agreement = _agreement(request, fields.get("board_number", ""))
    place = f"/helpdesk/agreements/{agreement.agreement_id}?board={agreement.board_number}"
    authority.require_confirmed(request, actor.session, place)
    try:
        made = make(agreement, actor.account_id, fields, clock.now_epoch_s())
        if not isinstance(made, Step):
            return _page(request, actor, agreement, fields, made, 400)
        after = ledger.write(made, clock.now_epoch_s())
        if name == "confirm":
            ledger.seal(after)
    except MoveRefused as refused:
        return _page(request, actor, agreement, fields, _words(refused.refusal), 409)
    except (IllegalMove, store.ChangedMeanwhile):
        ledger.settle(agreement, clock.now_epoch_s())
        now = _agreement(request, agreement.board_number)
        return _page(request, actor, now, fields, {"act": "not_now"}, 409)
    logger.info("agreement", extra={"agreement": agreement.agreement_id, "act": name})
    return redirect(f"{place}&done={name}")


def _words(refusal: Refusal) -> dict[str, str]:
    known = {
        Refusal.SAME_PERSON: "same_person",
        Refusal.NOT_VERIFIED: "not_verified",
        Refusal.NOTICE_TOO_SHORT: "notice_too_short",
        Refusal.END_NOT_AHEAD: "notice_too_short",
    }
    return {"act": known.get(refusal, "not_now")}


def _agreement(request: Request, board_number: str) -> Agreement:
    agreement_id = request.path_parameters["agreement_id"]
    if not (agreement_id.isascii() and agreement_id.isdigit()):
        raise NotFound("no_agreement")
    if not forms.is_board_number(board_number):
        raise BadRequest("board_number")
    found = store.find(board_number, agreement_id)
    if found is None:
        raise NotFound("no_agreement")
    return found


def _page(
    request: Request,
    actor: Actor,
    agreement: Agreement,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    offer = ledger.offer_of(agreement)
    is_first = actor.account_id in {agreement.recorded_by, agreement.verified_by}
    return page(
        request,
        "dpa/case.html",
        status=status,
        session=actor.session,
        agreement=agreement,
        offer=offer,
        papers=offer_papers.of(agreement) if offer or agreement.export_id else None,
        checks=checks_of(agreement),
        thread=offer_view.thread_of(agreement),
        events=store.events(agreement.board_number, agreement.agreement_id),
        may_confirm=not is_first,
        is_proposer=agreement.proposal.get("proposed_by") == actor.account_id,
        proposals=open_proposals(agreement),
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="who-signs",
    )
