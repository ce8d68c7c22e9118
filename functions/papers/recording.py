"""The job that keeps a confirmed export: a copy that nobody can remove for years.

A wrong file that was sent in by mistake is not locked: what two people confirmed is.
"""

from collections.abc import Mapping
from typing import Any

from papers import store
from papers.countersigning import LOCK_LIFE_S, NotYet
from papers.jobs import accept, refuse
from schoolpoort import papers
from schoolpoort.paper_requests import Recording
from schoolpoort.papers import Kind, Paper, Refusal, State


def keep_record(message: Mapping[str, Any]) -> None:
    """Keep what was signed in Kennisnet's service; raises NotYet and AlteredPaper."""
    asked = Recording(**message["recording"])
    paper = papers.queued(message["board_number"], message["paper_id"])
    export = papers.find(paper.board_number, asked.export_id)
    if export.state is State.QUEUED:
        raise NotYet(paper.paper_id)
    is_ours = export.kind is Kind.EXPORT and export.agreement_id == paper.agreement_id
    if export.state is not State.READY or not is_ours:
        refuse(paper, Refusal.PAPER_MISSING)
        return
    until = asked.confirmed_at_epoch_s + LOCK_LIFE_S
    place = (Kind.RECORD, paper.board_number, paper.paper_id)
    content = store.content_of(export)
    kept = store.keep(*place, content, export.mime, locked_until_epoch_s=until)
    accept(
        paper,
        kept,
        export.mime,
        pages=export.pages,
        locked_until_epoch_s=until,
        findings=_findings(asked, export),
    )


def _findings(asked: Recording, export: Paper) -> dict[str, Any]:
    return {
        "export_id": export.paper_id,
        "export_sha256": export.sha256,
        "model": asked.model,
        "effective_from": asked.effective_from,
        "confirmed_at_epoch_s": asked.confirmed_at_epoch_s,
        "signatures": [
            {
                "name": asked.signatory,
                "evidence_class": asked.evidence_class,
                "shown_as": asked.shown_as,
                "reference": asked.reference,
            }
        ],
    }
