"""One agreement at the helpdesk: all that is known of it, and what a person may do with it."""

from collections.abc import Callable, Mapping

from dpa import (
    agreement_notes,
    checks,
    forms,
    ledger,
    offer_flow,
    offer_papers,
    offer_view,
    recipients,
    running_flow,
    store,
)
from dpa.agreement import Agreement
from dpa.agreement_guards import By, Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import Actor as Part
from dpa.agreement_states import IllegalMove, State
from dpa.offer_flow import Step
from schoolpoort import authority, clock, registry
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

AUTHORITIES = ("extract", "mandate", "known", "central_service")
"""How one may know that a director may sign: an extract, a mandate, before, or Kennisnet."""
_PROPOSALS = {
    "suspend": ("A18", State.SUSPENDED),
    "resume": ("A18", State.ACTIVE),
    "void": ("A19", State.VOID),
    "keep": ("A20", State.ACTIVE),
    "end": ("A20", State.TERMINATED),
}
_LONGEST_REASON = 500


def show(request: Request) -> Response:
    """GET /helpdesk/agreements/{agreement_id}?board=."""
    actor = authority.require_role(request, "helpdesk")
    agreement = _agreement(request, request.query.get("board", ""))
    return _page(request, actor, agreement, {}, {}, 200)


def act(request: Request) -> Response:
    """POST /helpdesk/agreements/{agreement_id}/{act}."""
    actor = authority.require_role(request, "helpdesk")
    name = request.path_parameters["act"]
    make = _ACTS.get(name)
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


_Made = Step | Mapping[str, str]


def _verify(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    errors = {}
    if fields.get("authority") not in AUTHORITIES:
        errors["authority"] = "choose"
    if not forms.is_text(fields.get("call_back", "").strip()):
        errors["call_back"] = "text"
    if checks.is_blocked(_checks(agreement)):
        errors["act"] = "red"
    if errors:
        return errors
    note = {"authority": fields["authority"], "call_back": fields["call_back"].strip()}
    by = By(Part.HELPDESK, account_id)
    return Step(agreement_notes.verified(agreement, by, note, now), agreement.version)


def _confirm(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> _Made:
    if agreement.state is State.VERIFYING and checks.is_blocked(_checks(agreement)):
        return {"act": "red"}
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    newcomers = recipients.newcomers(agreement.board_number, offer)
    return offer_flow.confirmed(agreement, offer, account_id, more, newcomers, now)


def _return(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    reason, offer = _reason(fields, "reason"), ledger.offer_of(agreement)
    if not reason:
        return {"reason": "text"}
    if offer is None:
        # There is no link by which anything could be signed again: withdraw it and record anew.
        raise IllegalMove("A07", agreement.state, State.RETURNED, Part.HELPDESK)
    return offer_flow.returned(agreement, offer, account_id, reason, now)


def _withdraw(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    reason = _reason(fields, "withdraw_reason")
    if not reason:
        return {"withdraw_reason": "text"}
    return offer_flow.withdrawn(agreement, ledger.offer_of(agreement), account_id, reason, now)


def _answer(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    message, offer = fields.get("message", "").strip(), ledger.offer_of(agreement)
    if not message or offer is None:
        return {"message": "text"}
    return offer_flow.answered(agreement, offer, account_id, message, now)


def _notice(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    ends_on = forms.read_date(fields.get("ends_on", ""))
    if ends_on is None:
        return {"ends_on": "date"}
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    by = By(Part.HELPDESK, account_id)
    return running_flow.notice_given(agreement, offer, by, ends_on.isoformat(), more, now)


def _propose(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> _Made:
    move = _PROPOSALS.get(fields.get("proposal", ""))
    errors = {} if move else {"proposal": "choose"}
    ends_on = fields.get("ends_on", "").strip()
    said = {name: _reason(fields, name) for name in ("proposal_reason", "legal_basis")}
    errors |= {name: "text" for name, text in said.items() if not text}
    if fields.get("proposal") == "end" and forms.read_date(ends_on) is None:
        errors["ends_on"] = "date"
    if errors or move is None:
        return errors
    ground = said["legal_basis"]
    evidence = {"reason": said["proposal_reason"], "legal_basis": ground, "report": ground}
    if ends_on:
        evidence["ends_on"] = ends_on
    by = By(Part.HELPDESK, account_id)
    moved = agreement_notes.proposed(agreement, *move, by, evidence, now)
    return Step(moved, agreement.version)


def _decide(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> _Made:
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    return running_flow.decided(agreement, offer, account_id, more, now)


def _drop(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> _Made:
    by = By(Part.HELPDESK, account_id)
    return Step(agreement_notes.dropped(agreement, by, now), agreement.version)


_ACTS: Mapping[str, Callable[[Agreement, str, Mapping[str, str], int], _Made]] = {
    "verify": _verify,
    "confirm": _confirm,
    "return": _return,
    "withdraw": _withdraw,
    "answer": _answer,
    "notice": _notice,
    "propose": _propose,
    "decide": _decide,
    "drop": _drop,
}


def _words(refusal: Refusal) -> dict[str, str]:
    known = {
        Refusal.SAME_PERSON: "same_person",
        Refusal.NOT_VERIFIED: "not_verified",
        Refusal.NOTICE_TOO_SHORT: "notice_too_short",
        Refusal.END_NOT_AHEAD: "notice_too_short",
    }
    return {"act": known.get(refusal, "not_now")}


def _reason(fields: Mapping[str, str], name: str) -> str:
    reason = fields.get(name, "").strip()
    return reason if len(reason) <= _LONGEST_REASON else ""


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


def _checks(agreement: Agreement) -> list[checks.Check]:
    offer = ledger.offer_of(agreement)
    if offer is None:
        return []
    board = registry.board(agreement.board_number)
    return checks.of(agreement, offer, board, registry.locations_of_board(agreement.board_number))


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
        papers=offer_papers.of(agreement) if offer else None,
        checks=_checks(agreement),
        thread=offer_view.thread_of(agreement),
        events=store.events(agreement.board_number, agreement.agreement_id),
        may_confirm=not is_first,
        is_proposer=agreement.proposal.get("proposed_by") == actor.account_id,
        proposals=_open_proposals(agreement),
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="who-signs",
    )


def _open_proposals(agreement: Agreement) -> list[str]:
    """Return what one person may propose of an agreement that stands where it stands."""
    by_state = {
        State.ACTIVE: ["suspend"],
        State.SUSPENDED: ["resume"],
        State.TRANSFER_REVIEW: ["keep", "end"],
    }
    found = by_state.get(agreement.state, [])
    return found if agreement.state is State.VOID else [*found, "void"]
