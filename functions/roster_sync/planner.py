"""Begins the night: one message for each school that has a link."""

from typing import Any

from roster_sync import store
from schoolpoort import clock
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Queue tonight's syncs. Running twice does no harm: a school has one run per night."""
    night = amsterdam_day(clock.now_epoch_s()).isoformat()
    schools = store.linked_schools()
    for school_id in schools:
        store.queue_sync({"school_id": school_id, "trigger": "night", "night": night})
    logger.info("night planned", extra={"schools": len(schools), "night": night})
    return {"night": night, "schools": len(schools)}
