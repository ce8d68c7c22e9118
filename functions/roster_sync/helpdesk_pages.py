"""The helpdesk's look at the night: messages that gave up, and handing them out again."""

from dataclasses import dataclass

from roster_sync import night_store
from roster_sync.night_store import GivenUp
from roster_sync.school_year import local_moment
from schoolpoort import authority, registry
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page, redirect

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A message that gave up, with the name of its school where it has one."""

    given_up: GivenUp
    school: str | None


def show(request: Request) -> Response:
    """GET /helpdesk/roster."""
    actor = authority.require_role(request, "helpdesk")
    number, found = night_store.given_up()
    return page(
        request,
        "roster_sync/given_up.html",
        session=actor.session,
        number=number,
        rows=[Row(one, _name(one.school_id) if one.school_id else None) for one in found],
        again=request.query.get("again", ""),
        moment=local_moment,
    )


def _name(school_id: str) -> str | None:
    school = registry.school(school_id)
    return f"{school.name}, {school.place} ({school.brin6})" if school else None


def receive_again(request: Request) -> Response:
    """POST /helpdesk/roster/again: hand out again what gave up."""
    actor = authority.require_role(request, "helpdesk")
    done = night_store.try_again(_MOST_AT_ONCE)
    logger.info("dead letters handed out again", extra={"count": done, "by": actor.account_id})
    return redirect(f"/helpdesk/roster?again={done}")
