"""The coordinator's pages: which publishers the school is linked to, and what they were told."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schoolpoort import authority, clock, coverage
from schoolpoort.dynamodb import Item
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect
from sso import ledger, publishers, store
from sso.registration import Publisher

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Row:
    """A publisher as a school stands with it.

    `newly_needed` are the fields that the publisher asks for since the school made the link, and
    does not get until the school renews it.
    """

    publisher: Publisher
    is_linked: bool
    is_declared: bool
    linked_at: dt.datetime | None = None
    newly_needed: tuple[str, ...] = ()


def show_publishers(request: Request) -> Response:
    """GET /console/publishers: every publisher, what it asks and why, and the school's link."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = str(actor.school_id)
    known = coverage.of_school(school_id)
    day = coverage.amsterdam_day(clock.now_epoch_s())
    links = {item["publisher_id"]: item for item in store.links(school_id)}
    return page(
        request,
        "sso/publishers.html",
        session=actor.session,
        is_covered=coverage.is_covered(known, day),
        rows=[
            _row(
                publisher,
                links.get(publisher.client_id),
                is_declared=coverage.declaration_on(known, publisher.client_id, day),
            )
            for publisher in publishers.listed()
        ],
        changed=request.query.get("changed", ""),
    )


def _row(publisher: Publisher, link: Item | None, *, is_declared: bool) -> Row:
    if link is None:
        return Row(publisher, is_linked=False, is_declared=is_declared)
    return Row(
        publisher,
        is_linked=True,
        is_declared=is_declared,
        linked_at=_moment(link["linked_at_epoch_s"]),
        newly_needed=tuple(sorted(publisher.needed_fields - set(link.get("fields", ())))),
    )


def change_link(request: Request) -> Response:
    """POST /console/publishers/{publisher_id}: link, renew the link, or unlink; twice is once."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = str(actor.school_id)
    publisher = publishers.find(request.path_parameters["publisher_id"])
    if publisher is None:
        raise NotFound("publisher_unknown")
    form = request.form()
    action = form.get("action")
    if action == "link":
        _link(school_id, publisher, form, linked_by=actor.account_id)
    elif action == "unlink":
        store.delete_link(school_id, publisher.client_id)
    else:
        raise BadRequest("action_unknown")
    extra = {"action": action, "school": school_id, "client_id": publisher.client_id}
    logger.info("school link changed", extra=extra)
    return redirect(f"/console/publishers?changed={action}")


def _link(school_id: str, publisher: Publisher, form: dict[str, str], *, linked_by: str) -> None:
    """Store the link with the fields that the coordinator saw asked on the page, and no others."""
    seen = frozenset(form.get("fields", "").split()) & publisher.needed_fields
    store.put_link(
        {
            "school_id": school_id,
            "publisher_id": publisher.client_id,
            "publisher_name": publisher.name,
            "fields": sorted(seen),
            "linked_at_epoch_s": clock.now_epoch_s(),
            "linked_by": linked_by,
            "schema_version": 1,
        }
    )


def show_shared(request: Request) -> Response:
    """GET /console/shared: what left to whom, when and why; the latest releases."""
    actor = authority.require_school_role(request, "ict_coordinator")
    entries = [ledger.of_item(item) for item in store.ledger(str(actor.school_id))]
    return page(
        request,
        "sso/shared.html",
        session=actor.session,
        shared=ledger.by_publisher(entries),
        is_cut_off=len(entries) == store.LEDGER_ROWS_SHOWN,
        moment=_moment,
    )


def _moment(epoch_s: int) -> dt.datetime:
    """Return a moment as the clock in the Netherlands shows it."""
    return dt.datetime.fromtimestamp(epoch_s, _AMSTERDAM)
