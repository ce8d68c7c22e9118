"""Questions to the helpdesk, and the budgets of asking. This context owns the table."""

from collections.abc import Mapping
from typing import Any

from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

SCHEMA_VERSION = 1
OPEN_LIFE_S = 365 * 24 * 3600
HANDLED_LIFE_S = 30 * 24 * 3600
"""A handled question is kept for a month, in case its person asks again."""

_BUDGET_WINDOW_S = 3600


def draw(budget: str, most: int, *, now_epoch_s: int) -> bool:
    """Count one question in this hour's budget; False when it was spent."""
    hour = now_epoch_s // _BUDGET_WINDOW_S
    try:
        dynamodb.update(
            require("QUESTIONS_TABLE"),
            {"question_id": f"budget#{budget}#{hour}"},
            "SET expires_at_epoch_s = :expires ADD spent :one",
            condition="attribute_not_exists(spent) OR spent < :most",
            values={
                ":expires": (hour + 2) * _BUDGET_WINDOW_S,
                ":one": 1,
                ":most": most,
            },
        )
    except ConditionFailed:
        return False
    return True


def ask(question_id: str, asked: Mapping[str, Any], *, now_epoch_s: int) -> None:
    """Keep a new question."""
    dynamodb.put(
        require("QUESTIONS_TABLE"),
        {
            "question_id": question_id,
            "state": "open",
            **asked,
            "asked_at_epoch_s": now_epoch_s,
            "expires_at_epoch_s": now_epoch_s + OPEN_LIFE_S,
            "schema_version": SCHEMA_VERSION,
        },
        unless_exists="question_id",
    )


def open_questions(*, limit: int = 100) -> list[Item]:
    """Return the questions that wait, the oldest first."""
    return dynamodb.query(
        require("QUESTIONS_TABLE"),
        "#state = :open",
        names={"#state": "state"},
        values={":open": "open"},
        index="by_state",
        limit=limit,
    )


def find(question_id: str) -> Item | None:
    """Return a question that waits or was handled lately, or None."""
    item = dynamodb.get(require("QUESTIONS_TABLE"), {"question_id": question_id}, consistent=True)
    return item if item and "state" in item else None


def handle(question_id: str, state: str, *, by: str, now_epoch_s: int) -> bool:
    """Close an open question; False when somebody else did so before."""
    try:
        dynamodb.update(
            require("QUESTIONS_TABLE"),
            {"question_id": question_id},
            "SET #state = :state, handled_by = :by, handled_at_epoch_s = :now,"
            " expires_at_epoch_s = :expires",
            condition="#state = :open",
            names={"#state": "state"},
            values={
                ":state": state,
                ":open": "open",
                ":by": by,
                ":now": now_epoch_s,
                ":expires": now_epoch_s + HANDLED_LIFE_S,
            },
        )
    except ConditionFailed:
        return False
    return True
