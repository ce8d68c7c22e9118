"""What papers reads and writes: rows of papers, their objects, uploads.

An object is put once and never over another: whoever comes second, after a crash or with a
duplicate of the message, goes on with what stands there. Its row is written after it.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from schoolpoort import aws, dynamodb, papers, uploads
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed, SchoolpoortError
from schoolpoort.log import logger
from schoolpoort.papers import Kind, Paper
from schoolpoort.settings import require
from schoolpoort.uploads import Upload

SCHEMA_VERSION = 1
_TABLE = "PAPERS_TABLE"
_BUCKET = "PAPERS_BUCKET"
_SEAL = "seal"
"""A partition of its own, of no board: the certificates of the seal key."""
_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}


class AlteredPaper(SchoolpoortError):
    """An object is not what its row says; nothing is built on it, and a person must look."""


@dataclass(frozen=True, slots=True)
class SealCertificate:
    """A certificate of the seal key in DER, and until when it is valid."""

    number: int
    encoded: bytes
    valid_until_epoch_s: int

    @property
    def sha256(self) -> str:
        """Return the fingerprint that boards are told."""
        return hashlib.sha256(self.encoded).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """An object as it stands in the bucket."""

    content: bytes
    key: str
    version: str

    @property
    def sha256(self) -> str:
        """Return the hash of the whole file."""
        return hashlib.sha256(self.content).hexdigest()


def is_worked_on(board_number: str, paper_id: str) -> bool:
    """Say whether an earlier delivery of a message finished its paper."""
    return papers.find(board_number, paper_id).state is not papers.State.QUEUED


def keep(
    kind: Kind,
    board_number: str,
    paper_id: str,
    content: bytes,
    mime: str,
    *,
    locked_until_epoch_s: int | None = None,
) -> Kept:
    """Put an object unless it is there, and return what stands there.

    With `locked_until_epoch_s` nobody can remove or shorten it before, the account's owner
    included (Object Lock in compliance mode).
    """
    key = f"{kind.value}/{board_number}/{paper_id}{_SUFFIXES.get(mime, '')}"
    put: dict[str, Any] = {"Bucket": require(_BUCKET), "Key": key, "ContentType": mime}
    if locked_until_epoch_s is not None:
        put["ObjectLockMode"] = "COMPLIANCE"
        put["ObjectLockRetainUntilDate"] = dt.datetime.fromtimestamp(locked_until_epoch_s, dt.UTC)
    try:
        answer = aws.client("s3").put_object(Body=content, IfNoneMatch="*", **put)
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        return _standing(key)
    return Kept(content, key, answer["VersionId"])


def _standing(key: str) -> Kept:
    answer = aws.client("s3").get_object(Bucket=require(_BUCKET), Key=key)
    return Kept(answer["Body"].read(), key, answer["VersionId"])


def content_of(paper: Paper) -> bytes:
    """Return the file of a ready paper; raises AlteredPaper unless it is what was recorded."""
    found = _standing(paper.object_key)
    if found.sha256 != paper.sha256:
        raise AlteredPaper(paper.paper_id)
    return found.content


def record(paper: Paper) -> None:
    """Write the row of a finished paper, unless another delivery did so before."""
    item: Item = {
        "board_number": paper.board_number,
        "paper_id": paper.paper_id,
        "agreement_id": paper.agreement_id,
        "kind": paper.kind.value,
        "state": paper.state.value,
        "refusal": paper.refusal.value if paper.refusal else None,
        "sha256": paper.sha256,
        "size_bytes": paper.size_bytes,
        "pages": paper.pages,
        "mime": paper.mime,
        "made_at_epoch_s": paper.made_at_epoch_s,
        "locked_until_epoch_s": paper.locked_until_epoch_s,
        "object_key": paper.object_key,
        "object_version": paper.object_version,
        "findings": dict(paper.findings),
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put_once(require(_TABLE), item, key="paper_id")


def read_upload(upload: Upload, *, max_bytes: int) -> bytes | None:
    """Return an uploaded file, at most one byte more than `max_bytes`; None when it is gone."""
    try:
        return uploads.read(upload, max_bytes=max_bytes)
    except ClientError as error:
        # Without the right to list a bucket, S3 calls an absent object AccessDenied.
        if error.response["Error"]["Code"] in {"NoSuchKey", "AccessDenied"}:
            return None
        raise


def certificate(number: int) -> SealCertificate | None:
    """Return a certificate of the seal key, or None when it was not made yet."""
    item = dynamodb.get(require(_TABLE), _certificate_key(number), consistent=True)
    if item is None:
        return None
    return SealCertificate(number, item["certificate"], item["valid_until_epoch_s"])


def keep_certificate(made: SealCertificate) -> SealCertificate:
    """Store a certificate unless its number has one, and return the one that counts."""
    item = {
        **_certificate_key(made.number),
        "certificate": made.encoded,
        "valid_until_epoch_s": made.valid_until_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }
    try:
        dynamodb.put(require(_TABLE), item, unless_exists="paper_id")
    except ConditionFailed as standing:
        found = standing.item or {}
        return SealCertificate(made.number, found["certificate"], found["valid_until_epoch_s"])
    logger.info(
        "seal certificate made", extra={"number": made.number, "certificate_sha256": made.sha256}
    )
    return made


def _certificate_key(number: int) -> dict[str, str]:
    return {"board_number": _SEAL, "paper_id": f"certificate#{number}"}


def public_seal_key() -> bytes:
    """Return the public part of the seal key: SubjectPublicKeyInfo in DER."""
    answer = aws.client("kms").get_public_key(KeyId=require("SEAL_KEY_ID"))
    public: bytes = answer["PublicKey"]
    return public


def sign(message: bytes) -> bytes:
    """Return the seal key's signature (SHA-256, ECDSA) of at most 4,096 bytes, in DER."""
    answer = aws.client("kms").sign(
        KeyId=require("SEAL_KEY_ID"),
        Message=message,
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    signature: bytes = answer["Signature"]
    return signature
