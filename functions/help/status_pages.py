"""The status page: read from the static copy alone, so that it is there when the store is not."""

import datetime as dt
from typing import Any

from help import notice_store, notices, status
from schoolpoort import clock
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page


def show(request: Request) -> Response:
    """GET /status: notices, the parts of the house, last night, and ninety days."""
    now = clock.now_epoch_s()
    seen, told = _read(notice_store.STATUS), _read(notice_store.NOTICES)
    written_at = seen.get("written_at", 0)
    is_late = now - written_at > status.LATE_S
    parts = dict.fromkeys(status.PARTS, "unknown") | seen.get("parts", {})
    return page(
        request,
        "help/status.html",
        notices=notices.current(told.get("notices", []), now_epoch_s=now),
        past=[one for one in seen.get("past", []) if one["starts"] < one["ends"]],
        parts=dict.fromkeys(status.PARTS, "unknown") if is_late else parts,
        suppliers=seen.get("suppliers", {}),
        supplier_names=notices.SUPPLIERS,
        night=seen.get("night", ""),
        days=seen.get("days", []),
        written_at=written_at,
        is_late=is_late,
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, notices.AMSTERDAM),
        day=lambda text: dt.date.fromisoformat(text).strftime("%d-%m-%Y"),
    )


def _read(key: str) -> dict[str, Any]:
    try:
        return notice_store.read_copy(key)
    except StoreUnavailable:
        logger.warning("static copy unreadable", extra={"key": key})
        return {}
