"""How a function asks for papers: messages on the papers queue, worked off by papers.

Each request returns the id of the paper that will come; `papers.find` says how far it is. Asking
the same twice makes one paper: the id of an offer is made of everything it says, an agreement has
one countersigned paper for each paper that it builds on, and a bundle one a request.

A function that asks needs PAPERS_QUEUE with sqs:SendMessage and kms:GenerateDataKey and
kms:Decrypt on the data key; for `upload_form` also UPLOADS_BUCKET and PUBLIC_BASE_URL, with
s3:PutObject on "papers/*" there.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from schoolpoort import aws, uploads
from schoolpoort.papers import Kind, paper_id
from schoolpoort.settings import require
from schoolpoort.uploads import UploadForm

UPLOAD_KIND = "papers"
LARGEST_UPLOAD_BYTES = 10_000_000
_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Party:
    """The board as the paper names it; empty texts leave their line out.

    `board_number` has five digits and `chamber_number` (KvK) eight, both text. `legal_form` is
    what the statutes say ("stichting", "vereniging", "gemeente").
    """

    name: str
    legal_form: str
    board_number: str
    chamber_number: str
    address: str
    place: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Somebody who signs for the board; `function` as he has it there ("voorzitter")."""

    name: str
    function: str


@dataclass(frozen=True, slots=True)
class School:
    """A line of the school overview, as the registry said it on the day of the offer."""

    brin6: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that an offer says; the same offer gives the same bytes, on any day.

    `text_version` is one of `agreement_texts.versions()`; who the processor is stands in the text.
    `dated_on` is the day of the offer and the creation date in the file. `effective_from` is the
    first day in force. `covers_all_schools` says whether later schools of the board are covered
    too; else only `schools` are. At least one signatory; all of them sign.
    """

    agreement_id: str
    text_version: str
    dated_on: dt.date
    effective_from: dt.date
    board: Party
    signatories: tuple[Signatory, ...]
    covers_all_schools: bool
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """How one person signed, as the proof of signing tells it.

    `evidence_class` is the code of dpa ("scan", "central_service", "screen", "pades"), shown as
    such. `shown_as` is its Dutch sentence for the paper, for example "op het scherm, met een code
    aan het eigen e-mailadres". `reference` names an outside record; never an address.
    """

    name: str
    function: str
    evidence_class: str
    shown_as: str
    signed_at_epoch_s: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Countersigning:
    """What our seal goes under.

    `offer_id` is the offer that was signed. `upload_id` is the paper that the board sent back, or
    empty where it signed without one: a scan is named in the proof by its hash, a PDF with the
    board's own signature in it is what our seal is added to. `confirmed_at_epoch_s` is the moment
    of the second person's decision, and the time that the proof and the seal state.
    """

    board_number: str
    agreement_id: str
    offer_id: str
    upload_id: str
    signatures: tuple[Signature, ...]
    confirmed_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What was signed in Kennisnet's service, as two people saw it on an export.

    `export_id` is the paper of that export, `reference` the number that the service gave it.
    `effective_from` is the first day in force, as ISO text.
    """

    board_number: str
    agreement_id: str
    export_id: str
    model: str
    signatory: str
    evidence_class: str
    shown_as: str
    reference: str
    effective_from: str
    confirmed_at_epoch_s: int


def render_offer(offer: Offer) -> str:
    """Ask for the PDF of an offer and return its paper id."""
    said = _plain(asdict(offer))
    made_id = paper_id(offer.agreement_id, Kind.OFFER, _digest(said))
    _send("offer", offer.board.board_number, made_id, offer=said)
    return made_id


def upload_form(
    board_number: str, agreement_id: str, *, redirect_to: str, kind: Kind = Kind.UPLOAD
) -> tuple[UploadForm, str]:
    """Return a form for one file of at most 10 MB, and the id of the paper it becomes.

    `redirect_to` is a path of ours, where the browser goes after the upload; "{paper_id}" in it is
    filled in. `kind` is UPLOAD for a paper of the board, or EXPORT. The check starts by itself when
    the file is there: nothing more need be asked.
    """
    made_id = paper_id(agreement_id, kind, uploads.new_upload_id())
    form = uploads.presigned_form(
        UPLOAD_KIND,
        board_number,
        max_bytes=LARGEST_UPLOAD_BYTES,
        redirect_to=redirect_to.replace("{paper_id}", made_id),
        upload_id=made_id,
    )
    return form, made_id


def countersign(asked: Countersigning) -> str:
    """Ask for the proof of signing and our seal, and return the paper id.

    Refused with PAPER_MISSING unless the offer, and the upload where one is named, are ready.
    """
    base = _digest({"offer": asked.offer_id, "upload": asked.upload_id})
    made_id = paper_id(asked.agreement_id, Kind.COUNTERSIGNED, base)
    _send("countersign", asked.board_number, made_id, countersigning=_plain(asdict(asked)))
    return made_id


def keep_record(asked: Recording) -> str:
    """Ask to have a confirmed export kept for years, and return the paper id."""
    made_id = paper_id(asked.agreement_id, Kind.RECORD, _digest({"export": asked.export_id}))
    _send("record", asked.board_number, made_id, recording=_plain(asdict(asked)))
    return made_id


def bundle(board_number: str, *, asked_at_epoch_s: int) -> str:
    """Ask for a zip of all that a board signed, and return its paper id; one a minute is made."""
    made_id = paper_id("all", Kind.BUNDLE, f"{board_number}-{asked_at_epoch_s // 60}")
    _send("bundle", board_number, made_id)
    return made_id


def _send(job: str, board_number: str, made_id: str, **values: Any) -> None:
    message = {"job": job, "board_number": board_number, "paper_id": made_id, **values}
    aws.client("sqs").send_message(
        QueueUrl=require("PAPERS_QUEUE"), MessageBody=json.dumps(message)
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: days as text, tuples as lists."""
    return json.loads(json.dumps(value, default=dt.date.isoformat))


def _digest(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def offer_of(said: Mapping[str, Any]) -> Offer:
    """Read an offer back from its message; raises KeyError, TypeError or ValueError."""
    return Offer(
        agreement_id=said["agreement_id"],
        text_version=said["text_version"],
        dated_on=dt.date.fromisoformat(said["dated_on"]),
        effective_from=dt.date.fromisoformat(said["effective_from"]),
        board=Party(**said["board"]),
        signatories=tuple(Signatory(**entry) for entry in said["signatories"]),
        covers_all_schools=said["covers_all_schools"],
        schools=tuple(School(**entry) for entry in said["schools"]),
    )


def countersigning_of(said: Mapping[str, Any]) -> Countersigning:
    """Read what to countersign back from its message."""
    signatures = tuple(Signature(**entry) for entry in said["signatures"])
    return Countersigning(**{**said, "signatures": signatures})
