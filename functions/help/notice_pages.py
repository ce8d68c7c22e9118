"""The helpdesk's page of notices: write, look at it first, publish, take down."""

import datetime as dt
from dataclasses import replace
from typing import Any

from help import notice_store, notices
from help.notices import Audience, Form
from schoolpoort import authority, clock, ids, publishers, registry
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, page, redirect

_PLACE = "/helpdesk/notices"


def show(request: Request) -> Response:
    """GET /helpdesk/notices: what stands, what is planned, and the form."""
    actor = authority.require_role(request, "helpdesk")
    return _page(request, actor)


def receive(request: Request) -> Response:
    """POST /helpdesk/notices: a preview, a notice on every page, or one less."""
    actor = authority.require_role(request, "helpdesk")
    fields = request.form()
    now = clock.now_epoch_s()
    match fields.get("action"):
        case "take_down":
            notice_id = fields.get("notice_id", "")
            is_done = notice_store.take_down(notice_id, now_epoch_s=now) if notice_id else False
            notice_store.publish_notices(now_epoch_s=now)
            return redirect(f"{_PLACE}?done={'taken_down' if is_done else 'gone'}")
        case "preview" | "publish" | "change" as action:
            form = notices.read(fields, now_epoch_s=now)
        case _:
            raise BadRequest("action_unknown")
    audience = _audience(form)
    if audience is None:
        form = replace(form, errors={**form.errors, "audience": "unknown"})
    if form.errors or audience is None:
        return _page(request, actor, form=form, status=400)
    if action == "publish":
        notice_store.put(notices.item(form, audience, ids.new_id(), actor.account_id))
        notice_store.publish_notices(now_epoch_s=now)
        logger.info("notice published", extra={"audience": audience.kind})
        return redirect(f"{_PLACE}?done=published")
    return _page(request, actor, form=form, preview=audience if action == "preview" else None)


def _audience(form: Form) -> Audience | None:
    """Return whom the form names, or None for nobody that we know."""
    kind, _, ref = form.audience.partition(":")
    match kind:
        case "all":
            return Audience("all", "", "")
        case "supplier" if ref in notices.SUPPLIERS:
            return Audience(kind, ref, notices.SUPPLIERS[ref])
        case "publisher":
            name = dict(publishers.names()).get(ref)
            return Audience(kind, ref, name) if name else None
        case "school" if form.brin.isascii() and form.brin.isalnum():
            school = registry.location(form.brin.ljust(6, "0"))
            return Audience(kind, school.school_id, school.name) if school else None
    return None


def _page(
    request: Request,
    actor: Actor,
    *,
    form: Form | None = None,
    preview: Audience | None = None,
    status: int = 200,
) -> Response:
    now = clock.now_epoch_s()
    kept: list[Any] = [
        (one, notices.state(one, now_epoch_s=now)) for one in notice_store.every_notice()
    ]
    return page(
        request,
        "help/notices.html",
        status=status,
        session=actor.session,
        open_notices=[pair for pair in kept if pair[1] in {"shown", "planned"}],
        past_notices=[pair for pair in kept if pair[1] in {"past", "taken_down"}][:50],
        form=form or Form("all", "", "info", "", "", "", ""),
        preview=preview,
        audiences=[
            *((f"supplier:{code}", name) for code, name in notices.SUPPLIERS.items()),
            *((f"publisher:{code}", name) for code, name in publishers.names()),
        ],
        longest=notices.LONGEST_TEXT,
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, notices.AMSTERDAM),
        done=request.query.get("done", ""),
    )
