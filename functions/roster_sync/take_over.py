"""Takes a feed over into a school: check, compare, brake, write, report.

Everything that decides is in the pure modules; this one only puts them in order around the store.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roster_sync import (
    brake,
    eck_marks,
    eck_store,
    held,
    leavers,
    plan,
    renumbering,
    report,
    roster_store,
)
from roster_sync.brake import Expected, Verdict
from roster_sync.causes import Cause
from roster_sync.feed_hash import feed_hash
from roster_sync.held import APART, Held, part_name
from roster_sync.likely import likely
from roster_sync.mark_key import mark_key
from roster_sync.marks import marked
from roster_sync.matching import Matched, match
from roster_sync.model import Feed, PersonKind, Roster
from roster_sync.plan import Change, Plan
from roster_sync.records import FILE, Snapshot
from roster_sync.roster_store import AppliedFeed, Contents
from roster_sync.runs import Outcome, Result
from roster_sync.school_year import forgotten_at_epoch_s
from roster_sync.screening import Screened, screen
from roster_sync.undo import undo_of
from schoolpoort import ids
from schoolpoort.coverage import amsterdam_day
from schoolpoort.settings import require

_CAUSES = {
    Change.LEFT: Cause.MANY_LEAVERS,
    Change.ADDED: Cause.MANY_NEW,
    Change.MOVED: Cause.MANY_MOVED,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one school, and what was applied before it.

    `source` is whose keys the feed has: a supplier, or "file".
    """

    school_id: str
    run_id: str
    expected: Expected
    applied: AppliedFeed | None
    now_epoch_s: int
    source: str = FILE

    @property
    def day(self) -> dt.date:
        """Return the day in the Netherlands."""
        return amsterdam_day(self.now_epoch_s)

    @property
    def forgotten_at_epoch_s(self) -> int:
        """Return when those who leave now are forgotten."""
        return forgotten_at_epoch_s(self.day, int(require("LEAVER_RETENTION_MONTHS")))


def take_over(job: Job, feed: Feed) -> Result:
    """Make the stored school what a feed says, as far as the brake allows.

    Raises SchoolBusy when another run is changing the school.
    """
    wrong = brake.wrong_sender(feed.school, job.expected)
    if wrong is not None:
        return Result(Outcome.REFUSED, wrong, dropped=feed.dropped)
    screened = screen(feed, job.expected.school_year, job.day)
    digest = feed_hash(screened.roster)
    if job.applied is not None and job.applied.digest == digest:
        return _same_as_before(job.applied, feed, screened)
    if job.applied is not None and brake.is_older(
        feed.school.made_at_epoch_s, job.applied.made_at_epoch_s
    ):
        return _refused(Cause.FEED_OLDER, feed, screened)
    roster_store.take_lease(job.school_id, job.run_id, job.now_epoch_s)
    result: Result | None = None
    try:
        result = _changed(job, feed, screened, digest)
    finally:
        if result is None or not result.changed_something:
            roster_store.give_lease_back(job.school_id, job.run_id)
    return result


def _refused(cause: Cause, feed: Feed, screened: Screened) -> Result:
    return Result(Outcome.REFUSED, cause, dropped=feed.dropped, warnings=screened.warnings)


def _same_as_before(applied: AppliedFeed, feed: Feed, screened: Screened) -> Result:
    return Result(
        Outcome.HELD if applied.held else Outcome.UNCHANGED,
        cause_of(applied.held),
        counts={"total": dict(applied.counts)},
        held=applied.held,
        likely=applied.likely,
        dropped=feed.dropped,
        warnings=screened.warnings,
    )


def cause_of(waiting: Mapping[str, int]) -> Cause | None:
    """Return the cause to name for what waits, by part; None when nothing does."""
    names = waiting.keys()
    for change, cause in _CAUSES.items():
        if any(name == part_name((change, kind)) for kind in PersonKind for name in names):
            return cause
    return Cause.KEPT_APART if APART in names else None


def _changed(job: Job, feed: Feed, screened: Screened, digest: str) -> Result:
    before = roster_store.contents(job.school_id, job.now_epoch_s)
    recognisable = _recognisable(screened.roster)
    matched = match(before.people, recognisable, job.source)
    lacking = brake.too_little(before.people, matched, job.day, before.held.refused)
    eck_ids = list(eck_store.values_of(screened.roster, recognisable))
    if lacking == Cause.TOO_FEW_PEOPLE:
        lacking = _with_hand_work(job, before, matched, eck_ids)
    if lacking is not None:
        return _refused(lacking, feed, screened)
    verdict, now_held = _judged(job, before, matched)
    after = plan.apply(before.people, verdict.tonight)
    reverse = undo_of(before.people, verdict.tonight)
    roster_store.keep_undo(job.school_id, job.run_id, reverse, job.now_epoch_s)
    eck_moves = eck_marks.moves(
        eck_marks.ends_of(before.people, before.held),
        eck_marks.ends_of(after, now_held),
        job.now_epoch_s,
    )
    eck_store.settle(job.school_id, eck_moves, eck_ids)
    roster_store.write_plan(job.school_id, verdict.tonight)
    roster_store.write_held(job.school_id, before.held, now_held)
    leavers.tell(job.school_id, verdict.tonight)
    applied = AppliedFeed(
        digest,
        job.expected.school_year,
        job.now_epoch_s,
        total(after),
        now_held.counts(),
        explained(now_held, after, job.day),
        _made_at(feed, job),
    )
    roster_store.put_feed(job.school_id, applied)
    return Result(
        Outcome.HELD if applied.held else Outcome.APPLIED,
        cause_of(applied.held),
        counts=counts(verdict.tonight, applied.counts),
        report=[line.as_item() for line in report.per_group(verdict.tonight)],
        held=applied.held,
        likely=applied.likely,
        dropped=feed.dropped,
        warnings=screened.warnings,
    )


def _made_at(feed: Feed, job: Job) -> int | None:
    """Return when a feed was made, at the latest now: a clock that is ahead must bar nobody."""
    made_at = feed.school.made_at_epoch_s
    return None if made_at is None else min(made_at, job.now_epoch_s)


def _with_hand_work(
    job: Job, before: Contents, matched: Matched, eck_ids: Iterable[tuple[str, str]]
) -> Cause:
    """Keep who would have to be linked by hand, where most people only got other numbers."""
    unlinked = renumbering.unlinked_of(before.people, matched)
    if not renumbering.looks_renumbered(before.people, unlinked):
        return Cause.TOO_FEW_PEOPLE
    roster_store.keep_unlinked(job.school_id, job.run_id, unlinked, job.now_epoch_s)
    marks = {one.eck_mark for one in unlinked.strangers}
    values = {mark: eck_id for mark, eck_id in eck_ids if mark in marks}
    eck_store.keep(job.school_id, values, job.now_epoch_s + renumbering.KEPT_S)
    return Cause.NUMBERS_CHANGED


def _recognisable(roster: Roster) -> Roster:
    """Return a roster with marks for its ECK iDs; without any the key of marks stays closed."""
    if all(person.eck_id is None for person in roster.people):
        return roster
    return marked(roster, mark_key())


def _judged(job: Job, before: Contents, matched: Matched) -> tuple[Verdict, Held]:
    whole = plan.diff(
        before.people,
        matched,
        ids.new_id,
        erased_at_epoch_s=job.forgotten_at_epoch_s,
        awaited=before.held.newcomers,
    )
    verdict = brake.judge(
        before.people,
        whole,
        day=job.day,
        school_year=job.expected.school_year,
        refused=before.held.refused,
        is_first=job.applied is None,
    )
    ending = {group.group_id for group in whole.groups if not group.active}
    ended = {group.group_id for group in verdict.tonight.groups if not group.active}
    return verdict, held.held(verdict.waiting, verdict.refused, matched.apart, ending - ended)


def explained(now_held: Held, people: Snapshot, day: dt.date) -> dict[str, str]:
    """Return the likeliest explanation of each part that waits."""
    waiting = now_held.waiting
    parts = sorted({one.part for one in waiting})
    turns = brake.year_turns(day)
    return {
        part_name(part): likely(
            part,
            [one for one in waiting if one.part == part],
            waiting,
            people,
            year_turns=turns,
        ).value
        for part in parts
    }


def total(after: Snapshot) -> dict[str, int]:
    """Return how many people and groups are at a school."""
    return {
        "pupils": len(after.active(PersonKind.PUPIL)),
        "staff": len(after.active(PersonKind.STAFF)),
        "groups": len(after.active_groups()),
    }


def counts(applied: Plan, now_there: Mapping[str, int]) -> dict[str, Any]:
    """Return what a run record counts of a plan."""
    return {
        "pupils": report.counts(applied, PersonKind.PUPIL),
        "staff": report.counts(applied, PersonKind.STAFF),
        "total": dict(now_there),
    }
