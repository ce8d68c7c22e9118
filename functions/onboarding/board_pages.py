"""The home of a board: its schools at a glance, and the same as a file for an audit."""

import datetime as dt
from zoneinfo import ZoneInfo

from onboarding import board_facts, board_overview, evidence, evidence_store
from onboarding.evidence import Asked
from onboarding.evidence_store import Evidence
from schoolpoort import authority, clock, coverage, ids, registry
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import Forbidden, NotFound, Request, Response, page, redirect

_EVIDENCE = "/board/evidence"
_ZONE = ZoneInfo("Europe/Amsterdam")

SCHOOLS_ON_A_PAGE = 150
"""So many schools are read for one page; no board of DUO's list has as many."""


def show(request: Request) -> Response:
    """GET /board; `sort` may be "name", `show` "attention", `page` a number from 1."""
    actor, number = _director(request)
    today = coverage.amsterdam_day(clock.now_epoch_s())
    places = registry.locations_of_board(number)
    open_places = [place for place in places if not board_overview.is_closed(place, today)]
    first, pages = _part(request, len(open_places))
    facts, covered = board_facts.of_schools(open_places[first : first + SCHOOLS_ON_A_PAGE], today)
    lines = [board_overview.line_of(one, today) for one in facts]
    by_name = request.query.get("sort") == "name"
    only_attention = request.query.get("show") == "attention"
    shown = lines if by_name else board_overview.most_urgent_first(lines)
    return page(
        request,
        "onboarding/board.html",
        session=actor.session,
        board=registry.board(number),
        lines=[line for line in shown if line.needs_attention or not only_attention],
        total=len(lines),
        troubled=sum(line.needs_attention for line in lines),
        closed=[place for place in places if board_overview.is_closed(place, today)],
        by_name=by_name,
        only_attention=only_attention,
        page_number=first // SCHOOLS_ON_A_PAGE + 1,
        pages=pages,
        ends=coverage.ends_of(covered, today),
        today=today,
    )


def show_evidence(request: Request) -> Response:
    """GET /board/evidence: what was made before, by whom; `made` names what was made just now."""
    actor, number = _director(request)
    now = clock.now_epoch_s()
    made = request.query.get("made", "")
    return page(
        request,
        "onboarding/board_evidence.html",
        session=actor.session,
        made=evidence_store.find(number, made, now_epoch_s=now) if made else None,
        earlier=[
            (one, _moment(one.asked_at_epoch_s))
            for one in evidence_store.of_board(number, now_epoch_s=now)
        ],
    )


def make_evidence(request: Request) -> Response:
    """POST /board/evidence: make the file of all open schools and record who asked."""
    actor, number = _director(request)
    now = clock.now_epoch_s()
    today = coverage.amsterdam_day(now)
    places = registry.locations_of_board(number)
    open_places = [place for place in places if not board_overview.is_closed(place, today)]
    facts, _ = board_facts.of_schools(open_places, today)
    lines = [board_overview.line_of(one, today) for one in facts]
    board = registry.board(number)
    by = actor.session.display_name
    asked = Asked(number, board.name if board else "", by, _moment(now).isoformat())
    content = evidence.as_zip(asked, lines)
    made = Evidence(ids.new_id(), number, by, now, len(lines), evidence_store.fingerprint(content))
    evidence_store.keep(made, actor.account_id, content)
    logger.info("overview exported", extra={"board": number, "schools": len(lines)})
    return redirect(f"{_EVIDENCE}?made={made.evidence_id}")


def fetch_evidence(request: Request) -> Response:
    """GET /board/evidence/{paper_id}: the file."""
    _, number = _director(request)
    evidence_id = request.path_parameters["paper_id"]
    found = evidence_store.find(number, evidence_id, now_epoch_s=clock.now_epoch_s())
    if found is None:
        raise NotFound("no_evidence")
    return redirect(evidence_store.url(found))


def _moment(epoch_s: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch_s, _ZONE)


def _director(request: Request) -> tuple[Actor, str]:
    actor = authority.require_role(request, "board")
    if actor.board_number is None:
        raise Forbidden("not_at_a_board")
    return actor, actor.board_number


def _part(request: Request, schools: int) -> tuple[int, int]:
    """Return the number of the first school of the page that is asked for, and the last page."""
    pages = max(1, -(-schools // SCHOOLS_ON_A_PAGE))
    asked = request.query.get("page", "1")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len("1000") else 1
    return (min(max(wanted, 1), pages) - 1) * SCHOOLS_ON_A_PAGE, pages
