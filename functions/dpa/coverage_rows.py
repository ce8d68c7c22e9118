"""The coverage of a school over all boards that held it: each board's part, within its own days.

What a board signed or declared covers a school on no day on which another board holds it, and on
no day after the school closed, whatever the agreement itself says.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dpa.agreement import Agreement
from dpa.coverage_rules import Declared, coverage_item
from dpa.transfer_grace import Grace
from schoolpoort.tenures import Tenure


@dataclass(frozen=True, slots=True)
class Signed:
    """All that a board signed and declared, and the graces of schools that came to it."""

    agreements: Sequence[Agreement] = ()
    declarations: Sequence[Declared] = ()
    graces: Mapping[str, Grace] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """A board's days at a school; `until` is the first day outside, None is without a limit."""

    board_number: str
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def is_limited(self) -> bool:
        """Say whether there is a day on which the board does not hold the school."""
        return self.since is not None or self.until is not None


def holdings_of(
    tenures: Iterable[Tenure], board_number: str, closed_on: str | None
) -> tuple[Holding, ...]:
    """Return which board holds a school when, as it is believed now, oldest first.

    A school of which no move is recorded is at the board that the registry names.
    """
    closed = dt.date.fromisoformat(closed_on) if closed_on else None
    found = [
        Holding(one.board_number, one.valid_from, one.valid_until)
        for one in tenures
        if one.known_until_epoch_s is None
    ]
    found = found or [Holding(board_number)]
    limited = [Holding(one.board_number, one.since, _first(one.until, closed)) for one in found]
    whole = [one for one in limited if _is_period(one.since, one.until)]
    return tuple(sorted(whole, key=lambda one: one.since or dt.date.min))


def row_of(
    school_id: str,
    brin6: str,
    holdings: Sequence[Holding],
    signed: Mapping[str, Signed],
    former_brin6: str | None = None,
) -> dict[str, Any]:
    """Return the coverage of a school as it is stored; `signed` is by board number.

    An agreement that lists the code which the school had before still names it.
    """
    items = [
        _part(school_id, (brin6, former_brin6), one, signed[one.board_number]) for one in holdings
    ]
    if not items:
        items = [coverage_item(school_id, brin6, "", (), ())]
    row = {
        **items[-1],
        "periods": [period for item in items for period in item["periods"]],
        "declarations": [entry for item in items for entry in item["declarations"]],
    }
    if not holdings or any(one.is_limited for one in holdings):
        row["boards"] = [_held(one) for one in holdings]
    return row


def _part(
    school_id: str, codes: tuple[str, str | None], holding: Holding, signed: Signed
) -> dict[str, Any]:
    brin6, former_brin6 = codes
    item = coverage_item(
        school_id,
        brin6,
        holding.board_number,
        signed.agreements,
        signed.declarations,
        signed.graces.get(school_id),
        former_brin6,
    )
    for name in ("periods", "declarations"):
        clipped = [_clipped(entry, holding) for entry in item[name]]
        item[name] = [one for one in clipped if one["until"] is None or one["since"] < one["until"]]
    return item


def _clipped(entry: Mapping[str, Any], holding: Holding) -> dict[str, Any]:
    """Return a period or declaration within the days of the board; days are ISO texts."""
    since, until = entry["since"], entry["until"]
    if holding.since is not None:
        since = max(since, holding.since.isoformat())
    if holding.until is not None:
        until = min(until or holding.until.isoformat(), holding.until.isoformat())
    return {**entry, "since": since, "until": until}


def _held(holding: Holding) -> dict[str, Any]:
    return {
        "board_number": holding.board_number,
        "since": holding.since.isoformat() if holding.since else None,
        "until": holding.until.isoformat() if holding.until else None,
    }


def _first(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _is_period(since: dt.date | None, until: dt.date | None) -> bool:
    return since is None or until is None or since < until
