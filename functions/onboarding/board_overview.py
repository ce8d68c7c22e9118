"""How the schools of a board are doing, and which of them need somebody first.

Each school has five cells: its agreement, its roster, second steps, coordinators, dormant accounts.
A cell has a level, from fine to somebody must act now, and a code that the page says in words.
"""

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolpoort.coverage import CoverageState
from schoolpoort.registry import Location
from schoolpoort.roster_nights import GOOD, SchoolNight

DORMANT_AFTER = dt.timedelta(days=180)
"""After this long without signing in an account is dormant."""

_ENDS_SOON = dt.timedelta(days=90)
_FEW_SHARE = 2
"""Fewer than one in so many with a second step is few."""


class Level(enum.StrEnum):
    """How urgent a cell is, named as badges are."""

    DANGER = "danger"
    WARNING = "warning"
    INFO = "info"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account with a role at a school; `seen_on` None before its first password."""

    is_coordinator: bool
    has_second_factor: bool
    seen_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a school today; `ends_on` is the first day without an agreement."""

    place: Location
    coverage: CoverageState
    ends_on: dt.date | None
    night: SchoolNight
    colleagues: Sequence[Colleague]


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing about a school: `number` is of `of` where it is a share."""

    level: Level
    code: str
    number: int = 0
    of: int = 0
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A school and its cells."""

    place: Location
    agreement: Cell
    roster: Cell
    second_steps: Cell
    coordinators: Cell
    dormant: Cell

    @property
    def cells(self) -> dict[str, Cell]:
        """Return the cells by name, as the page shows them."""
        return {
            "agreement": self.agreement,
            "roster": self.roster,
            "second_steps": self.second_steps,
            "coordinators": self.coordinators,
            "dormant": self.dormant,
        }

    @property
    def needs_attention(self) -> bool:
        """Say whether somebody must do something."""
        return any(self._count(level) for level in (Level.DANGER, Level.WARNING))

    @property
    def urgency(self) -> tuple[int, int, str]:
        """Return a key that sorts the most urgent school first, then by name."""
        counts = self._count(Level.DANGER), self._count(Level.WARNING)
        return (-counts[0], -counts[1], self.place.name.casefold())

    def _count(self, level: Level) -> int:
        return sum(cell.level == level for cell in self.cells.values())


def line_of(facts: Facts, today: dt.date) -> Line:
    """Judge a school on a day."""
    active = [one for one in facts.colleagues if one.seen_on is not None]
    return Line(
        place=facts.place,
        agreement=_agreement(facts, today),
        roster=_roster(facts.night),
        second_steps=_second_steps(active),
        coordinators=_coordinators(active),
        dormant=_dormant(active, today),
    )


def is_closed(place: Location, today: dt.date) -> bool:
    """Say whether a school is closed on a day."""
    return place.closed_on is not None and dt.date.fromisoformat(place.closed_on) <= today


def most_urgent_first(lines: Iterable[Line]) -> list[Line]:
    """Return the lines with what needs somebody on top."""
    return sorted(lines, key=lambda line: line.urgency)


def _agreement(facts: Facts, today: dt.date) -> Cell:
    if not facts.coverage.is_covered:
        is_waiting = facts.coverage == CoverageState.PENDING
        return Cell(Level.WARNING, "pending") if is_waiting else Cell(Level.DANGER, "uncovered")
    if facts.ends_on is None:
        return Cell(Level.SUCCESS, "covered")
    is_soon = facts.ends_on - today <= _ENDS_SOON
    return Cell(Level.WARNING if is_soon else Level.SUCCESS, "ends", day=facts.ends_on)


def _roster(night: SchoolNight) -> Cell:
    if not night.has_link:
        return Cell(Level.INFO, "file") if night.has_roster else Cell(Level.WARNING, "no_link")
    if night.outcome is None:
        return Cell(Level.INFO, "not_yet")
    if night.outcome == "running":
        return Cell(Level.INFO, "running")
    if night.outcome == "held":
        return Cell(Level.WARNING, "held")
    if night.outcome in GOOD:
        return Cell(Level.SUCCESS, "fine")
    if night.came_since:
        return Cell(Level.SUCCESS, "since")
    return Cell(Level.DANGER, _FAILURES.get(night.cause or "", "ours"))


def _second_steps(active: Sequence[Colleague]) -> Cell:
    if not active:
        return Cell(Level.INFO, "nobody")
    number = sum(one.has_second_factor for one in active)
    level = Level.WARNING if number * _FEW_SHARE < len(active) else Level.SUCCESS
    return Cell(level, "share", number, len(active))


def _coordinators(active: Sequence[Colleague]) -> Cell:
    number = sum(one.is_coordinator for one in active)
    levels = {0: Level.DANGER, 1: Level.WARNING}
    codes = {0: "nobody", 1: "one"}
    return Cell(levels.get(number, Level.SUCCESS), codes.get(number, "several"), number)


def _dormant(active: Sequence[Colleague], today: dt.date) -> Cell:
    since = today - DORMANT_AFTER
    number = sum(one.seen_on is not None and one.seen_on <= since for one in active)
    return Cell(Level.WARNING, "some", number) if number else Cell(Level.SUCCESS, "none")


_FAILURES = (
    {"no_agreement": "agreement", "no_link": "key"}
    | dict.fromkeys(
        ("key_malformed", "key_refused", "key_withdrawn", "key_needed", "customer_malformed"), "key"
    )
    | dict.fromkeys(
        (
            "las_internal",
            "las_unavailable",
            "las_unreachable",
            "las_slow",
            "las_garbled",
            "las_old_version",
            "las_web_page",
            "las_untrusted",
            "letters_broken",
        ),
        "supplier",
    )
    | dict.fromkeys(
        (
            "no_data",
            "wrong_school",
            "wrong_year",
            "feed_older",
            "empty",
            "no_groups",
            "too_few_people",
            "numbers_changed",
            "many_leavers",
            "many_new",
            "many_moved",
            "kept_apart",
        ),
        "content",
    )
)
"""Who is to act when a night fails, by cause (roster_sync.causes); all others are for us."""
