"""Papers of agreements: a reader of the papers table and bucket, which the papers function owns.

A paper is one file of one agreement: the offer that we render, the sheet or signed file that a
board sends back, the countersigned whole, or a bundle of all of them. Papers are made by jobs
(`paper_requests`), so a paper that was asked for and has no row yet is queued.

A function that reads needs PAPERS_TABLE with dynamodb:GetItem and dynamodb:Query. One that hands
out addresses needs PAPERS_BUCKET with s3:GetObjectVersion on the kinds it gives ("offers/*", …) and
kms:Decrypt on the data key, because an address carries the rights of the role that signed it.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schoolpoort import aws, dynamodb
from schoolpoort.settings import require

_TABLE = "PAPERS_TABLE"
_ADDRESS_LIFE_S = 300


class State(enum.StrEnum):
    """How far the job of a paper is."""

    QUEUED = "queued"
    READY = "ready"
    REFUSED = "refused"


class Kind(enum.StrEnum):
    """What a paper is; also the folder of its object in the bucket."""

    OFFER = "offers"
    """The agreement, its annexes, the school overview and the signature sheet, unsigned."""
    UPLOAD = "uploads"
    """What a board sent back: a scanned signature sheet, or the offer with a signature in it."""
    COUNTERSIGNED = "countersigned"
    """The offer with the proof of signing and our own seal; cannot be removed for years."""
    EXPORT = "exports"
    """What the helpdesk took out of Kennisnet's service to show a signature that was made there."""
    RECORD = "records"
    """Such an export after two people confirmed it; cannot be removed for years."""
    BUNDLE = "bundles"
    """A zip of everything that one board signed; gone after a day."""


class Refusal(enum.StrEnum):
    """Why a job did not make, or did not accept, a paper. Pages have a sentence for each."""

    # The file itself
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_PAPER = "not_a_paper"
    """Neither a PDF nor a JPEG or PNG picture."""
    TWO_KINDS = "two_kinds"
    """A PDF that is also something else, such as a zip or a page with a script."""
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - a reason, no secret
    TOO_MANY_PAGES = "too_many_pages"
    ACTIVE_CONTENT = "active_content"
    """It holds a script, an action that starts by itself, or a file inside it."""
    OTHER_AGREEMENT = "other_agreement"
    """Its text names an agreement, or a version of the text, and it is not ours."""
    # A signature in the file
    OTHER_TEXT = "other_text"
    """It is signed, and what is signed is not the offer that we sent."""
    NOT_SIGNED = "not_signed"
    TOO_MANY_SIGNATURES = "too_many_signatures"
    ALTERED = "altered"
    """What was signed is not what the file says now."""
    ADDED_TO = "added_to"
    """Something was added after the last signature."""
    UNKNOWN_SIGNER = "unknown_signer"
    """The certificate does not lead to an issuer that we trust."""
    LOCKED = "locked"
    """The board signed in a way that forbids any signature beside it, ours too."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    SIGNATURE_UNREADABLE = "signature_unreadable"
    # Our own making
    UNKNOWN_TEXT = "unknown_text"
    """The asked version of the agreement text is not one of this house."""
    UNKNOWN_CHARACTER = "unknown_character"
    """A name has a character that the letters of the paper do not have."""
    PAPER_MISSING = "paper_missing"
    """A paper that this one builds on is not there, or was refused."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. What only a ready one has is empty, 0 or None before.

    `sha256` is of the whole file, in 64 hexadecimal digits. `findings` says what was seen in it
    (see `functions/papers`): for an upload {"names_agreement": "yes" | "no_text", "signatures": n};
    for a countersigned paper {"evidence": …, "offer_sha256": …, "certificate_sha256": …}; for a
    record what was confirmed on it (`functions/papers/recording.py`).
    """

    board_number: str
    agreement_id: str
    paper_id: str
    kind: Kind
    state: State
    refusal: Refusal | None = None
    sha256: str = ""
    size_bytes: int = 0
    pages: int = 0
    mime: str = ""
    made_at_epoch_s: int = 0
    locked_until_epoch_s: int | None = None
    object_key: str = ""
    object_version: str = ""
    findings: Mapping[str, Any] = field(default_factory=dict)


def find(board_number: str, paper_id: str) -> Paper:
    """Return a paper of a board; one that nobody has worked on yet is queued. One GetItem."""
    key = {"board_number": board_number, "paper_id": paper_id}
    item = dynamodb.get(require(_TABLE), key, consistent=True)
    return of_item(item) if item else queued(board_number, paper_id)


def of_agreement(board_number: str, agreement_id: str) -> list[Paper]:
    """Return the papers of one agreement that were worked on; one Query."""
    return _query(board_number, f"{agreement_id}-")


def of_board(board_number: str) -> list[Paper]:
    """Return all papers of a board that were worked on, oldest first; one Query."""
    order = list(Kind)
    found = _query(board_number, "")
    return sorted(found, key=lambda paper: (paper.made_at_epoch_s, order.index(paper.kind)))


def download_address(paper: Paper, file_name: str) -> str:
    """Return an address that gives a ready paper for five minutes, saved under a name.

    The caller has checked that the person may have it. `file_name` is of plain ASCII without
    quotes: it names no person. Raises ValueError for a paper that is not ready.
    """
    if paper.state is not State.READY:
        raise ValueError(paper.state)
    wanted = {
        "Bucket": require("PAPERS_BUCKET"),
        "Key": paper.object_key,
        "VersionId": paper.object_version,
        "ResponseContentType": paper.mime,
        "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        "ResponseCacheControl": "no-store",
    }
    address: str = aws.client("s3").generate_presigned_url(
        "get_object", Params=wanted, ExpiresIn=_ADDRESS_LIFE_S
    )
    return address


def queued(board_number: str, paper_id: str) -> Paper:
    """Return a paper that was asked for; its id says what it will be.

    Raises ValueError for what is no id of a paper.
    """
    agreement_id, kind, _ = paper_id.split("-", 2)
    return Paper(board_number, agreement_id, paper_id, _KIND_OF_ID[kind], State.QUEUED)


def paper_id(agreement_id: str, kind: Kind, part: str) -> str:
    """Return the id of a paper: "<agreement>-<kind>-<part>", of letters, digits and hyphens."""
    return f"{agreement_id}-{kind.value.removesuffix('s')}-{part}"


_KIND_OF_ID = {kind.value.removesuffix("s"): kind for kind in Kind}


def of_item(item: Mapping[str, Any]) -> Paper:
    """Read a stored paper."""
    return Paper(
        board_number=item["board_number"],
        agreement_id=item["agreement_id"],
        paper_id=item["paper_id"],
        kind=Kind(item["kind"]),
        state=State(item["state"]),
        refusal=Refusal(item["refusal"]) if item["refusal"] else None,
        sha256=item["sha256"],
        size_bytes=item["size_bytes"],
        pages=item["pages"],
        mime=item["mime"],
        made_at_epoch_s=item["made_at_epoch_s"],
        locked_until_epoch_s=item["locked_until_epoch_s"],
        object_key=item["object_key"],
        object_version=item["object_version"],
        findings=item["findings"],
    )


def _query(board_number: str, prefix: str) -> list[Paper]:
    condition, values = "board_number = :board", {":board": board_number}
    if prefix:
        condition += " AND begins_with(paper_id, :prefix)"
        values[":prefix"] = prefix
    items = dynamodb.query(require(_TABLE), condition, values=values)
    return [of_item(item) for item in items]
