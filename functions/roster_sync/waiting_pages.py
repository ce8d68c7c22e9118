"""What waits for the coordinator, person by person, and his word about it."""

from dataclasses import dataclass

from roster_sync import decide, roster_store, runs, store
from roster_sync.decide import Decision, Restore, Stale, Word
from roster_sync.held import Held, KeptApart, Waiting, part_name, version_of
from roster_sync.records import Snapshot
from roster_sync.report import natural
from roster_sync.roster_store import SchoolBusy
from roster_sync.runs import Result, Run
from roster_sync.school_year import forgotten_at_epoch_s, local_moment
from schoolpoort import authority, clock, ids
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day, is_covered
from schoolpoort.log import logger
from schoolpoort.settings import require
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

ADDRESS = "/console/roster/waiting"

_WORDS: dict[str, Word] = {
    "accept": "accept",
    "accept_all": "accept",
    "refuse": "refuse",
    "refuse_all": "refuse",
    "ask": "ask",
}
"""What the buttons of the page send; "_all" is about a whole part instead of what is ticked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A change that waits, with the names of the groups before and after it."""

    waiting: Waiting
    was_in: str | None
    goes_to: str | None


@dataclass(frozen=True, slots=True)
class PartRows:
    """The rows of one part, and what probably lies behind it."""

    name: str
    likely: str
    rows: list[Row]

    @property
    def version(self) -> str:
        """Return what changes as soon as the part is another."""
        return version_of(row.waiting for row in self.rows)


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody who is kept apart, with the names of whom it might be."""

    apart: KeptApart
    about: list[str]


def show_waiting(request: Request) -> Response:
    """GET /console/roster/waiting."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return _waiting(request, actor, said=request.query.get("said", ""))


def _waiting(
    request: Request, actor: Actor, *, said: str = "", problem: str = "", status: int = 200
) -> Response:
    school_id = actor.school_id or ""
    now = clock.now_epoch_s()
    state = store.state(school_id)
    contents = roster_store.contents(school_id, now)
    likely = dict(state.feed.likely) if state.feed else {}
    return page(
        request,
        "roster_sync/waiting.html",
        status=status,
        session=actor.session,
        parts=_parts(contents.held.waiting, contents.people, likely),
        refused=_parts(contents.held.refused, contents.people, likely),
        tasks=_tasks(contents.held, contents.people),
        is_covered=is_covered(state.coverage, amsterdam_day(now)),
        said=said,
        problem=problem,
        moment=local_moment,
        help_article="held-changes",
    )


def _parts(waiting: list[Waiting], people: Snapshot, likely: dict[str, str]) -> list[PartRows]:
    rows: dict[str, list[Row]] = {}
    for one in waiting:
        rows.setdefault(part_name(one.part), []).append(_row(one, people))
    return [
        PartRows(name, likely.get(name, ""), sorted(found, key=_by_group))
        for name, found in sorted(rows.items())
    ]


def _row(one: Waiting, people: Snapshot) -> Row:
    now = people.people.get(one.after.person_id)
    was_in = now.base_group if now else None
    goes_to = one.after.base_group if one.change != "left" else None
    return Row(one, was_in.name if was_in else None, goes_to.name if goes_to else None)


def _by_group(row: Row) -> tuple[list[tuple[int, str]], str, str]:
    after = row.waiting.after
    return natural(row.was_in or row.goes_to), after.surname.casefold(), after.given_name.casefold()


def _tasks(held: Held, people: Snapshot) -> list[Task]:
    tasks = [
        Task(one, [people.people[id_].display_name for id_ in one.about if id_ in people.people])
        for one in held.apart.values()
    ]
    return sorted(tasks, key=lambda task: (task.apart.doubt, task.apart.display_name.casefold()))


def receive_word(request: Request) -> Response:
    """POST /console/roster/waiting: accept, refuse, or let wait again what is ticked."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = actor.school_id or ""
    now = clock.now_epoch_s()
    word = _WORDS.get(request.form().get("word", ""))
    if word is None:
        raise BadRequest("word_unknown")
    state = store.state(school_id)
    if state.feed is None or not is_covered(state.coverage, amsterdam_day(now)):
        return _waiting(request, actor, problem="no_agreement", status=409)
    try:
        tokens = _tokens(request, school_id, now)
        if not tokens:
            return _waiting(request, actor, problem="nothing_ticked", status=422)
        decision = _decision(school_id, word, tokens, now)
        result = decide.decide(decision, state.feed)
    except Stale:
        return _waiting(request, actor, problem="stale", status=409)
    except SchoolBusy:
        return _waiting(request, actor, problem="busy", status=409)
    logger.info("held changes decided", extra={"school": school_id, "word": word})
    if word != "accept":
        return redirect(f"{ADDRESS}?said={word}")
    return _recorded(decision, result)


def _tokens(request: Request, school_id: str, now_epoch_s: int) -> frozenset[str]:
    """Return which changes a form is about; raises Stale when a whole part became another."""
    form = request.form()
    if not form["word"].endswith("_all"):
        return frozenset(request.form_list("change"))
    waiting = roster_store.contents(school_id, now_epoch_s).held.waiting
    part = [one for one in waiting if part_name(one.part) == form.get("part")]
    if version_of(part) != form.get("version"):
        raise Stale
    return frozenset(one.token for one in part)


def _decision(school_id: str, word: Word, tokens: frozenset[str], now_epoch_s: int) -> Decision:
    day = amsterdam_day(now_epoch_s)
    return Decision(
        school_id=school_id,
        run_id=runs.new_run_id(now_epoch_s, ids.new_id()),
        word=word,
        tokens=tokens,
        now_epoch_s=now_epoch_s,
        day=day,
        forgotten_at_epoch_s=forgotten_at_epoch_s(day, int(require("LEAVER_RETENTION_MONTHS"))),
    )


def restore_run(request: Request) -> Response:
    """POST /console/roster/runs/{run_id}/restore: take back what a run applied."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = actor.school_id or ""
    now = clock.now_epoch_s()
    of_run_id = request.path_parameters["run_id"]
    run = store.run(school_id, of_run_id) if runs.is_run_id(of_run_id) else None
    state = store.state(school_id)
    if run is None or state.feed is None:
        raise NotFound("run_unknown")
    if not is_covered(state.coverage, amsterdam_day(now)):
        return redirect(f"/console/roster/runs/{of_run_id}?not=agreement")
    decision = _decision(school_id, "accept", frozenset(), now)
    wanted = Restore(
        school_id=school_id,
        run_id=decision.run_id,
        of_run_id=of_run_id,
        now_epoch_s=now,
        day=decision.day,
        forgotten_at_epoch_s=decision.forgotten_at_epoch_s,
    )
    try:
        result = decide.restore(wanted, state.feed)
    except Stale:
        return redirect(f"/console/roster/runs/{of_run_id}?not=stale")
    except SchoolBusy:
        return redirect(f"/console/roster/runs/{of_run_id}?not=busy")
    logger.info("run taken back", extra={"school": school_id, "run": of_run_id})
    store.begin_run(school_id, Run(wanted.run_id, "restore", now, now, result))
    return redirect(f"/console/roster/runs/{wanted.run_id}")


def _recorded(decision: Decision, result: Result) -> Response:
    now = decision.now_epoch_s
    store.begin_run(decision.school_id, Run(decision.run_id, "decision", now, now, result))
    return redirect(f"/console/roster/runs/{decision.run_id}")
