"""What every job ends in, a row that says ready or refused; and the job that makes an offer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from papers import store
from papers.letters import UnknownCharacter
from papers.offer_paper import offer_pdf
from papers.store import Kept
from schoolpoort import agreement_texts, clock, papers
from schoolpoort.agreement_texts import UnknownText
from schoolpoort.log import logger
from schoolpoort.paper_requests import offer_of
from schoolpoort.papers import Kind, Paper, Refusal, State

PDF = "application/pdf"


def make_offer(message: Mapping[str, Any]) -> None:
    """Render an offer and keep it."""
    paper = papers.queued(message["board_number"], message["paper_id"])
    try:
        offer = offer_of(message["offer"])
        content, pages = offer_pdf(offer)
    except UnknownText:
        refuse(paper, Refusal.UNKNOWN_TEXT)
        return
    except UnknownCharacter:
        refuse(paper, Refusal.UNKNOWN_CHARACTER)
        return
    kept = store.keep(Kind.OFFER, paper.board_number, paper.paper_id, content, PDF)
    text = agreement_texts.read(offer.text_version)
    findings = {
        "board_name": offer.board.name,
        "text_version": text.version,
        "text_sha256": text.sha256,
        "dated_on": offer.dated_on.isoformat(),
    }
    accept(paper, kept, PDF, pages=pages, findings=findings)


def accept(paper: Paper, kept: Kept, mime: str, **more: Any) -> None:
    """Record a paper as ready."""
    store.record(
        replace(
            paper,
            state=State.READY,
            sha256=kept.sha256,
            size_bytes=len(kept.content),
            mime=mime,
            made_at_epoch_s=clock.now_epoch_s(),
            object_key=kept.key,
            object_version=kept.version,
            **more,
        )
    )
    logger.info("paper ready", extra={"kind": paper.kind.value, "paper": paper.paper_id})


def refuse(paper: Paper, reason: Refusal, **more: Any) -> None:
    """Record a paper as refused, with the reason that pages have a sentence for."""
    store.record(
        replace(
            paper,
            state=State.REFUSED,
            refusal=reason,
            made_at_epoch_s=clock.now_epoch_s(),
            **more,
        )
    )
    said = {"kind": paper.kind.value, "paper": paper.paper_id, "reason": reason.value}
    logger.info("paper refused", extra=said)
