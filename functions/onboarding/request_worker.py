"""Takes in signed papers and requests by mail, as S3 reports them on the request queue."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from onboarding import mail_intake, pdf_facts, request_flow, request_store
from onboarding.request_states import State
from schoolpoort import aws, uploads
from schoolpoort.errors import StoreError
from schoolpoort.log import logger
from schoolpoort.uploads import Upload

_LARGEST_MAIL_BYTES = 16 * 1024 * 1024
_WAITING = frozenset({State.RECEIVED, State.INCOMPLETE, State.TO_REVIEW})


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off a batch of the queue; name the messages that must come back."""
    failures = []
    for record in event["Records"]:
        try:
            for reported in json.loads(record["body"]).get("Records", []):
                _take(reported["s3"])
        except (StoreError, ClientError, BotoCoreError, request_store.ChangedMeanwhile) as error:
            logger.warning("request waits", extra={"reason": type(error).__name__})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _take(place: Mapping[str, Any]) -> None:
    bucket, key = place["bucket"]["name"], place["object"]["key"]
    if key.startswith("mail/"):
        upload = Upload("mail", None, key, bucket, key)
        _take_mail(upload)
    else:
        upload = uploads.parse_key(bucket, key)
        _take_paper(upload)
    uploads.remove(upload)


def _take_paper(upload: Upload) -> None:
    found = request_store.find(str(upload.school_id))
    if found is None or found.state not in _WAITING:
        return
    content = _content(upload, pdf_facts.LARGEST_BYTES)
    if content is not None:
        request_flow.take_paper(found, content)


def _take_mail(upload: Upload) -> None:
    """Make a request of a mail; its paper comes along when there is one."""
    content = _content(upload, _LARGEST_MAIL_BYTES)
    if content is None:
        return
    mail = mail_intake.read(content)
    if mail is None:
        logger.info("mail is no request")
        return
    made = request_flow.submit(
        mail.claim, channel="mail", language="nl", mail_verdicts=mail.verdicts
    )
    if mail.paper:
        request_flow.take_paper(made, mail.paper)


def _content(upload: Upload, most_bytes: int) -> bytes | None:
    """Return a file, or None where it was taken in and removed already."""
    try:
        return uploads.read(upload, max_bytes=most_bytes)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
            return None
        logger.warning("file not read", extra={"reason": aws.failure(error)})
        raise
