"""What is settled about a pupil goes with him: his picture, his PIN and who let him in at home.

The roster says of whom the day of being forgotten may have changed; the day itself is looked up in
the roster each time, so that messages may come twice, late or in any order. Until that day
everything stays, and who comes back has it all.
"""

import json
from collections.abc import Mapping
from typing import Any

from login import home_store
from schoolpoort import clock, rosters
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Work off the messages of a batch and name those that must come again."""
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _is_done(body: str) -> bool:
    message = json.loads(body)
    school_id = str(message["school_id"])
    try:
        for person_id in message["person_ids"]:
            end = rosters.forgotten_at_epoch_s(school_id, person_id)
            if end is not None:
                # DynamoDB lets nothing go whose day is more than five years ago.
                end = max(end, clock.now_epoch_s())
            home_store.set_end(school_id, person_id, end)
    except StoreUnavailable:
        logger.warning("leavers postponed", extra={"school": school_id})
        return False
    return True
