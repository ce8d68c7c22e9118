"""The worker of the papers queue: one message, one paper, also after a crash or a duplicate.

A job ends in a row that says ready, or refused and why. What may be better later (a throttled
store, a service that is away) leaves the message on the queue.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from papers import bundle, countersigning, jobs, recording, store, upload_job
from papers.countersigning import NotYet, SealUnusable
from papers.store import AlteredPaper
from schoolpoort import aws, uploads
from schoolpoort.errors import StoreError
from schoolpoort.log import logger

_JOBS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "offer": jobs.make_offer,
    "countersign": countersigning.countersign,
    "record": recording.keep_record,
    "bundle": bundle.make_bundle,
}

_LATER = (
    StoreError,
    ClientError,
    EndpointError,
    HTTPClientError,
    NotYet,
    SealUnusable,
    AlteredPaper,
)
"""What leaves a message on the queue: what passes by itself, and what a person must look at when
it comes back for the fifth time."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off a batch of the papers queue; name the messages that must come back."""
    failures = []
    for record in event["Records"]:
        try:
            _work(json.loads(record["body"]))
        except _LATER as error:
            logger.warning("paper waits", extra={"reason": aws.failure(error)})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _work(message: Mapping[str, Any]) -> None:
    if "Records" in message:
        for created in message["Records"]:
            found = created["s3"]
            key = unquote_plus(found["object"]["key"])
            upload_job.check_upload(uploads.parse_key(found["bucket"]["name"], key))
    elif "job" in message and not store.is_worked_on(message["board_number"], message["paper_id"]):
        _JOBS[message["job"]](message)
