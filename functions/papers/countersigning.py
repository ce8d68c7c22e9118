"""The job that countersigns: the offer, the proof behind it, our seal over both, kept for years."""

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from papers import seal, store
from papers.jobs import PDF, accept, refuse
from papers.letters import UnknownCharacter
from papers.proof_paper import Proven, proof_pdf, with_proof
from papers.signatures import Expected, judge
from papers.store import SealCertificate
from papers.trust import roots
from schoolpoort import papers
from schoolpoort.errors import SchoolpoortError
from schoolpoort.paper_requests import Countersigning, countersigning_of
from schoolpoort.papers import Kind, Paper, Refusal, State
from schoolpoort.settings import require, require_url

LOCK_LIFE_S = 7 * 366 * 86_400
"""Seven years, as long as an administration is kept; a lock can be made longer, never shorter."""


class NotYet(SchoolpoortError):
    """A paper that this one builds on is still on the queue."""


class SealUnusable(SchoolpoortError):
    """Our own certificate has expired, or what we sealed does not pass our own rule."""


def countersign(message: Mapping[str, Any]) -> None:
    """Make the countersigned paper; raises NotYet, SealUnusable and AlteredPaper."""
    asked = countersigning_of(message["countersigning"])
    paper = papers.queued(message["board_number"], message["paper_id"])
    offer = papers.find(paper.board_number, asked.offer_id)
    upload = papers.find(paper.board_number, asked.upload_id) if asked.upload_id else None
    if not _may_build_on(paper, offer, upload):
        refuse(paper, Refusal.PAPER_MISSING)
        return
    own = _certificate(asked)
    proven = _proven(asked, offer, upload, own)
    try:
        content, base = _sealed(proven, offer, upload, own)
    except UnknownCharacter:
        refuse(paper, Refusal.UNKNOWN_CHARACTER)
        return
    until = asked.confirmed_at_epoch_s + LOCK_LIFE_S
    place = (Kind.COUNTERSIGNED, paper.board_number, paper.paper_id)
    kept = store.keep(*place, content, PDF, locked_until_epoch_s=until)
    accept(
        paper,
        kept,
        PDF,
        pages=offer.pages + (1 if base is offer else 0),
        locked_until_epoch_s=until,
        findings={**_findings(proven), "certificate_number": own.number},
    )


def _may_build_on(paper: Paper, offer: Paper, upload: Paper | None) -> bool:
    """Say whether the papers are there and of this agreement; raises NotYet."""
    wanted = [(offer, Kind.OFFER)] + ([(upload, Kind.UPLOAD)] if upload else [])
    if any(found.state is State.QUEUED for found, _ in wanted):
        raise NotYet(paper.paper_id)
    return all(
        found.state is State.READY
        and found.kind is kind
        and found.agreement_id == paper.agreement_id
        for found, kind in wanted
    )


def _certificate(asked: Countersigning) -> SealCertificate:
    """Return the certificate in use, made at its first use; raises SealUnusable."""
    number = int(require("SEAL_CERTIFICATE_NUMBER"))
    own = store.certificate(number) or _new_certificate(number, asked.confirmed_at_epoch_s)
    if own.valid_until_epoch_s <= asked.confirmed_at_epoch_s:
        raise SealUnusable(str(number))
    return own


def _new_certificate(number: int, at_epoch_s: int) -> SealCertificate:
    made = seal.certificate(
        store.public_seal_key(),
        store.sign,
        name=f"Zegel van {require_url('PUBLIC_BASE_URL').partition('://')[2]}",
        number=number,
        at=_moment(at_epoch_s),
    )
    until = int(made.not_valid_after.timestamp())
    return store.keep_certificate(SealCertificate(number, made.dump(), until))


def _proven(
    asked: Countersigning, offer: Paper, upload: Paper | None, own: SealCertificate
) -> Proven:
    return Proven(
        asked=asked,
        board_name=offer.findings["board_name"],
        text_version=offer.findings["text_version"],
        offer_sha256=offer.sha256,
        sheet_sha256=upload.sha256 if upload else "",
        certificate_sha256=own.sha256,
    )


def _sealed(
    proven: Proven, offer: Paper, upload: Paper | None, own: SealCertificate
) -> tuple[bytes, Paper]:
    """Return the sealed bytes and the paper that they extend; raises SealUnusable.

    A file with the board's own signature is extended by ours alone: a page behind it would be a
    change of what the board signed.
    """
    signatures = upload.findings["signatures"] if upload else 0
    base = upload if upload and signatures else offer
    before = store.content_of(base)
    writer = IncrementalPdfFileWriter(io.BytesIO(before))
    if not signatures:
        with_proof(writer, proof_pdf(proven))
    certificate = x509.Certificate.load(own.encoded)
    at = _moment(proven.asked.confirmed_at_epoch_s)
    content = seal.sealed(writer, certificate, store.sign, at=at, certifies=not signatures)
    expected = Expected(
        count=signatures + 1,
        roots=(certificate, *roots()),
        at=at,
        offered=before,
        is_sealed=True,
    )
    if verdict := judge(content, expected).refusal:
        raise SealUnusable(verdict)
    return content, base


def _moment(epoch_s: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC)


def _findings(proven: Proven) -> dict[str, Any]:
    asked = proven.asked
    return {
        "offer_id": asked.offer_id,
        "offer_sha256": proven.offer_sha256,
        "upload_id": asked.upload_id,
        "upload_sha256": proven.sheet_sha256,
        "text_version": proven.text_version,
        "confirmed_at_epoch_s": asked.confirmed_at_epoch_s,
        "certificate_sha256": proven.certificate_sha256,
        "signatures": [
            {
                "name": one.name,
                "function": one.function,
                "evidence_class": one.evidence_class,
                "shown_as": one.shown_as,
                "signed_at_epoch_s": one.signed_at_epoch_s,
                "reference": one.reference,
            }
            for one in asked.signatures
        ],
    }
