"""The coordinator's pages: the roster, "sync now", what a run did, and the upload of a file."""

from collections import Counter
from dataclasses import dataclass

from roster_sync import file_import, key_pages, report, roster_store, runs, store
from roster_sync.model import PersonKind
from roster_sync.records import Snapshot, StoredGroup
from roster_sync.runs import Outcome, Result, Run
from roster_sync.school_year import local_moment
from roster_sync.undo import KEPT_S
from roster_sync.xml_input import LARGEST_DOCUMENT_BYTES
from schoolpoort import authority, clock, coverage, ids, uploads
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day, covered_until, is_covered
from schoolpoort.web import NotFound, Request, Response, page, redirect

_RUNS_SHOWN = 10
_REFRESH = ("Refresh", "2")
"""A header, because a page may not refresh itself from within (WCAG 2.2.1 checkers refuse it)."""

_BYTES_PER_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class GroupRow:
    """An active group and how many pupils and staff are in it."""

    group: StoredGroup
    pupils: int
    staff: int


def _coordinator(request: Request) -> tuple[Actor, str]:
    actor = authority.require_school_role(request, "ict_coordinator")
    return actor, actor.school_id or ""


def show_roster(request: Request) -> Response:
    """GET /console/roster."""
    actor, school_id = _coordinator(request)
    now = clock.now_epoch_s()
    state = store.state(school_id)
    return page(
        request,
        "roster_sync/roster.html",
        session=actor.session,
        link=state.link,
        feed=state.feed,
        is_covered=is_covered(state.coverage, amsterdam_day(now)),
        ends_on=covered_until(state.coverage, amsterdam_day(now)),
        today=amsterdam_day(now),
        countdown=key_pages.countdown(state.link, now),
        runs=store.latest_runs(school_id, _RUNS_SHOWN),
        groups=_group_rows(roster_store.contents(school_id, now).people) if state.feed else [],
        key_stored="key" in request.query,
        now_epoch_s=now,
        moment=local_moment,
        help_article="authorisation-key",
    )


def _group_rows(snapshot: Snapshot) -> list[GroupRow]:
    pupils = _per_group(snapshot, PersonKind.PUPIL)
    staff = _per_group(snapshot, PersonKind.STAFF)
    rows = [
        GroupRow(group, pupils[group.group_id], staff[group.group_id])
        for group in snapshot.active_groups()
    ]
    return sorted(rows, key=lambda row: (row.group.kind, report.natural(row.group.name)))


def _per_group(snapshot: Snapshot, kind: PersonKind) -> Counter[str]:
    return Counter(group.group_id for one in snapshot.active(kind) for group in one.groups)


def _has_agreement(school_id: str) -> bool:
    return is_covered(coverage.of_school(school_id), amsterdam_day(clock.now_epoch_s()))


def start_sync(request: Request) -> Response:
    """POST /console/roster/sync: queue a run, or show the one that already goes on."""
    _, school_id = _coordinator(request)
    now = clock.now_epoch_s()
    latest = store.latest_runs(school_id, 1)
    if latest and not latest[0].is_finished and not latest[0].is_cut_off(now):
        return redirect(f"/console/roster/runs/{latest[0].run_id}")
    return redirect(f"/console/roster/runs/{begin_sync(school_id, now)}")


def begin_sync(school_id: str, now_epoch_s: int) -> str:
    """Queue a run that somebody waits for, and return its id."""
    run_id = runs.new_run_id(now_epoch_s, ids.new_id())
    run = Run(run_id, "now", now_epoch_s, None, Result(Outcome.RUNNING))
    store.begin_run(school_id, run)
    store.queue_sync(
        {
            "school_id": school_id,
            "trigger": "now",
            "run_id": run_id,
            "started_at_epoch_s": str(now_epoch_s),
        }
    )
    return run_id


def show_run(request: Request) -> Response:
    """GET /console/roster/runs/{run_id}: progress, then the report."""
    actor, school_id = _coordinator(request)
    run_id = request.path_parameters["run_id"]
    run = store.run(school_id, run_id) if runs.is_run_id(run_id) else None
    if run is None:
        raise NotFound("run_unknown")
    now = clock.now_epoch_s()
    is_cut_off = run.is_cut_off(now)
    response = page(
        request,
        "roster_sync/run.html",
        session=actor.session,
        run=run,
        is_cut_off=is_cut_off,
        can_restore=run.result.changed_something and now < run.started_at_epoch_s + KEPT_S,
        problem=request.query.get("not", ""),
        moment=local_moment,
    )
    if run.is_finished or is_cut_off:
        return response
    return response.with_header(*_REFRESH)


def show_file_form(request: Request) -> Response:
    """GET /console/roster/file."""
    actor, school_id = _coordinator(request)
    form = uploads.presigned_form(
        file_import.KIND,
        school_id,
        max_bytes=LARGEST_DOCUMENT_BYTES,
        redirect_to="/console/roster/file/received",
    )
    return page(
        request,
        "roster_sync/file.html",
        csp_form_action=(form.origin,),
        session=actor.session,
        form=form,
        is_covered=_has_agreement(school_id),
        max_megabytes=LARGEST_DOCUMENT_BYTES // _BYTES_PER_MEGABYTE,
    )


def show_file_received(request: Request) -> Response:
    """GET /console/roster/file/received: wait for the run of this file, then go to it."""
    actor, school_id = _coordinator(request)
    prefix = f"{file_import.KIND}/{school_id}/"
    key = request.query.get("key", "")
    if not key.startswith(prefix):
        raise NotFound("upload_unknown")
    run = file_import.run_of_upload(school_id, key.removeprefix(prefix))
    if run is not None:
        return redirect(f"/console/roster/runs/{run.run_id}")
    response = page(request, "roster_sync/file_received.html", session=actor.session)
    return response.with_header(*_REFRESH)
