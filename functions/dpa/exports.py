"""What Kennisnet's service exported of a signature: sent in, looked at, kept with the agreement."""

import re

from dpa.agreement import Agreement
from dpa.agreement_states import State
from schoolpoort import ids, paper_requests, papers
from schoolpoort.paper_requests import Recording
from schoolpoort.papers import Kind, Paper
from schoolpoort.uploads import UploadForm

PLACE = "/helpdesk/agreements/exports"
_EXPORT_ID = re.compile(r"[0-9]{1,32}-export-[0-9]{1,32}")
_SHOWN_AS = "in de dienst van Kennisnet, gezien op wat die dienst uitgaf"
_CONFIRMED = frozenset({State.ACTIVE, State.SCHEDULED})


def upload_form(board_number: str) -> UploadForm:
    """Return the form by which an export is sent in, for an agreement that has no record yet."""
    form, _ = paper_requests.upload_form(
        board_number,
        ids.new_id(),
        redirect_to=f"{PLACE}?board={board_number}&paper={{paper_id}}",
        kind=Kind.EXPORT,
    )
    return form


def find(board_number: str, paper_id: str) -> Paper | None:
    """Return an export of a board as far as it is, or None for what is no id of one."""
    if not _EXPORT_ID.fullmatch(paper_id):
        return None
    return papers.find(board_number, paper_id)


def ready(board_number: str, paper_id: str) -> Paper | None:
    """Return an export of a board that was looked at and found in order, else None."""
    found = find(board_number, paper_id)
    return found if found and found.state is papers.State.READY else None


def ask_for_record(agreement: Agreement) -> str | None:
    """Have the export kept for years; None unless two people confirmed it, or when it is."""
    if agreement.state not in _CONFIRMED:
        return None
    known = papers.of_agreement(agreement.board_number, agreement.agreement_id)
    if any(one.kind is Kind.RECORD for one in known):
        return None
    return paper_requests.keep_record(
        Recording(
            board_number=agreement.board_number,
            agreement_id=agreement.agreement_id,
            export_id=agreement.export_id,
            model=agreement.model.value,
            signatory=agreement.signatory,
            evidence_class=agreement.evidence_class.value,
            shown_as=_SHOWN_AS,
            reference=agreement.reference,
            effective_from=agreement.effective_from.isoformat(),
            confirmed_at_epoch_s=agreement.confirmed_at_epoch_s or 0,
        )
    )
