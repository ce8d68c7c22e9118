"""Countersigning: our seal over the very bytes that were signed, kept where nobody removes it."""

import datetime as dt
import io

import pytest
from asn1crypto import x509
from botocore.exceptions import ClientError
from pyhanko.sign.general import SigningError
from pypdf import PdfReader

from infra.local import cloud as local_cloud
from papers import countersigning, store, trust
from papers.signatures import Expected, judge
from schoolpoort import paper_requests, papers
from schoolpoort.paper_requests import Countersigning
from schoolpoort.papers import Kind, Refusal, State
from tests.papers import signing
from tests.papers.samples import AGREEMENT, BOARD, CONFIRMED_AT, offer, signature
from tests.papers.workshop import Workshop

_AT = dt.datetime.fromtimestamp(CONFIRMED_AT, dt.UTC)


def _own_certificate() -> x509.Certificate:
    found = store.certificate(1)
    assert found
    return x509.Certificate.load(found.encoded)


def test_the_signed_file_extends_the_offered_bytes(workshop: Workshop) -> None:
    """Nobody need trust us that the text is the text: it is there, byte for byte, at the start."""
    offered = workshop.offer(offer())
    paper = workshop.countersign(offered)
    content, before = workshop.content(paper), workshop.content(offered)
    assert (paper.state, paper.kind, paper.pages) == (State.READY, Kind.COUNTERSIGNED, 9)
    assert content[: len(before)] == before
    assert paper.findings["offer_sha256"] == offered.sha256


def test_our_seal_passes_our_own_rule(workshop: Workshop) -> None:
    """One signature, whole, valid, by our certificate alone, over the entire file."""
    offered = workshop.offer(offer())
    content = workshop.content(workshop.countersign(offered))
    before = workshop.content(offered)
    verdict = judge(content, Expected(1, [_own_certificate()], _AT, before, is_sealed=True))
    assert verdict.refusal is None
    assert verdict.seen[0]["signed_at_epoch_s"] == CONFIRMED_AT
    assert judge(content, Expected(1, [], _AT)).refusal is Refusal.UNKNOWN_SIGNER


def test_the_proof_says_who_signed_how_and_what(workshop: Workshop) -> None:
    """The last page names each signatory with the way he signed, and both fingerprints."""
    offered = workshop.offer(offer())
    sheet = workshop.upload(workshop.content(offered))
    paper = workshop.countersign(
        offered, sheet, signatures=(signature(), signature(name="Wiëlle Ĳzerman"))
    )
    last = PdfReader(io.BytesIO(workshop.content(paper))).pages[-1].extract_text()
    flat = last.replace("\n", " ").replace(" ", "")
    for said in ("Buis-Çelik", "Wiëlle", "gezienalsscan", offered.sha256, sheet.sha256):
        assert said in flat
    assert "VOORBEELD" in last


def test_what_is_sealed_may_not_be_changed_at_all(workshop: Workshop) -> None:
    """The seal certifies: not even another signature may be added after it."""
    content = workshop.content(workshop.countersign(workshop.offer(offer())))
    with pytest.raises(SigningError, match="forbids all changes"):
        signing.signed(content, signing.signer())
    expected = Expected(1, [_own_certificate()], _AT, is_sealed=True)
    for changed in (signing.overlaid(content), signing.other_title(content), content + b"% x"):
        assert judge(changed, expected).refusal is Refusal.ADDED_TO


def test_a_boards_own_signature_is_kept_and_ours_added(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that the board signed is extended by our seal alone; both signatures stay valid."""
    director = signing.signer()
    monkeypatch.setattr(trust, "roots", lambda: (director.root,))
    monkeypatch.setattr(countersigning, "roots", lambda: (director.root,))
    offered = workshop.offer(offer())
    before = workshop.content(offered)
    sheet = workshop.upload(signing.signed(before, director))
    assert (sheet.state, sheet.findings["signatures"]) == (State.READY, 1)
    paper = workshop.countersign(offered, sheet)
    content = workshop.content(paper)
    assert content.startswith(workshop.content(sheet))
    assert content.startswith(before)
    assert paper.pages == offered.pages
    expected = Expected(2, [director.root, _own_certificate()], _AT, before, is_sealed=True)
    assert judge(content, expected).refusal is None


def test_nobody_removes_a_countersigned_paper(workshop: Workshop) -> None:
    """Object Lock in compliance mode: not the owner of the account, and not a shorter time."""
    paper = workshop.countersign(workshop.offer(offer()))
    s3 = local_cloud.client("s3")
    place = {
        "Bucket": workshop.house.cloud.references["PapersBucket"],
        "Key": paper.object_key,
        "VersionId": paper.object_version,
    }
    found = s3.head_object(**place)
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert int(found["ObjectLockRetainUntilDate"].timestamp()) == paper.locked_until_epoch_s
    assert paper.locked_until_epoch_s == CONFIRMED_AT + countersigning.LOCK_LIFE_S
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**place)
    assert workshop.content(paper)


def test_the_certificate_is_made_once_and_kept(workshop: Workshop) -> None:
    """Two papers have one certificate; a second number has its own and the first stays."""
    first = workshop.countersign(workshop.offer(offer()))
    second = workshop.countersign(workshop.offer(offer(agreement_id="77")))
    assert first.findings["certificate_sha256"] == second.findings["certificate_sha256"]
    assert store.certificate(2) is None


def test_a_paper_of_another_agreement_is_not_built_on(workshop: Workshop) -> None:
    """An offer of one agreement never becomes the paper of another, nor a refused offer one."""
    other = workshop.offer(offer(agreement_id="77"))
    mine = workshop.offer(offer())
    paper = workshop.countersign(mine, offer_id=other.paper_id)
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.PAPER_MISSING)


def test_an_offer_that_is_still_on_the_queue_is_waited_for(workshop: Workshop) -> None:
    """Asked in one breath, the messages may come the other way round."""
    offer_id = paper_requests.render_offer(offer())
    asked = Countersigning(BOARD, AGREEMENT, offer_id, "", (signature(),), CONFIRMED_AT)
    sealed_id = paper_requests.countersign(asked)
    first, second = workshop.take_messages()
    assert not workshop.deliver(second)
    assert papers.find(BOARD, sealed_id).state is State.QUEUED
    assert workshop.deliver(first)
    assert workshop.deliver(second)
    assert papers.find(BOARD, sealed_id).state is State.READY


def test_trap_9_an_expired_seal_seals_nothing(workshop: Workshop) -> None:
    """After its last day nothing is sealed: the request waits for a new certificate."""
    offered = workshop.offer(offer())
    workshop.countersign(offered)
    ends = int(_own_certificate().not_valid_after.timestamp())
    other = workshop.offer(offer(agreement_id="77"))
    paper = workshop.countersign(other, agreement_id="77", confirmed_at_epoch_s=ends)
    assert paper.state is State.QUEUED
