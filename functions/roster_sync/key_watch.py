"""The morning's job: counts last night, and tells schools that still have no key that works."""

import datetime as dt
from typing import Any

from roster_sync import key_dates, key_notices, link_store, tally_store
from schoolpoort import clock
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Count the night and ask for the mails that are due today; twice sends nothing twice."""
    now = clock.now_epoch_s()
    today = amsterdam_day(now)
    counted = tally_store.count_night(today, now)
    logger.info("night counted", extra={"schools": counted.schools, "totals": counted.totals})
    told = _tell_of_keys(today)
    logger.info("keys watched", extra={"schools_told": told})
    return {"schools_told": told}


def _tell_of_keys(today: dt.date) -> int:
    """Ask for the mails about keys that are due today; return to how many schools."""
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
    return told
