"""What a board does with an agreement that runs: give notice, or take it back."""

from collections.abc import Mapping

from dpa import forms, ledger, recipients, running_flow, store
from dpa.agreement import Agreement
from dpa.agreement_guards import By, Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import Actor as Part
from dpa.agreement_states import IllegalMove
from dpa.offer_flow import Step
from schoolpoort import authority, clock
from schoolpoort.log import logger
from schoolpoort.web import Forbidden, NotFound, Request, Response, redirect

_PLACE = "/board/agreements"


def act(request: Request) -> Response:
    """POST /board/agreements/{agreement_id}/{act}: "notice" or "keep"."""
    actor = authority.require_role(request, "board")
    name, agreement_id = request.path_parameters["act"], request.path_parameters["agreement_id"]
    if name not in {"notice", "keep"} or not (agreement_id.isascii() and agreement_id.isdigit()):
        raise NotFound("no_such_act")
    if actor.board_number is None:
        raise Forbidden("not_at_a_board")
    authority.require_confirmed(request, actor.session, _PLACE)
    agreement = store.find(actor.board_number, agreement_id)
    if agreement is None:
        raise NotFound("no_agreement")
    now_epoch_s = clock.now_epoch_s()
    by = By(Part.BOARD_DIRECTOR, actor.account_id)
    make = _notice if name == "notice" else _keep
    try:
        step = make(agreement, by, request.form(), now_epoch_s)
        ledger.write(step, now_epoch_s)
    except MoveRefused as refused:
        is_short = refused.refusal in {Refusal.NOTICE_TOO_SHORT, Refusal.END_NOT_AHEAD}
        return redirect(f"{_PLACE}?problem={'notice' if is_short else name}")
    except (IllegalMove, store.ChangedMeanwhile):
        return redirect(f"{_PLACE}?problem=meanwhile")
    logger.info("agreement", extra={"agreement": agreement_id, "act": name})
    return redirect(f"{_PLACE}?done={name}")


def _notice(agreement: Agreement, by: By, fields: Mapping[str, str], now_epoch_s: int) -> Step:
    ends_on = forms.read_date(fields.get("ends_on", ""))
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    told = ends_on.isoformat() if ends_on else ""
    return running_flow.notice_given(agreement, offer, by, told, more, now_epoch_s)


def _keep(agreement: Agreement, by: By, fields: Mapping[str, str], now_epoch_s: int) -> Step:
    reason = fields.get("reason", "").strip()[:500]
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    return running_flow.notice_withdrawn(agreement, offer, by, reason, more, now_epoch_s)
