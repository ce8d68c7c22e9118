"""Making an offer: by the helpdesk for any board, by somebody of a board for his own."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from dpa import ledger, offer_flow, offer_form, offer_papers, offer_store, store
from dpa import offer as offers
from dpa.agreement import Agreement, EvidenceClass, Model
from dpa.agreement_guards import By
from dpa.agreement_states import Actor, State
from dpa.offer import Invitee, Offer
from dpa.offer_form import OfferForm
from schoolpoort import agreement_texts, ids, registry
from schoolpoort.agreement_texts import AgreementText
from schoolpoort.coverage import amsterdam_day
from schoolpoort.registry import Board
from schoolpoort.settings import optional

_SHIPPED_TEXT = "sample-4.0-1.0.0"
_NOTICE_DAYS = 60
_OPEN = frozenset(
    {
        State.OFFERED,
        State.IN_REVIEW,
        State.QUESTIONS,
        State.READY_TO_SIGN,
        State.VERIFYING,
        State.RETURNED,
    }
)


def current_text() -> AgreementText:
    """Return the text that new offers get."""
    return agreement_texts.read(optional("AGREEMENT_TEXT", _SHIPPED_TEXT))


def make(
    board: Board, fields: Mapping[str, str], by: By, now_epoch_s: int
) -> tuple[Agreement | None, Mapping[str, str]]:
    """Offer a board what the form says; returns the agreement, or what is wrong with the form."""
    today = amsterdam_day(now_epoch_s)
    locations = registry.locations_of_board(board.number)
    form = offer_form.read(fields, locations, today=today)
    standing, _ = store.of_board(board.number)
    errors = dict(form.errors)
    if not locations:
        errors["board_number"] = "no_schools"
    elif any(one.state in _OPEN and one.scope_codes == form.scope_codes for one in standing):
        errors["board_number"] = "pending"
    if errors or form.effective_from is None:
        return None, errors
    text = current_text()
    covered = [one for one in locations if _in_scope(form, one.brin, one.brin6)]
    offer = _offer(board, form, text, offers.overview(covered), today)
    agreement = _draft(offer, form, text, by, now_epoch_s)
    agreement = replace(agreement, supersedes_id=_replaces(agreement, standing))
    step = offer_flow.offered(agreement, offer, _only_actor(by), now_epoch_s)
    # Before the write: a paper without an offer harms nobody, an offer without a paper would.
    offer_papers.ask_for(offer)
    return ledger.write(step, now_epoch_s, more=offer_store.puts(offer)), {}


def _only_actor(by: By) -> By:
    """Return who offers: the system to a board that asks, else the person of the helpdesk."""
    return by if by.actor is Actor.HELPDESK else By(Actor.SYSTEM, by.account_id)


def _in_scope(form: OfferForm, brin: str, brin6: str) -> bool:
    return not form.scope_codes or not {brin, brin6}.isdisjoint(form.scope_codes)


def _offer(
    board: Board,
    form: OfferForm,
    text: AgreementText,
    schools: tuple[offers.School, ...],
    today: dt.date,
) -> Offer:
    return Offer(
        agreement_id=ids.new_id(),
        board_number=board.number,
        board_name=board.name,
        board_place=board.place or "",
        template_id=text.version,
        template_sha256=text.sha256,
        invitees=tuple(
            Invitee(ids.new_id(), one.part, one.name, one.function, one.address)
            for one in form.people
        ),
        contact_address=form.contact_address,
        schools=schools,
        covers_all_schools=not form.scope_codes,
        offered_on=today,
        expires_on=today + dt.timedelta(days=offers.OFFER_LIFE_DAYS),
        effective_from=form.effective_from or today,
    )


def _draft(
    offer: Offer, form: OfferForm, text: AgreementText, by: By, now_epoch_s: int
) -> Agreement:
    return Agreement(
        agreement_id=offer.agreement_id,
        board_number=offer.board_number,
        board_name=offer.board_name,
        state=State.DRAFT,
        model=Model(text.model),
        evidence_class=EvidenceClass.SCREEN,
        signatory="",
        reference="",
        effective_from=offer.effective_from,
        scope_codes=form.scope_codes,
        recorded_by=by.account_id,
        recorded_at_epoch_s=now_epoch_s,
        template_id=offer.template_id,
        offer_sha256=offers.digest(offer),
        offer_expires_on=offer.expires_on,
        notice_days=_NOTICE_DAYS,
        signers=tuple(one.invitation_id for one in offer.directors),
    )


def _replaces(draft: Agreement, standing: list[Agreement]) -> str:
    """Return the running agreement with the same scope, which the new one takes the place of."""
    running = [
        one
        for one in standing
        if one.state is State.ACTIVE and one.scope_codes == draft.scope_codes
    ]
    return running[0].agreement_id if running else ""
