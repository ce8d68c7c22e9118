"""The coordinator's page of the link: its key, how to make one, and by when one is needed."""

import datetime as dt
from dataclasses import dataclass

from roster_sync import fetch, key_dates, key_entry, link_store, suppliers
from roster_sync.causes import OWNERS, FeedRefused
from roster_sync.key_entry import Entry
from roster_sync.links import Link
from roster_sync.school_year import local_moment
from schoolpoort import authority, clock, registry
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_PAGE = "/console/roster/key"


@dataclass(frozen=True, slots=True)
class Countdown:
    """From which day a school's supplier wants a key that works, and how many days that is."""

    due: dt.date
    days_left: int


def countdown(link: Link | None, now_epoch_s: int) -> Countdown | None:
    """Return what a school without a key that works must know; None when nothing counts down."""
    if link is None or link.has_valid_key:
        return None
    due = link_store.key_dates().get(link.supplier)
    if due is None:
        return None
    return Countdown(due, key_dates.days_left(due, amsterdam_day(now_epoch_s)))


def _coordinator(request: Request) -> tuple[Actor, str]:
    actor = authority.require_school_role(request, "ict_coordinator")
    return actor, actor.school_id or ""


def show_key(request: Request) -> Response:
    """GET /console/roster/key."""
    actor, school_id = _coordinator(request)
    now = clock.now_epoch_s()
    link = link_store.link(school_id)
    listed = suppliers.listed()
    chosen = request.query.get("supplier", link.supplier if link else "")
    supplier = listed.get(chosen) or next(iter(listed.values()), None)
    return page(
        request,
        "roster_sync/key.html",
        session=actor.session,
        link=link,
        suppliers=sorted(listed),
        supplier=supplier,
        may_be_empty=supplier is not None and fetch.general_key(supplier, now) is not None,
        countdown=countdown(link, now),
        moment=local_moment,
        help_article="authorisation-key",
    )


def receive_key(request: Request) -> Response:
    """POST /console/roster/key: try it at the LAS; store it only when the LAS accepts it."""
    actor, school_id = _coordinator(request)
    authority.require_confirmed(request, actor.session, _PAGE)
    form = request.form()
    supplier = suppliers.listed().get(form.get("supplier", ""))
    if supplier is None:
        raise BadRequest("supplier_unknown")
    school = registry.school(school_id)
    if school is None:
        raise NotFound("school_not_in_registry")
    entry = Entry(supplier, form.get("customer", ""), form.get("authorisation_key", ""))
    try:
        key_entry.enter_key(school_id, school.brin6, entry)
    except FeedRefused as error:
        logger.info("key not stored", extra={"school": school_id, "cause": error.cause.value})
        return page(
            request,
            "roster_sync/key_refused.html",
            status=422,
            session=actor.session,
            cause=error.cause,
            owner=OWNERS[error.cause],
            supplier=supplier.name,
        )
    logger.info("key stored", extra={"school": school_id, "supplier": supplier.name})
    return redirect("/console/roster?key=stored")
