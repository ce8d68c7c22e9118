"""From which day each supplier wants a key of the school's own, and who must hear of that when.

The helpdesk sets the day and may postpone it. Before it, a school without a key that works sees a
countdown and its coordinators get a mail at 30, 7 and 1 days; from it, the link stops and all
accounts stay. Without a day, nothing counts down.
"""

import datetime as dt

NOTICE_DAYS = (30, 7, 1)
_FURTHEST_DAYS = 3 * 366


def days_left(due: dt.date, today: dt.date) -> int:
    """Return how many days a school still has; none or fewer when the day has come."""
    return (due - today).days


def notice_due(due: dt.date, today: dt.date) -> int | None:
    """Return which notice (30, 7 or 1) a school without a key should have had by now.

    A day on which nothing ran is made up for the next day; None before the first and after the due
    day.
    """
    left = days_left(due, today)
    if left < 1:
        return None
    return min((days for days in NOTICE_DAYS if left <= days), default=None)


def is_needed(due: dt.date | None, today: dt.date) -> bool:
    """Say whether a school's own key is needed on a day."""
    return due is not None and due <= today


def read_day(typed: str, today: dt.date) -> dt.date | None:
    """Return a day as a form sends it; None when it is none, past, or further than three years."""
    try:
        day = dt.date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if 0 < days_left(day, today) <= _FURTHEST_DAYS else None
