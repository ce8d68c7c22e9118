"""Days and school years of Dutch schools: everything is counted in Europe/Amsterdam."""

import datetime as dt
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_FIRST_MONTH = 8


def midnight_epoch_s(day: dt.date) -> int:
    """Return the moment at which a day begins in the Netherlands."""
    return int(dt.datetime.combine(day, dt.time(), AMSTERDAM).timestamp())


def school_year(day: dt.date) -> str:
    """Return the school year of a day as systems write it, "2026-2027"; it begins on 1 August."""
    first = day.year if day.month >= _FIRST_MONTH else day.year - 1
    return f"{first}-{first + 1}"


def forgotten_at_epoch_s(day: dt.date, months: int) -> int:
    """Return when somebody who left on a day is forgotten: so long after that school year ends."""
    year = day.year + (1 if day.month >= _FIRST_MONTH else 0)
    ahead, month = divmod(_FIRST_MONTH - 1 + months, 12)
    return midnight_epoch_s(dt.date(year + ahead, month + 1, 1))


def local_moment(epoch_s: int) -> str:
    """Return a moment as Dutch clocks and calendars have it, "24-11-2026 01:30"."""
    return dt.datetime.fromtimestamp(epoch_s, AMSTERDAM).strftime("%d-%m-%Y %H:%M")
