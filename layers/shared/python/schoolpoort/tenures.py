"""Which board held a school when, and what we knew of that when: a reader of the registry table.

Two times, never one: a period holds from `valid_from` up to (not on) `valid_until`, and we believed
so from `known_from_epoch_s` up to `known_until_epoch_s`. A correction ends what was believed and
adds what is believed now, so that "what did we think on 3 March" stays answerable. Onboarding
writes; a school whose board never changed has no item, and its board is that of its location.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort import dynamodb
from schoolpoort.settings import require

_PREFIX = "tenure#"


@dataclass(frozen=True, slots=True)
class Tenure:
    """A board's period at a school; None is without a known begin or end."""

    board_number: str
    valid_from: dt.date | None
    valid_until: dt.date | None
    known_from_epoch_s: int
    known_until_epoch_s: int | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Say whether a day lies in the period."""
        has_begun = self.valid_from is None or self.valid_from <= day
        return has_begun and (self.valid_until is None or day < self.valid_until)

    def is_believed_at(self, epoch_s: int) -> bool:
        """Say whether we believed this at a moment."""
        is_over = self.known_until_epoch_s is not None and self.known_until_epoch_s <= epoch_s
        return self.known_from_epoch_s <= epoch_s and not is_over


def key(school_id: str) -> dict[str, str]:
    """Return the key of a school's item."""
    return {"entry": f"{_PREFIX}{school_id}"}


def board_on(tenures: Iterable[Tenure], day: dt.date, *, known_at_epoch_s: int) -> str | None:
    """Return the board of a school on a day, as it was known at a moment; None where unknown."""
    for tenure in tenures:
        if tenure.holds_on(day) and tenure.is_believed_at(known_at_epoch_s):
            return tenure.board_number
    return None


def of_schools(school_ids: Iterable[str]) -> dict[str, tuple[Tenure, ...]]:
    """Return what is recorded of each school, nothing for most; a BatchGetItem per hundred."""
    wanted = list(dict.fromkeys(school_ids))
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, key(school_id)) for school_id in wanted])
    return {school_id: from_item(item) for school_id, item in zip(wanted, items, strict=True)}


def from_item(item: Mapping[str, Any] | None) -> tuple[Tenure, ...]:
    """Read the tenures of a stored item."""
    return () if item is None else tuple(_tenure(each) for each in item["tenures"])


def to_item(school_id: str, tenures: Iterable[Tenure]) -> dict[str, Any]:
    """Return the item of a school's tenures."""
    return {**key(school_id), "tenures": [_packed(tenure) for tenure in tenures]}


def _tenure(each: Mapping[str, Any]) -> Tenure:
    return Tenure(
        board_number=each["board_number"],
        valid_from=_date(each["valid_from"]),
        valid_until=_date(each["valid_until"]),
        known_from_epoch_s=each["known_from_epoch_s"],
        known_until_epoch_s=each["known_until_epoch_s"],
    )


def _packed(tenure: Tenure) -> dict[str, Any]:
    return {
        "board_number": tenure.board_number,
        "valid_from": tenure.valid_from.isoformat() if tenure.valid_from else None,
        "valid_until": tenure.valid_until.isoformat() if tenure.valid_until else None,
        "known_from_epoch_s": tenure.known_from_epoch_s,
        "known_until_epoch_s": tenure.known_until_epoch_s,
    }


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
