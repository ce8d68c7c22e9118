"""What people do with an offer, as moves with their mails: each returns what must be written.

Plain functions over plain values: who may call them is the pages' business, what they may do is the
machine's. A mail names the move that asked for it, so it is made here, beside the move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dpa import agreement_moves, agreement_notes, news
from dpa.agreement import Agreement, EvidenceClass
from dpa.agreement_guards import SYSTEM, By
from dpa.agreement_moves import Moved, advance
from dpa.agreement_states import Actor, State
from dpa.offer import DIRECTOR, Invitee, Offer

_NO_MAIL: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to an agreement that stood in `known_version`, and who must hear of it."""

    moved: Moved
    known_version: int
    mails: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a browser that acts by an invitation; kept with the evidence."""

    address_shown: str
    browser: str


def offered(draft: Agreement, offer: Offer, by: By, now_epoch_s: int) -> Step:
    """A01: the offer goes out, bound to its text and to everything that it says."""
    evidence = {
        "model": draft.model.value,
        "template_id": offer.template_id,
        "template_sha256": offer.template_sha256,
        "offer_sha256": draft.offer_sha256,
    }
    moved = advance(draft, "A01", State.OFFERED, by, evidence, now_epoch_s)
    return Step(moved, 0, news.of_offer(moved.agreement, offer))


def opened(agreement: Agreement, invitee: Invitee, seen: Seen, now_epoch_s: int) -> Step | None:
    """A02, once: somebody of the board opened it after a code to his own address."""
    if agreement.state is not State.OFFERED:
        return None
    evidence = _who(invitee, seen)
    moved = advance(agreement, "A02", State.IN_REVIEW, _by(invitee), evidence, now_epoch_s)
    return Step(moved, agreement.version)


def asked(
    agreement: Agreement, invitee: Invitee, message: str, seen: Seen, now_epoch_s: int
) -> Step:
    """A03: a question; the helpdesk finds it on its desk."""
    evidence = {"message": message, **_who(invitee, seen)}
    moved = advance(agreement, "A03", State.QUESTIONS, _by(invitee), evidence, now_epoch_s)
    return Step(moved, agreement.version)


def answered(
    agreement: Agreement, offer: Offer, account_id: str, message: str, now_epoch_s: int
) -> Step:
    """A03 back: everybody who was invited gets the answer."""
    by = By(Actor.PRIVACY_OFFICER, account_id)
    moved = advance(agreement, "A03", State.IN_REVIEW, by, {"message": message}, now_epoch_s)
    first = replace(offer, contact_address="")
    mails = news.to_everybody(moved.agreement, first, (), "answered", reason=message)
    return Step(moved, agreement.version, mails)


def made_ready(
    agreement: Agreement, offer: Offer, invitee: Invitee, seen: Seen, now_epoch_s: int
) -> Step:
    """A04: it is read and may be signed; the directors are asked to."""
    moved = advance(
        agreement, "A04", State.READY_TO_SIGN, _by(invitee), _who(invitee, seen), now_epoch_s
    )
    mails = news.to_part(moved.agreement, offer, DIRECTOR, "ready", name=invitee.name)
    return Step(moved, agreement.version, () if invitee.part == DIRECTOR else mails)


def signed(
    agreement: Agreement,
    offer: Offer,
    invitee: Invitee,
    evidence_class: EvidenceClass,
    evidence: Mapping[str, str],
    now_epoch_s: int,
) -> Step:
    """A05 (A07 after a return) with the last signature, and A06 behind it; else a note of it.

    A director who is his own reviewer makes A04 with the same press. `evidence` tells what this
    signature was seen on; the class goes with it.
    """
    start = agreement
    by = By(Actor.BOARD_DIRECTOR)
    before: tuple[Mapping[str, Any], ...] = ()
    if agreement.state is State.IN_REVIEW and offer.reviewer is None:
        own = {"signer_id": invitee.invitation_id}
        ready = advance(agreement, "A04", State.READY_TO_SIGN, by, own, now_epoch_s)
        agreement, before = ready.agreement, ready.events
    told = {
        "evidence_class": evidence_class.value,
        "signatory": _signatories(agreement, offer, invitee),
        "reference": f"{offer.template_id} {agreement.offer_sha256[:12]}",
        "signer_id": invitee.invitation_id,
        **evidence,
    }
    if len(agreement.still_to_sign) > 1 and invitee.invitation_id in agreement.still_to_sign:
        noted = agreement_notes.signature_added(agreement, by, told, now_epoch_s)
        mails = news.to_waiting(noted.agreement, offer, "cosigned", name=invitee.name)
        return Step(Moved(noted.agreement, before + noted.events), start.version, mails)
    move_id = "A07" if agreement.state is State.RETURNED else "A05"
    last = advance(agreement, move_id, State.SIGNED_BOARD, by, told, now_epoch_s)
    waits = advance(last.agreement, "A06", State.VERIFYING, SYSTEM, {}, now_epoch_s)
    mails = news.to_everybody(waits.agreement, offer, (), "signed", name=told["signatory"])
    return Step(Moved(waits.agreement, before + last.events + waits.events), start.version, mails)


def refused(
    agreement: Agreement, offer: Offer, invitee: Invitee, reason: str, seen: Seen, now_epoch_s: int
) -> Step:
    """A11: the board does not want it; whoever was asked or signed before hears so."""
    evidence = {"reason": reason, **_who(invitee, seen)}
    moved = advance(agreement, "A11", State.REJECTED, _by(invitee), evidence, now_epoch_s)
    mails = news.to_everybody(
        moved.agreement, offer, (), "refused", reason=reason, name=invitee.name
    )
    return Step(moved, agreement.version, mails)


def withdrawn(
    agreement: Agreement, offer: Offer | None, account_id: str, reason: str, now_epoch_s: int
) -> Step:
    """A12: we take it back, with the reason."""
    by = By(Actor.HELPDESK, account_id)
    moved = advance(agreement, "A12", State.WITHDRAWN, by, {"reason": reason}, now_epoch_s)
    mails = news.to_everybody(moved.agreement, offer, (), "withdrawn", reason=reason)
    return Step(moved, agreement.version, mails)


def returned(
    agreement: Agreement, offer: Offer, account_id: str, reason: str, now_epoch_s: int
) -> Step:
    """A07: something on it is not right, and a new signature can mend it."""
    by = By(Actor.HELPDESK, account_id)
    moved = advance(agreement, "A07", State.RETURNED, by, {"reason": reason}, now_epoch_s)
    mails = news.to_everybody(moved.agreement, offer, (), "returned", reason=reason)
    return Step(moved, agreement.version, mails)


def lapsed(agreement: Agreement, offer: Offer | None, now_epoch_s: int) -> Step:
    """A10: nobody signed in time."""
    moved = advance(agreement, "A10", State.LAPSED_OFFER, SYSTEM, {}, now_epoch_s)
    return Step(moved, agreement.version, news.to_everybody(moved.agreement, offer, (), "lapsed"))


def confirmed(
    agreement: Agreement,
    offer: Offer | None,
    account_id: str,
    more: Sequence[str],
    newcomers: Sequence[Invitee],
    now_epoch_s: int,
) -> Step:
    """A08 by the second person; everybody hears from which day it holds.

    The directors who signed and have no place at the board yet are invited to it.
    """
    moved = agreement_moves.confirmed(agreement, account_id, now_epoch_s)
    after = moved.agreement
    kind = "active" if after.state is State.ACTIVE else "scheduled"
    mails = news.to_everybody(after, offer, more, kind, until=after.effective_from.isoformat())
    return Step(moved, agreement.version, [*mails, *news.invitations(after, newcomers)])


def _by(invitee: Invitee) -> By:
    return By(Actor.BOARD_DIRECTOR if invitee.part == DIRECTOR else Actor.BOARD_REVIEWER)


def _who(invitee: Invitee, seen: Seen) -> dict[str, str]:
    return {
        "invitation_id": invitee.invitation_id,
        "name": invitee.name,
        "ip": seen.address_shown,
        "browser": seen.browser,
    }


def _signatories(agreement: Agreement, offer: Offer, last: Invitee) -> str:
    """Return the names of all who signed, in the order of the offer."""
    signed_by = {*agreement.signed_by, last.invitation_id}
    return ", ".join(one.name for one in offer.directors if one.invitation_id in signed_by)
