"""An offer as its pages show it: the text filled in, what happened, and what may happen now."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpa import store
from dpa.agreement import Agreement
from dpa.agreement_states import State
from dpa.offer import DIRECTOR, Invitee, Offer
from schoolpoort import agreement_texts
from schoolpoort.agreement_texts import AgreementText, Block

_READING = frozenset({State.OFFERED, State.IN_REVIEW})
_SIGNING = frozenset({State.READY_TO_SIGN, State.RETURNED})
_BEFORE_SIGNATURE = frozenset(
    {State.OFFERED, State.IN_REVIEW, State.QUESTIONS, State.READY_TO_SIGN}
)


_SCHOOLS = {
    True: ("alle scholen van het bestuur", "all schools of the board"),
    False: ("de scholen van het scholenoverzicht", "the schools of the school overview"),
}
"""What a text calls the schools that it is for, in Dutch and in English."""


@dataclass(frozen=True, slots=True)
class View:
    """What a page about an offer shows, and which of its forms are open."""

    agreement: Agreement
    offer: Offer
    invitee: Invitee | None
    text: AgreementText
    parts: tuple[tuple[Block, ...], ...]
    thread: tuple[Mapping[str, Any], ...]
    may_ask: bool
    may_agree: bool
    may_sign: bool
    may_refuse: bool
    has_signed: bool


def of(agreement: Agreement, offer: Offer, invitee: Invitee | None) -> View:
    """Return what somebody sees of an offer; None is a person of the helpdesk, who may nothing."""
    text = agreement_texts.read(offer.template_id)
    state = agreement.state
    is_director = invitee is not None and invitee.part == DIRECTOR
    is_next = (
        is_director and invitee is not None and invitee.invitation_id in agreement.still_to_sign
    )
    own_reading = state is State.IN_REVIEW and offer.reviewer is None
    return View(
        agreement=agreement,
        offer=offer,
        invitee=invitee,
        text=text,
        parts=_filled(text, offer),
        thread=thread_of(agreement),
        may_ask=invitee is not None and state in _READING,
        may_agree=invitee is not None and not is_director and state in _READING,
        may_sign=is_next and (state in _SIGNING or own_reading),
        may_refuse=invitee is not None and state in _BEFORE_SIGNATURE,
        has_signed=invitee is not None and invitee.invitation_id in agreement.signed_by,
    )


def thread_of(agreement: Agreement) -> tuple[Mapping[str, Any], ...]:
    """Return what was asked, answered, returned and given as a reason, oldest first."""
    events = store.events(agreement.board_number, agreement.agreement_id)
    return tuple(
        event
        for event in events
        if event["evidence"].get("message") or event["evidence"].get("reason")
    )


def masked(address: str) -> str:
    """Return an address as its owner knows it again and nobody else learns it."""
    local_part, _, host = address.partition("@")
    return f"{local_part[:1]}•••@{host}"


def _filled(text: AgreementText, offer: Offer) -> tuple[tuple[Block, ...], ...]:
    values = {
        "agreement_id": offer.agreement_id,
        "board_name": offer.board_name,
        "board_number": offer.board_number,
        "board_place": offer.board_place,
        "dated_on": _dutch(offer.offered_on),
        "effective_from": _dutch(offer.effective_from),
        "processor_name": text.processor.name,
        "processor_place": text.processor.place,
        "signatories": ", ".join(f"{one.name}, {one.function}" for one in offer.directors),
    }
    dutch, english = _SCHOOLS[offer.covers_all_schools]
    return tuple(
        tuple(
            agreement_texts.filled(
                block, {**values, "schools": dutch}, {**values, "schools": english}
            )
            for block in part
        )
        for part in text.parts
    )


def _dutch(day: dt.date) -> str:
    return day.strftime("%d-%m-%Y")
