"""Our own reading of a roster: parse, check, hash, recognise, compare and judge."""

import datetime as dt
import itertools
from collections.abc import Callable

from infra.bench.subjects.roster_work import body, timed
from roster_sync import brake, feed_hash, marks, matching, plan, records, screening, uwlr_answer
from roster_sync.brake import Expected
from roster_sync.model import Feed, PersonKind, Roster
from roster_sync.records import Snapshot

_DAY = dt.date(2026, 11, 24)
_EXPECTED = Expected("99AA00", "2026-2027")
_KEY = bytes(marks.KEY_BYTES)
_SOURCE = "parnassys"


def _ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: str(next(numbers))


def _roster(content: bytes) -> Roster:
    feed = uwlr_answer.read_answer(200, content)
    if not isinstance(feed, Feed) or brake.wrong_sender(feed.school, _EXPECTED):
        raise ValueError
    return screening.screen(feed, _EXPECTED.school_year, _DAY).roster


def _stored(content: bytes) -> Snapshot:
    roster = marks.marked(_roster(content), _KEY)
    whole = plan.diff(records.EMPTY, matching.match(records.EMPTY, roster, _SOURCE), _ids())
    return plan.apply(records.EMPTY, whole)


def run() -> None:
    """Read the second file as the night after the first."""
    before = _stored(body(1))

    def read(content: bytes) -> int:
        roster = _roster(content)
        feed_hash.feed_hash(roster)
        matched = matching.match(before, marks.marked(roster, _KEY), _SOURCE)
        if brake.too_little(before, matched, _DAY) is not None:
            raise ValueError
        whole = plan.diff(before, matched, _ids())
        brake.judge(before, whole, day=_DAY, school_year=_EXPECTED.school_year)
        return sum(person.kind == PersonKind.PUPIL for person in roster.people)

    timed(read, body(2))
