"""The worker of the roster queue: syncs one school, or imports one uploaded file, per message.

What the scheduler could not start comes here too, when the helpdesk hands it out again.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from roster_sync import file_import, key_watch, planner, runs
from roster_sync.pull import pull
from roster_sync.roster_store import SchoolBusy
from roster_sync.runs import Outcome, Result, Run
from schoolpoort import clock, uploads
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off the messages of a batch and name those that must come again."""
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _is_done(record: Mapping[str, Any]) -> bool:
    try:
        message = json.loads(record["body"])
    except ValueError:
        logger.warning("message let go", extra={"reason": "no_json"})
        return True
    try:
        if "Records" in message:
            for created in message["Records"]:
                _import(created["s3"])
        elif "school_id" in message and "trigger" in message:
            _sync(message)
        elif message == {} or "job" in message:
            _start(message)
    except (SchoolBusy, StoreUnavailable) as error:
        reason = type(error).__name__
        logger.warning("roster run postponed", extra={"reason": reason})
        return False
    return True


def _start(message: Mapping[str, str]) -> None:
    """Do what a schedule asks; one that says nothing may be either, and both may run twice."""
    if message.get("job", "night") == "night":
        planner.handler(message, None)
    if message.get("job", "keys") == "keys":
        key_watch.handler(message, None)


def _sync(message: Mapping[str, str]) -> None:
    now = clock.now_epoch_s()
    if message["trigger"] == "night":
        run_id = runs.night_run_id(dt.date.fromisoformat(message["night"]))
        run = Run(run_id, "night", now, None, Result(Outcome.RUNNING))
    else:
        started = int(message["started_at_epoch_s"])
        run = Run(message["run_id"], "now", started, None, Result(Outcome.RUNNING))
    pull(message["school_id"], run)


def _import(created: Mapping[str, Any]) -> None:
    upload = uploads.parse_key(created["bucket"]["name"], unquote_plus(created["object"]["key"]))
    if upload.school_id is None or upload.kind != file_import.KIND:
        return
    file_import.import_file(upload.school_id, upload)
