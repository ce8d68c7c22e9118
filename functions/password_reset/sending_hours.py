"""When invitations leave: on school days between 7 and 18 o'clock in Amsterdam.

A first mail in the weekend is read on a phone, forgotten, and too old on Monday. Public holidays
are computed; the holidays of schools differ by region and year, so the deployment lists them.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Amsterdam")
OPENS = dt.time(7)
_CLOSES = dt.time(18)
_SATURDAY = 5
_SUNDAY = 6
_LONGEST_HOLIDAY_DAYS = 120
_AROUND_EASTER = {
    "Good Friday": -2,
    "Easter Monday": 1,
    "Ascension": 39,
    "the day after": 40,
    "Whit Monday": 50,
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days without school, the first and the last among them."""

    first: dt.date
    last: dt.date


def read_periods(text: str) -> tuple[Period, ...]:
    """Read "2026-12-19/2027-01-03,…"; raises ValueError for anything else."""
    pairs = [part.split("/") for part in text.split(",") if part]
    return tuple(
        Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) for first, last in pairs
    )


def is_open(now_epoch_s: int, holidays: Collection[Period]) -> bool:
    """Say whether invitations leave now."""
    now = dt.datetime.fromtimestamp(now_epoch_s, _ZONE)
    return OPENS <= now.time() < _CLOSES and is_school_day(now.date(), holidays)


def next_opening(now_epoch_s: int, holidays: Collection[Period]) -> dt.datetime:
    """Return when the next invitations leave, now included; raises ValueError without an end."""
    now = dt.datetime.fromtimestamp(now_epoch_s, _ZONE)
    if is_open(now_epoch_s, holidays):
        return now
    first = now.date() if now.time() < OPENS else now.date() + dt.timedelta(1)
    for number in range(_LONGEST_HOLIDAY_DAYS):
        day = first + dt.timedelta(number)
        if is_school_day(day, holidays):
            return dt.datetime.combine(day, OPENS, _ZONE)
    message = "the list of holidays leaves no school day"
    raise ValueError(message)


def is_school_day(day: dt.date, holidays: Collection[Period]) -> bool:
    """Say whether schools are open on a day, as far as is known."""
    if day.weekday() >= _SATURDAY or day in public_holidays(day.year):
        return False
    return not any(period.first <= day <= period.last for period in holidays)


def public_holidays(year: int) -> frozenset[dt.date]:
    """Return the days of a year on which Dutch schools are closed everywhere."""
    easter = easter_sunday(year)
    kings_day = dt.date(year, 4, 27)
    if kings_day.weekday() == _SUNDAY:
        kings_day = dt.date(year, 4, 26)
    fixed = {dt.date(year, 1, 1), kings_day, dt.date(year, 12, 25), dt.date(year, 12, 26)}
    return frozenset(fixed | {easter + dt.timedelta(days) for days in _AROUND_EASTER.values()})


def easter_sunday(year: int) -> dt.date:
    """Return Easter of a year in the Gregorian calendar (Meeus's algorithm)."""
    cycle = year % 19
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * cycle + century - leaps - shift + 15) % 30
    leap_of_century, rest_of_century = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leap_of_century - moon - rest_of_century) % 7
    correction = (cycle + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return dt.date(year, month, day + 1)
