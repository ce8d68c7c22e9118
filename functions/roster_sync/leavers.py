"""Tells who keeps what pupils have, when the day on which some are forgotten became another."""

import json

from roster_sync.model import PersonKind
from roster_sync.plan import Plan
from schoolpoort import aws
from schoolpoort.settings import require

_PEOPLE_PER_MESSAGE = 100


def tell(school_id: str, plan: Plan) -> None:
    """Queue the ids of pupils who left or came back by a plan that was written.

    Before the feed is stored: who is cut off in between tells it again, which harms nobody.
    """
    people = [
        one.after.person_id
        for one in plan.people
        if one.after.kind == PersonKind.PUPIL
        and one.before is not None
        and one.before.active != one.after.active
    ]
    for start in range(0, len(people), _PEOPLE_PER_MESSAGE):
        message = {
            "school_id": school_id,
            "person_ids": people[start : start + _PEOPLE_PER_MESSAGE],
        }
        aws.client("sqs").send_message(
            QueueUrl=require("LEAVERS_QUEUE"), MessageBody=json.dumps(message)
        )
