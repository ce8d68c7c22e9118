"""The home of a board: its schools at a glance."""

from onboarding import board_facts, board_overview
from schoolpoort import authority, clock, coverage, registry
from schoolpoort.authority import Actor
from schoolpoort.web import Forbidden, Request, Response, page

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
