"""The job that S3 starts when a board has sent a file: check it, keep the original, say so.

The original is kept also when it is refused: a desk that is called about it must be able to look.
"""

import datetime as dt
from dataclasses import asdict, replace
from typing import Any

from papers import store, trust
from papers.jobs import accept, refuse
from papers.signatures import Expected, Verdict, judge
from papers.upload_check import PDF, Seen, UploadRefused, check
from schoolpoort import clock, papers, uploads
from schoolpoort.paper_requests import LARGEST_UPLOAD_BYTES, UPLOAD_KIND
from schoolpoort.papers import Kind, Paper, Refusal, State
from schoolpoort.uploads import Upload

_UNKNOWN = "application/octet-stream"
_SENT_IN = frozenset({Kind.UPLOAD, Kind.EXPORT})


def check_upload(upload: Upload) -> None:
    """Check one uploaded file; one that is gone was done by an earlier delivery."""
    if upload.kind != UPLOAD_KIND or upload.school_id is None:
        return
    paper = papers.queued(upload.school_id, upload.upload_id)
    if paper.kind not in _SENT_IN:
        return
    if store.is_worked_on(paper.board_number, paper.paper_id):
        uploads.remove(upload)
        return
    content = store.read_upload(upload, max_bytes=LARGEST_UPLOAD_BYTES)
    if content is None:
        return
    _checked(paper, content)
    uploads.remove(upload)


def _checked(paper: Paper, content: bytes) -> None:
    if paper.kind is Kind.EXPORT:
        _export_checked(paper, content)
        return
    offer = _newest_offer(paper)
    version = offer.findings["text_version"] if offer else ""
    try:
        seen = check(content, agreement_id=paper.agreement_id, text_version=version)
    except UploadRefused as error:
        _refused(paper, content, error.reason)
        return
    verdict = Verdict(None)
    if seen.signatures:
        verdict = _verdict(seen, content, offer)
    if verdict.refusal:
        report = _report(verdict)
        _refused(paper, content, verdict.refusal, **report)
        return
    kept = store.keep(Kind.UPLOAD, paper.board_number, paper.paper_id, content, seen.mime)
    findings = {**asdict(seen), **(_report(verdict) if seen.signatures else {})}
    accept(paper, kept, seen.mime, pages=seen.pages, findings=findings)


def _export_checked(paper: Paper, content: bytes) -> None:
    """Take in an export as any file; a signature in it is counted and never counts as the board's.

    It shows what another service says of a signature, and two people judge that.
    """
    try:
        seen = check(content, agreement_id=None, text_version="")
    except UploadRefused as error:
        _refused(paper, content, error.reason)
        return
    kept = store.keep(Kind.EXPORT, paper.board_number, paper.paper_id, content, seen.mime)
    accept(paper, kept, seen.mime, pages=seen.pages, findings=asdict(seen))


def _report(verdict: Verdict) -> dict[str, Any]:
    """Return what was seen of each signature, and by what it was judged."""
    return {"signature_report": list(verdict.seen), "judged_with": trust.judged_with()}


def _newest_offer(paper: Paper) -> Paper | None:
    """Return the offer that was made last for the agreement."""
    found = papers.of_agreement(paper.board_number, paper.agreement_id)
    offers = [one for one in found if one.kind is Kind.OFFER and one.state is State.READY]
    return max(offers, key=lambda one: one.made_at_epoch_s, default=None)


def _verdict(seen: Seen, content: bytes, offer: Paper | None) -> Verdict:
    if offer is None:
        return Verdict(Refusal.OTHER_TEXT)
    at = dt.datetime.fromtimestamp(clock.now_epoch_s(), dt.UTC)
    offered = store.content_of(offer)
    return judge(content, Expected(seen.signatures, trust.roots(), at, offered))


def _refused(paper: Paper, content: bytes, reason: Refusal, **findings: Any) -> None:
    """Keep the original of a refused file where nobody opens it by accident, and say why."""
    if reason in {Refusal.EMPTY, Refusal.TOO_LARGE}:
        refuse(paper, reason)
        return
    mime = PDF if content.startswith(b"%PDF-") else _UNKNOWN
    kept = store.keep(paper.kind, paper.board_number, paper.paper_id, content, mime)
    refuse(
        replace(
            paper,
            sha256=kept.sha256,
            size_bytes=len(kept.content),
            mime=mime,
            object_key=kept.key,
            object_version=kept.version,
            findings=findings,
        ),
        reason,
    )
