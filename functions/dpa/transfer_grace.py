"""The time that a school may go on under what covered it, after it went to another board.

The old board's agreement does not bind the new one. So that children are not cut off while the
new board signs, two named people may let coverage go on for at most 30 days from the transfer, on
a legal ground that is recorded. Nothing does so by itself, and a grace is never prolonged.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused

SCHEMA_VERSION = 1
LONGEST = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Grace:
    """A grace as one person proposed it; decided when another agreed.

    `board_number` is the new board, `agreement_id` what covered the school under the old one.
    `until` is the first day outside.
    """

    school_id: str
    brin6: str
    board_number: str
    from_board: str
    agreement_id: str
    since: dt.date
    until: dt.date
    legal_basis: str
    proposed_by: str
    decided_by: str = ""

    @property
    def is_decided(self) -> bool:
        """Say whether two people agreed to it."""
        return bool(self.decided_by)


def checked(grace: Grace) -> Grace:
    """Return a proposal that keeps to the rules; raises MoveRefused."""
    if not grace.proposed_by:
        raise MoveRefused(Refusal.NO_PERSON)
    if not grace.legal_basis.strip() or not grace.agreement_id:
        raise MoveRefused(Refusal.EVIDENCE_MISSING)
    if not grace.since < grace.until <= grace.since + LONGEST:
        raise MoveRefused(Refusal.GRACE_TOO_LONG)
    return grace


def decided(grace: Grace, account_id: str) -> Grace:
    """Return the grace as another person agreed to it; raises MoveRefused for the proposer."""
    if not account_id:
        raise MoveRefused(Refusal.NO_PERSON)
    if account_id == grace.proposed_by:
        raise MoveRefused(Refusal.SAME_PERSON)
    return replace(checked(grace), decided_by=account_id)


def item_of(grace: Grace) -> dict[str, Any]:
    """Return what is stored, without its key."""
    return {
        "school_id": grace.school_id,
        "brin6": grace.brin6,
        "of_board": grace.board_number,
        "from_board": grace.from_board,
        "agreement_id": grace.agreement_id,
        "since": grace.since.isoformat(),
        "until": grace.until.isoformat(),
        "legal_basis": grace.legal_basis,
        "proposed_by": grace.proposed_by,
        "decided_by": grace.decided_by,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Grace:
    """Read a stored grace."""
    return Grace(
        school_id=item["school_id"],
        brin6=item["brin6"],
        board_number=item["of_board"],
        from_board=item["from_board"],
        agreement_id=item["agreement_id"],
        since=dt.date.fromisoformat(item["since"]),
        until=dt.date.fromisoformat(item["until"]),
        legal_basis=item["legal_basis"],
        proposed_by=item["proposed_by"],
        decided_by=item["decided_by"],
    )
