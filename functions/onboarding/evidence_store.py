"""What is kept of overviews that a board asked for: the file, and who asked when."""

import hashlib
from dataclasses import dataclass

from schoolpoort import aws, dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

SCHEMA_VERSION = 1
KEPT_S = 730 * 24 * 3600
"""Two years, as the bucket keeps its files."""

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """An overview that was made; `sha256` is the fingerprint of its file."""

    evidence_id: str
    board_number: str
    asked_by: str
    asked_at_epoch_s: int
    schools: int
    sha256: str


def keep(evidence: Evidence, account_id: str, content: bytes) -> None:
    """Keep a file and the record of it; cut off in between there is a file that nobody finds."""
    bucket, key = require("REQUEST_PAPERS_BUCKET"), _file_key(evidence)
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/zip")
    item = {
        "entry": _entry(evidence.board_number, evidence.evidence_id),
        "queue": f"evidence#{evidence.board_number}",
        "received_at_epoch_s": evidence.asked_at_epoch_s,
        "evidence_id": evidence.evidence_id,
        "board_number": evidence.board_number,
        "asked_by": evidence.asked_by,
        "account_id": account_id,
        "schools": evidence.schools,
        "sha256": evidence.sha256,
        "expires_at_epoch_s": evidence.asked_at_epoch_s + KEPT_S,
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put(require("REQUESTS_TABLE"), item, unless_exists="entry")


def find(board_number: str, evidence_id: str, *, now_epoch_s: int) -> Evidence | None:
    """Return an overview of a board, or None; one GetItem."""
    key = {"entry": _entry(board_number, evidence_id)}
    item = dynamodb.get(require("REQUESTS_TABLE"), key, consistent=True)
    return _evidence(item) if item and now_epoch_s < item["expires_at_epoch_s"] else None


def of_board(board_number: str, *, now_epoch_s: int) -> list[Evidence]:
    """Return the last overviews of a board, newest first; one Query of an index."""
    items = dynamodb.query(
        require("REQUESTS_TABLE"),
        "queue = :board",
        values={":board": f"evidence#{board_number}"},
        index="by_queue",
        newest_first=True,
        limit=_SHOWN,
    )
    return [_evidence(item) for item in items if now_epoch_s < item["expires_at_epoch_s"]]


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def url(evidence: Evidence) -> str:
    """Return an address at which somebody may fetch the file for a minute."""
    name = f"schoolpoort-{evidence.board_number}.zip"
    return str(
        aws.client("s3").generate_presigned_url(
            "get_object",
            Params={
                "Bucket": require("REQUEST_PAPERS_BUCKET"),
                "Key": _file_key(evidence),
                "ResponseContentDisposition": f'attachment; filename="{name}"',
                "ResponseContentType": "application/zip",
            },
            ExpiresIn=60,
        )
    )


def _entry(board_number: str, evidence_id: str) -> str:
    return f"evidence#{board_number}#{evidence_id}"


def _file_key(evidence: Evidence) -> str:
    return f"evidence/{evidence.board_number}/{evidence.evidence_id}.zip"


def _evidence(item: Item) -> Evidence:
    return Evidence(
        evidence_id=item["evidence_id"],
        board_number=item["board_number"],
        asked_by=item["asked_by"],
        asked_at_epoch_s=item["received_at_epoch_s"],
        schools=item["schools"],
        sha256=item["sha256"],
    )
