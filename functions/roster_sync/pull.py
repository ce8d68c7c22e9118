"""Pulls a school's roster from its LAS: one run, from the message to the run record."""

from dataclasses import replace

from roster_sync import store
from roster_sync.brake import Expected
from roster_sync.causes import Cause, FeedRefused
from roster_sync.fetch import fetch
from roster_sync.runs import Outcome, Result, Run
from roster_sync.school_year import school_year
from roster_sync.store import State
from roster_sync.take_over import Job, take_over
from roster_sync.uwlr_answer import NothingChanged
from schoolpoort import clock
from schoolpoort.coverage import amsterdam_day, is_covered


def pull(school_id: str, run: Run) -> None:
    """Do one run and record how it ended; a run that already ended is left alone.

    Raises SchoolBusy and StoreUnavailable, after which the same run can be done again.
    """
    state = store.state(school_id, run.run_id)
    if state.run is not None and state.run.result.outcome not in {Outcome.RUNNING, Outcome.FAILED}:
        return
    result = _pulled(school_id, run.run_id, state)
    ended = replace(run, finished_at_epoch_s=clock.now_epoch_s(), result=result)
    store.finish_run(school_id, ended)


def _pulled(school_id: str, run_id: str, state: State) -> Result:
    now = clock.now_epoch_s()
    day = amsterdam_day(now)
    if not is_covered(state.coverage, day):
        return Result(Outcome.REFUSED, Cause.NO_AGREEMENT)
    if state.link is None:
        return Result(Outcome.REFUSED, Cause.NO_LINK)
    try:
        fetched = fetch(school_id, state.link, school_year(day), now)
    except FeedRefused as error:
        return Result(Outcome.FAILED, error.cause)
    if isinstance(fetched.answer, NothingChanged):
        total = dict(state.feed.counts) if state.feed else {}
        return Result(Outcome.UNCHANGED, counts={"total": total})
    expected = Expected(fetched.brin6, school_year(day))
    source = state.link.supplier
    return take_over(Job(school_id, run_id, expected, state.feed, now, source), fetched.answer)
