"""The page on which a coordinator says who is who after the administration changed all numbers."""

from roster_sync import decide, pages, renumbering, roster_store, runs, side_by_side, store
from roster_sync.decide import Linking, Stale
from roster_sync.records import FILE
from roster_sync.renumbering import Unlinked
from roster_sync.report import natural
from roster_sync.roster_store import Contents, SchoolBusy
from roster_sync.runs import Run
from roster_sync.side_by_side import Row
from schoolpoort import authority, clock, ids
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day, is_covered
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, page, redirect

ADDRESS = "/console/roster/numbers"
_MOST_CHOICES = 100
"""How many lists to choose from a page shows; the rest follow after these are linked."""


def show_numbers(request: Request) -> Response:
    """GET /console/roster/numbers."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return _numbers(request, actor)


def _both(school_id: str, now_epoch_s: int) -> tuple[Contents, Unlinked]:
    contents = roster_store.contents(school_id, now_epoch_s)
    kept = roster_store.unlinked(school_id, now_epoch_s)
    return contents, renumbering.still_unlinked(contents.people, contents.held, kept)


def _numbers(request: Request, actor: Actor, *, problem: str = "", status: int = 200) -> Response:
    school_id = actor.school_id or ""
    now = clock.now_epoch_s()
    contents, unlinked = _both(school_id, now)
    found = sorted(side_by_side.rows(contents.people, unlinked), key=_by_group)
    return page(
        request,
        "roster_sync/numbers.html",
        status=status,
        session=actor.session,
        certain=[row for row in found if row.is_certain],
        likely=[row for row in found if row.same_name and not row.is_certain],
        alone=[row for row in found if row.candidates][:_MOST_CHOICES],
        gone=[row for row in found if not row.same_name and not row.candidates],
        new=max(0, len(unlinked.strangers) - len(unlinked.missing)),
        version=side_by_side.version_of(found),
        is_covered=is_covered(store.state(school_id).coverage, amsterdam_day(now)),
        problem=problem,
    )


def _by_group(row: Row) -> tuple[list[tuple[int, str]], str, str]:
    group = row.person.base_group
    name = row.person.surname.casefold(), row.person.given_name.casefold()
    return natural(group.name if group else None), *name


def receive_pairs(request: Request) -> Response:
    """POST /console/roster/numbers: link all certain pairs, or those that are chosen."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = actor.school_id or ""
    now = clock.now_epoch_s()
    state = store.state(school_id)
    if state.feed is None or not is_covered(state.coverage, amsterdam_day(now)):
        return _numbers(request, actor, problem="no_agreement", status=409)
    try:
        tokens = _tokens(request, school_id, now)
        if not tokens:
            return _numbers(request, actor, problem="nothing_chosen", status=422)
        if side_by_side.has_somebody_twice(tokens):
            return _numbers(request, actor, problem="twice", status=422)
        run_id = runs.new_run_id(now, ids.new_id())
        wanted = Linking(school_id, run_id, tokens, now, amsterdam_day(now))
        result = decide.link(wanted, state.feed)
    except Stale:
        return _numbers(request, actor, problem="stale", status=409)
    except SchoolBusy:
        return _numbers(request, actor, problem="busy", status=409)
    logger.info("people linked by hand", extra={"school": school_id, "pairs": len(tokens)})
    store.begin_run(school_id, Run(run_id, "link", now, now, result))
    return redirect(_next(school_id, is_linked=state.link is not None, run_id=run_id))


def _next(school_id: str, *, is_linked: bool, run_id: str) -> str:
    """Return where it goes on: to those who are left, or to a sync that brings all the rest."""
    now = clock.now_epoch_s()
    contents, unlinked = _both(school_id, now)
    if any(row.same_name or row.candidates for row in side_by_side.rows(contents.people, unlinked)):
        return f"{ADDRESS}?linked={run_id}"
    came_by_file = any(one.source == FILE for one in contents.people.people.values() if one.active)
    if not is_linked or came_by_file:
        return f"/console/roster/runs/{run_id}"
    return f"/console/roster/runs/{pages.begin_sync(school_id, now)}"


def _tokens(request: Request, school_id: str, now_epoch_s: int) -> frozenset[str]:
    """Return which pairs a form is about; raises Stale when the certain ones became others."""
    form = request.form()
    match form.get("word"):
        case "chosen":
            return frozenset(filter(None, request.form_list("pair")))
        case "certain":
            contents, unlinked = _both(school_id, now_epoch_s)
            found = side_by_side.rows(contents.people, unlinked)
            if side_by_side.version_of(found) != form.get("version"):
                raise Stale
            return frozenset(
                row.token(row.same_name) for row in found if row.is_certain and row.same_name
            )
        case _:
            raise BadRequest("word_unknown")
