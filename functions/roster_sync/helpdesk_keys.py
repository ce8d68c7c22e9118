"""The helpdesk's page of keys: from which day suppliers want them, and wrong ones taken away."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from roster_sync import key_dates, link_store, suppliers, withdrawal
from roster_sync.withdrawal import MOST_LINES, Line
from schoolpoort import authority, clock
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, Request, Response, page, redirect

_PAGE = "/helpdesk/roster/keys"


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """A supplier, how many schools are linked to it, how many without a key that works."""

    name: str
    due: date | None
    linked: int
    without_key: int


def show(request: Request) -> Response:
    """GET /helpdesk/roster/keys."""
    return _page(request, authority.require_role(request, "helpdesk"))


def receive_day(request: Request) -> Response:
    """POST /helpdesk/roster/keys/day: set, postpone or take away a supplier's day."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PAGE)
    form = request.form()
    supplier = form.get("supplier", "")
    if supplier not in suppliers.listed():
        raise BadRequest("supplier_unknown")
    now = clock.now_epoch_s()
    typed = form.get(f"due-{supplier}", "")
    day = key_dates.read_day(typed, amsterdam_day(now)) if typed.strip() else None
    if typed.strip() and day is None:
        return _page(request, actor, status=400, errors={"due": supplier})
    link_store.put_key_date(supplier, day, by=actor.account_id, now_epoch_s=now)
    logger.info("key day set", extra={"supplier": supplier, "day": str(day)})
    return redirect(f"{_PAGE}?done=day")


def receive_list(request: Request) -> Response:
    """POST /helpdesk/roster/keys/withdraw: show what would happen; with `sure`, let it happen."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PAGE)
    form = request.form()
    typed = form.get("keys", "")
    lines = withdrawal.read_lines(typed)
    if not lines or len(lines) > MOST_LINES:
        errors = {"keys": "too_many" if lines else "empty"}
        return _page(request, actor, status=400, errors=errors, typed=typed)
    is_sure = form.get("sure") == "yes"
    now = clock.now_epoch_s()
    seen = [
        withdrawal.withdraw(line, now) if is_sure else withdrawal.look_up(line) for line in lines
    ]
    if is_sure:
        count = sum(line.found == "gone" for line in seen)
        logger.info("keys withdrawn", extra={"count": count, "by": actor.account_id})
    return _page(request, actor, lines=seen, typed=typed, is_done=is_sure)


def _page(
    request: Request,
    actor: Actor,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    lines: Sequence[Line] = (),
    typed: str = "",
    is_done: bool = False,
) -> Response:
    return page(
        request,
        "roster_sync/helpdesk_keys.html",
        status=status,
        session=actor.session,
        rows=_rows(),
        errors=errors or {},
        lines=lines,
        typed=typed,
        is_done=is_done,
        counts=Counter(line.found for line in lines),
        most_lines=MOST_LINES,
        done=request.query.get("done", ""),
    )


def _rows() -> list[SupplierRow]:
    listed = link_store.listed_links()
    linked = Counter(one.supplier for one in listed)
    without = Counter(one.supplier for one in listed if not one.has_valid_key)
    dates = link_store.key_dates()
    names = sorted({*suppliers.listed(), *linked})
    return [SupplierRow(name, dates.get(name), linked[name], without[name]) for name in names]
