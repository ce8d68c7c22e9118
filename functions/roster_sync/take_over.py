"""Takes a feed over into a school: check, compare, brake, write, report.

Everything that decides is in the pure modules; this one only puts them in order around the store.
"""

from dataclasses import dataclass

from roster_sync import brake, plan, report, roster_store
from roster_sync.brake import Expected
from roster_sync.causes import Cause
from roster_sync.feed_hash import feed_hash
from roster_sync.model import Feed, PersonKind
from roster_sync.plan import Plan
from roster_sync.records import Snapshot
from roster_sync.roster_store import AppliedFeed
from roster_sync.runs import Outcome, Result
from roster_sync.screening import Screened, screen
from schoolpoort import ids
from schoolpoort.coverage import amsterdam_day


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one school, and what was applied before it."""

    school_id: str
    run_id: str
    expected: Expected
    applied: AppliedFeed | None
    now_epoch_s: int


def take_over(job: Job, feed: Feed) -> Result:
    """Make the stored school what a feed says, as far as the brake allows.

    Raises SchoolBusy when another run is changing the school.
    """
    wrong = brake.wrong_sender(feed.school, job.expected)
    if wrong is not None:
        return Result(Outcome.REFUSED, wrong, dropped=feed.dropped)
    screened = screen(feed, job.expected.school_year, amsterdam_day(job.now_epoch_s))
    digest = feed_hash(screened.roster)
    if job.applied is not None and job.applied.digest == digest:
        return _same_as_before(job.applied, feed, screened)
    roster_store.take_lease(job.school_id, job.run_id, job.now_epoch_s)
    result: Result | None = None
    try:
        result = _changed(job, feed, screened, digest)
    finally:
        if result is None or not result.changed_something:
            roster_store.give_lease_back(job.school_id, job.run_id)
    return result


def _same_as_before(applied: AppliedFeed, feed: Feed, screened: Screened) -> Result:
    waits = bool(applied.held)
    return Result(
        Outcome.HELD if waits else Outcome.UNCHANGED,
        Cause.MANY_LEAVERS if waits else None,
        counts={"total": dict(applied.counts)},
        held=applied.held,
        dropped=feed.dropped,
        warnings=screened.warnings,
    )


def _changed(job: Job, feed: Feed, screened: Screened, digest: str) -> Result:
    before = roster_store.snapshot(job.school_id)
    lacking = brake.too_little(before, screened.roster)
    if lacking is not None:
        return Result(Outcome.REFUSED, lacking, dropped=feed.dropped, warnings=screened.warnings)
    whole = plan.diff(before, screened.roster, ids.new_id)
    held = brake.leavers_held(before, whole)
    allowed = plan.without_leavers(whole, held)
    roster_store.write_plan(job.school_id, allowed)
    waiting = {kind.value: len(whole.leavers(kind)) for kind in sorted(held)}
    total = _total(plan.apply(before, allowed))
    roster_store.put_feed(
        job.school_id,
        AppliedFeed(digest, job.expected.school_year, job.now_epoch_s, total, waiting),
    )
    return Result(
        Outcome.HELD if held else Outcome.APPLIED,
        Cause.MANY_LEAVERS if held else None,
        counts=_counts(allowed, total),
        report=[line.as_item() for line in report.per_group(allowed)],
        held=waiting,
        dropped=feed.dropped,
        warnings=screened.warnings,
    )


def _total(after: Snapshot) -> dict[str, int]:
    return {
        "pupils": len(after.active(PersonKind.PUPIL)),
        "staff": len(after.active(PersonKind.STAFF)),
        "groups": len(after.active_groups()),
    }


def _counts(applied: Plan, total: dict[str, int]) -> dict[str, dict[str, int]]:
    return {
        "pupils": report.counts(applied, PersonKind.PUPIL),
        "staff": report.counts(applied, PersonKind.STAFF),
        "total": total,
    }
