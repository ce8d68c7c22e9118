"""Begins the night: one message for each school that has a link."""

from typing import Any

from roster_sync import night, night_store
from schoolpoort import clock
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.settings import require


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Queue tonight's syncs. Running twice does no harm: a school has one run per night."""
    day = amsterdam_day(clock.now_epoch_s()).isoformat()
    visits = night.visits(night_store.schools(), int(require("NIGHT_SPREAD_S")))
    night_store.queue_visits(visits, day)
    logger.info("night planned", extra={"schools": len(visits), "night": day})
    return {"night": day, "schools": len(visits)}
