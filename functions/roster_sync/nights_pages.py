"""The helpdesk's page of all schools' nights, from what a morning counted."""

from dataclasses import dataclass

from roster_sync import bars, night_store, tally, tally_store
from roster_sync.school_year import local_moment
from roster_sync.tally import Acting
from schoolpoort import authority, clock, registry
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, page, redirect

_PAGE = "/helpdesk/roster/nights"


@dataclass(frozen=True, slots=True)
class Row:
    """A school that needs somebody, and its name; None when it is not in the list any more."""

    acting: Acting
    school: str | None


def show(request: Request) -> Response:
    """GET /helpdesk/roster/nights: the newest night that was counted, and the thirty up to now."""
    actor = authority.require_role(request, "helpdesk")
    today = amsterdam_day(clock.now_epoch_s())
    found = tally_store.latest(today)
    newest = found[-1] if found else None
    pages = -(-newest.acting // tally_store.PER_PAGE) if newest else 0
    number = _page_number(request.query.get("page", "1"), max(1, pages))
    trend = tally.nights(today, found)
    columns = [
        {state: one.totals[state] for state in tally.NEED_SOMEBODY} if one else {}
        for _, one in trend
    ]
    return page(
        request,
        "roster_sync/nights.html",
        session=actor.session,
        tally=newest,
        rows=_rows(tally_store.acting(newest.night, number - 1)) if newest and pages else [],
        number=number,
        pages=pages,
        trend=trend,
        pieces=bars.stacked(columns),
        states=tally.STATES,
        need_somebody=tally.NEED_SOMEBODY,
        given_up=night_store.number_given_up(),
        is_counted="counted" in request.query,
        moment=local_moment,
    )


def _page_number(text: str, pages: int) -> int:
    """Return which page is asked, from 1; raises NotFound for one that is not there."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0
    if not 1 <= number <= pages:
        raise NotFound("nights_page_unknown")
    return number


def _rows(found: list[Acting]) -> list[Row]:
    return [Row(one, _name(one.school_id)) for one in found]


def _name(school_id: str) -> str | None:
    school = registry.school(school_id)
    return f"{school.name}, {school.place} ({school.brin6})" if school else None


def receive_count(request: Request) -> Response:
    """POST /helpdesk/roster/nights: count last night again, as after handing messages out again."""
    actor = authority.require_role(request, "helpdesk")
    now = clock.now_epoch_s()
    counted = tally_store.count_night(amsterdam_day(now), now)
    logger.info("night counted", extra={"schools": counted.schools, "by": actor.account_id})
    return redirect(f"{_PAGE}?counted=1")
