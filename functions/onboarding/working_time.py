"""Working hours of the helpdesk: a complete request of before 15:00 is decided the same day.

Amsterdam time, Monday to Friday from 9 to 17, without the Dutch holidays.
"""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Amsterdam")
_OPENS, _SAME_DAY_UNTIL, _CLOSES = 9, 15, 17
_SATURDAY = 5
_LUSTRUM = 5
"""5 May is a day off in every fifth year."""
_EARLY, _LATE = 0.5, 0.8


@functools.cache
def holidays(year: int) -> frozenset[dt.date]:
    """Return the days of a year on which the helpdesk is closed."""
    easter = _easter(year)
    kings = dt.date(year, 4, 27)
    days = {
        dt.date(year, 1, 1),
        easter + dt.timedelta(1),
        kings if kings.weekday() < _SATURDAY + 1 else dt.date(year, 4, 26),
        easter + dt.timedelta(39),
        easter + dt.timedelta(50),
        dt.date(year, 12, 25),
        dt.date(year, 12, 26),
    }
    if year % _LUSTRUM == 0:
        days.add(dt.date(year, 5, 5))
    return frozenset(days)


def _easter(year: int) -> dt.date:
    """Return Easter Sunday (the anonymous Gregorian computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    skipped, centuries = divmod(century, 4)
    moon = (19 * golden + century - skipped - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * centuries + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def is_working_day(day: dt.date) -> bool:
    """Say whether the helpdesk is open on a day."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def due_at_epoch_s(complete_at_epoch_s: int) -> int:
    """Return when a request that is complete at a moment must have been decided."""
    moment = dt.datetime.fromtimestamp(complete_at_epoch_s, _ZONE)
    day = moment.date()
    if not is_working_day(day) or moment.hour >= _SAME_DAY_UNTIL:
        day = _next_working_day(day)
    return int(dt.datetime.combine(day, dt.time(_CLOSES), _ZONE).timestamp())


def _next_working_day(day: dt.date) -> dt.date:
    day += dt.timedelta(1)
    while not is_working_day(day):
        day += dt.timedelta(1)
    return day


def worked_s(since_epoch_s: int, until_epoch_s: int) -> int:
    """Return the seconds of working hours between two moments."""
    start = dt.datetime.fromtimestamp(since_epoch_s, _ZONE)
    end = dt.datetime.fromtimestamp(until_epoch_s, _ZONE)
    total, day = 0, start.date()
    while day <= end.date():
        if is_working_day(day):
            opens = dt.datetime.combine(day, dt.time(_OPENS), _ZONE)
            closes = dt.datetime.combine(day, dt.time(_CLOSES), _ZONE)
            total += max(0, int((min(end, closes) - max(start, opens)).total_seconds()))
        day += dt.timedelta(1)
    return total


def urgency(complete_at_epoch_s: int, now_epoch_s: int) -> str:
    """Return "calm", "half", "soon" or "late": how much of the time for a request has passed."""
    due = due_at_epoch_s(complete_at_epoch_s)
    if now_epoch_s >= due:
        return "late"
    part = worked_s(complete_at_epoch_s, now_epoch_s) / max(1, worked_s(complete_at_epoch_s, due))
    return "soon" if part >= _LATE else "half" if part >= _EARLY else "calm"
