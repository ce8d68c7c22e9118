"""The papers of an agreement: asked for here, made by papers, read where they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dpa.agreement import Agreement, EvidenceClass
from dpa.agreement_states import State
from dpa.offer import Offer
from schoolpoort import paper_requests, papers
from schoolpoort.paper_requests import Countersigning, Party, School, Signatory, Signature
from schoolpoort.papers import Kind, Paper
from schoolpoort.uploads import UploadForm

_SHOWN_AS = {
    EvidenceClass.SCREEN.value: "op het scherm, met een code aan het eigen e-mailadres",
    EvidenceClass.SCAN.value: "op papier, als scan ingestuurd en telefonisch nagevraagd",
    EvidenceClass.PADES.value: "met een elektronische handtekening in het bestand zelf",
}
_SIGNING = frozenset({"signature", "A05", "A07"})


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of one agreement that can be had now; None is one that is still being made."""

    offer: Paper | None
    countersigned: Paper | None
    uploads: Sequence[Paper]


def ask_for(offer: Offer) -> str:
    """Ask for the PDF of an offer and return its paper id; asking again makes none anew."""
    return paper_requests.render_offer(request_of(offer))


def request_of(offer: Offer) -> paper_requests.Offer:
    """Return an offer as papers wants it; the same offer gives the same bytes."""
    return paper_requests.Offer(
        agreement_id=offer.agreement_id,
        text_version=offer.template_id,
        dated_on=offer.offered_on,
        effective_from=offer.effective_from,
        board=Party(
            name=offer.board_name,
            legal_form="",
            board_number=offer.board_number,
            chamber_number="",
            address="",
            place=offer.board_place,
        ),
        signatories=tuple(Signatory(one.name, one.function) for one in offer.directors),
        covers_all_schools=offer.covers_all_schools,
        schools=tuple(School(one.brin6, one.name, one.place) for one in offer.schools),
    )


def of(agreement: Agreement) -> Papers:
    """Return the papers of an agreement; one Query."""
    ready: dict[Kind, list[Paper]] = {}
    for paper in papers.of_agreement(agreement.board_number, agreement.agreement_id):
        if paper.state is papers.State.READY:
            ready.setdefault(paper.kind, []).append(paper)
    return Papers(
        offer=next(iter(ready.get(Kind.OFFER, [])), None),
        countersigned=next(iter(ready.get(Kind.COUNTERSIGNED, [])), None),
        uploads=ready.get(Kind.UPLOAD, []),
    )


def upload_form(agreement: Agreement, invitation_id: str) -> UploadForm:
    """Return the form by which somebody sends in the signed sheet."""
    form, _ = paper_requests.upload_form(
        agreement.board_number,
        agreement.agreement_id,
        redirect_to=f"/agreement/{invitation_id}/sheet?paper={{paper_id}}",
    )
    return form


def upload(agreement: Agreement, paper_id: str) -> Paper | None:
    """Return an upload of this agreement as far as it is, or None for any other id."""
    start = papers.paper_id(agreement.agreement_id, Kind.UPLOAD, "")
    part = paper_id.removeprefix(start)
    if part == paper_id or not (part.isascii() and part.isdigit()):
        return None
    return papers.find(agreement.board_number, paper_id)


def evidence_of(paper: Paper) -> tuple[EvidenceClass, dict[str, str]]:
    """Return what a signed paper proves: our text with a signature in it, or a scan."""
    is_signed = int(paper.findings.get("signatures", 0)) > 0
    kind = EvidenceClass.PADES if is_signed else EvidenceClass.SCAN
    return kind, {"paper_id": paper.paper_id, "paper_sha256": paper.sha256}


def ask_for_countersigned(
    agreement: Agreement, offer: Offer, events: Sequence[Mapping[str, Any]]
) -> str | None:
    """Ask for our seal under what was signed; None unless two people confirmed it.

    None too when it is there already, or when what goes under it is not made yet.
    """
    found = of(agreement)
    offered = found.offer
    is_confirmed = agreement.state in {State.ACTIVE, State.SCHEDULED}
    if not is_confirmed or offered is None or found.countersigned is not None:
        return None
    signed = _last_signatures(agreement, events)
    uploads = [one["evidence"].get("paper_id", "") for one in signed]
    return paper_requests.countersign(
        Countersigning(
            board_number=agreement.board_number,
            agreement_id=agreement.agreement_id,
            offer_id=offered.paper_id,
            upload_id=next((one for one in reversed(uploads) if one), ""),
            signatures=tuple(_signature(one, offer) for one in signed),
            confirmed_at_epoch_s=agreement.confirmed_at_epoch_s or 0,
        )
    )


def _last_signatures(
    agreement: Agreement, events: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the event of each signature that counts: of what was sent back only the new ones."""
    by_signer = {
        event["evidence"]["signer_id"]: event
        for event in events
        if event["move"] in _SIGNING and event["evidence"].get("evidence_class")
    }
    return [by_signer[one] for one in agreement.signed_by]


def _signature(event: Mapping[str, Any], offer: Offer) -> Signature:
    evidence = event["evidence"]
    invitee = offer.invitee(evidence["signer_id"])
    kind = evidence["evidence_class"]
    return Signature(
        name=invitee.name if invitee else "",
        function=invitee.function if invitee else "",
        evidence_class=kind,
        shown_as=_SHOWN_AS.get(kind, kind),
        signed_at_epoch_s=event["at_epoch_s"],
    )
