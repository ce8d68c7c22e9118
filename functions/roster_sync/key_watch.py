"""Looks every morning which schools still have no key that works, and tells them in time."""

from typing import Any

from roster_sync import key_dates, key_notices, link_store
from schoolpoort import clock
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Ask for the mails that are due today; running twice sends nothing twice."""
    today = amsterdam_day(clock.now_epoch_s())
    due = {
        supplier: (day, notice)
        for supplier, day in link_store.key_dates().items()
        if (notice := key_dates.notice_due(day, today)) is not None
    }
    told = 0
    for link in link_store.listed_links() if due else ():
        if link.has_valid_key or link.supplier not in due:
            continue
        day, notice = due[link.supplier]
        noticed = f"{day.isoformat()}-{notice}"
        if link.noticed == noticed:
            continue
        key_notices.tell(
            link.school_id,
            "key_needed",
            link.supplier,
            about=noticed,
            due=day.isoformat(),
            days_left=key_dates.days_left(day, today),
        )
        link_store.note_notice(link.school_id, noticed)
        told += 1
    logger.info("keys watched", extra={"schools_told": told})
    return {"schools_told": told}
