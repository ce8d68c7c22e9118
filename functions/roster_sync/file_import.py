"""Imports an uploaded EDEXML file: the same pipeline as a pull, from another door."""

from dataclasses import replace

from roster_sync import runs, store
from roster_sync.brake import Expected
from roster_sync.causes import Cause, FeedRefused
from roster_sync.edexml_file import read_file
from roster_sync.runs import Outcome, Result, Run
from roster_sync.school_year import school_year
from roster_sync.take_over import Job, take_over
from roster_sync.xml_input import LARGEST_DOCUMENT_BYTES
from schoolpoort import clock, registry, uploads
from schoolpoort.coverage import amsterdam_day, is_covered
from schoolpoort.uploads import Upload

KIND = "edexml"
_RECENT_RUNS = 20


def import_file(school_id: str, upload: Upload) -> None:
    """Import one uploaded file, remove it, and record how that ended.

    A file that is already gone was imported by an earlier delivery of its message. Raises
    SchoolBusy and StoreUnavailable, after which the file is still there for another try.
    """
    content = store.read_upload(upload, max_bytes=LARGEST_DOCUMENT_BYTES)
    if content is None:
        return
    run = run_of_upload(school_id, upload.upload_id)
    if run is None:
        run = _new_run(upload.upload_id)
        store.begin_run(school_id, run)
    result = _imported(school_id, run, content)
    uploads.remove(upload)
    ended = replace(run, finished_at_epoch_s=clock.now_epoch_s(), result=result)
    store.finish_run(school_id, ended)


def run_of_upload(school_id: str, upload_id: str) -> Run | None:
    """Return the run of an upload, or None when it has not begun."""
    recent = store.latest_runs(school_id, _RECENT_RUNS)
    return next((run for run in recent if run.run_id.endswith(f"-{upload_id}")), None)


def _new_run(upload_id: str) -> Run:
    now = clock.now_epoch_s()
    return Run(runs.new_run_id(now, upload_id), "file", now, None, Result(Outcome.RUNNING))


def _imported(school_id: str, run: Run, content: bytes) -> Result:
    now = clock.now_epoch_s()
    day = amsterdam_day(now)
    state = store.state(school_id)
    if not is_covered(state.coverage, day):
        return Result(Outcome.REFUSED, Cause.NO_AGREEMENT)
    try:
        feed = read_file(content)
    except FeedRefused as error:
        return Result(Outcome.REFUSED, error.cause)
    school = registry.school(school_id)
    if school is None:
        return Result(Outcome.REFUSED, Cause.WRONG_SCHOOL)
    # A system goes on with the code before for a while after a school got another BRIN.
    is_former = feed.school.brin6 is not None and feed.school.brin6 == school.former_brin6
    code = school.former_brin6 if is_former and school.former_brin6 else school.brin6
    expected = Expected(code, school_year(day))
    return take_over(Job(school_id, run.run_id, expected, state.feed, now), feed)
