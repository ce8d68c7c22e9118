"""Days and school years of Dutch schools: everything is counted in Europe/Amsterdam."""

import datetime as dt
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_FIRST_MONTH = 8


def local_day(now_epoch_s: int) -> dt.date:
    """Return the calendar day in the Netherlands at a moment."""
    return dt.datetime.fromtimestamp(now_epoch_s, AMSTERDAM).date()


def midnight_epoch_s(day: dt.date) -> int:
    """Return the moment at which a day begins in the Netherlands."""
    return int(dt.datetime.combine(day, dt.time(), AMSTERDAM).timestamp())


def school_year(day: dt.date) -> str:
    """Return the school year of a day as systems write it, "2026-2027"; it begins on 1 August."""
    first = day.year if day.month >= _FIRST_MONTH else day.year - 1
    return f"{first}-{first + 1}"
