"""The coordinator's page of the record: what happened lately, is it whole, and a file of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from login import audit, seal_store, seals
from login.seal_store import Record
from schoolpoort import authority, clock, memberships
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, page

SHOWN = 100
MOST_IN_A_FILE = 8_000
"""So many events with their seals stay under the 6 MB that an answer of Lambda may have."""

_PLACE = "/console/events"
_ZONE = ZoneInfo("Europe/Amsterdam")
_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the begin of a day to the begin of another, in the Netherlands."""

    first: dt.date
    last: dt.date

    def ids(self) -> tuple[str, str]:
        """Return between which ids the events of the period stand."""
        return (_begin_of(self.first), _begin_of(self.last + _A_DAY))


def show(request: Request) -> Response:
    """GET /console/events: the latest of the staff; `?check=1` holds all against the seals."""
    actor = authority.require_school_role(request, "ict_coordinator")
    return _page(request, actor)


def download(request: Request) -> Response:
    """GET /console/events/file?from=…&to=…&format=csv|json: the record of some days."""
    actor = authority.require_school_role(request, "ict_coordinator")
    authority.require_confirmed(request, actor.session, _PLACE)
    period = _period(request.query)
    if period is None:
        return _page(request, actor, wrong="period", status=400)
    kind = request.query.get("format", "csv")
    if kind not in {"csv", "json"}:
        raise BadRequest("format_unknown")
    streams = _streams(actor)
    first, last = period.ids()
    found = [
        _unexpired(seal_store.events_between(one, first, last, limit=MOST_IN_A_FILE + 1))
        for one in streams
    ]
    if sum(map(len, found)) > MOST_IN_A_FILE:
        return _page(request, actor, wrong="too_many", status=400)
    addresses = seal_store.addresses_between(streams[0], first, last)
    from login import event_export  # noqa: PLC0415 - a sign-in needs no spreadsheets

    logger.info("record exported", extra={"school": actor.school_id, "kind": kind})
    if kind == "csv":
        events = sorted((event for one in found for event in one), key=_id_of)
        return _file(period, "csv", "text/csv", event_export.as_csv(events, addresses))
    records = [
        _part_of(one, events, first, last) for one, events in zip(streams, found, strict=True)
    ]
    text = event_export.as_json(records, (first, last), addresses, now_epoch_s=clock.now_epoch_s())
    return _file(period, "json", "application/json", text)


def _part_of(stream: str, events: list[dict[str, Any]], first: str, last: str) -> Record:
    """Return a part of a stream with the seals of that part: some reach beyond it."""
    record = seal_store.chain_of(stream)
    chain = [
        one
        for one in record.chain
        if one["entries"][0]["event_id"] < last and first <= one["entries"][-1]["event_id"]
    ]
    return Record(record.head, chain, events)


def _file(period: Period, ending: str, kind: str, text: str) -> Response:
    name = f"schoolpoort-{period.first}-{period.last}.{ending}"
    headers = (
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Content-Disposition", f'attachment; filename="{name}"'),
    )
    return Response(200, text, headers)


def _streams(actor: Actor) -> tuple[str, str]:
    school_id = str(actor.school_id)
    return audit.staff_stream(school_id), audit.pupils_stream(school_id)


def _period(query: Mapping[str, str]) -> Period | None:
    try:
        first = dt.date.fromisoformat(query.get("from", ""))
        last = dt.date.fromisoformat(query.get("to", ""))
        period = Period(first, last)
        period.ids()
    except (ValueError, OverflowError):
        return None
    return period if first <= last else None


def _begin_of(day: dt.date) -> str:
    begin = dt.datetime.combine(day, dt.time(), _ZONE)
    return f"{max(0, int(begin.timestamp())):012d}"


def _unexpired(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what may be forgotten: the store takes it away some time later."""
    now = clock.now_epoch_s()
    return [event for event in events if now < event["expires_at_epoch_s"]]


def _id_of(event: Mapping[str, Any]) -> str:
    return str(event["event_id"])


def _checked(actor: Actor) -> seals.Verdict:
    """Hold both streams of the school against their seals, as one verdict."""
    records = [seal_store.record_of(stream) for stream in _streams(actor)]
    now = clock.now_epoch_s()
    found = [
        seals.verify(record.head, record.chain, record.events, now_epoch_s=now)
        for record in records
    ]
    return seals.Verdict(
        faults=tuple(fault for one in found for fault in one.faults),
        seals=sum(one.seals for one in found),
        sealed=sum(one.sealed for one in found),
        waiting=sum(one.waiting for one in found),
    )


def _page(request: Request, actor: Actor, *, wrong: str = "", status: int = 200) -> Response:
    today = dt.datetime.fromtimestamp(clock.now_epoch_s(), _ZONE).date()
    names = {one.account_id: one.display_name for one in memberships.in_scope(actor.scope)}
    events = _unexpired(seal_store.latest_events(_streams(actor)[0], SHOWN))
    verdict = _checked(actor) if request.query.get("check") == "1" else None
    if verdict is not None:
        faults = [f"{fault.code} {fault.at}" for fault in verdict.faults]
        logger.info("record checked", extra={"school": actor.school_id, "faults": faults})
    return page(
        request,
        "login/events.html",
        status=status,
        session=actor.session,
        events=events,
        shown=SHOWN,
        names=names,
        verdict=verdict,
        wrong=wrong,
        first=request.query.get("from") or today.replace(day=1).isoformat(),
        last=request.query.get("to") or today.isoformat(),
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, _ZONE),
    )
