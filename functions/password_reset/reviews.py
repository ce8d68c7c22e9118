"""Which roles given by hand must be looked at, and on which day: plain dates, no clock.

    day                                     what happens
    7 days before the last day              the coordinators are reminded
    the day after the last day              the role is tidied up (it stopped working by itself)
    30 and 7 days before a year is over     the coordinators are reminded to confirm the role
    a year after it was last confirmed      the role ends, unless it is the last coordinator's
    60 days after an unused invitation      the role ends, unless it is the last coordinator's

The next day on which something happens stands with the membership, so that a night reads only what
is due. Running a night twice, or after nights that failed, does no more than once in time.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort.memberships import Grant

CONFIRM_EVERY = dt.timedelta(days=365)
UNUSED_FOR = dt.timedelta(days=60)
ASK_AGAIN_AFTER = dt.timedelta(days=7)
"""How long the last coordinator has before he is reminded again: his role cannot end by itself."""

_REMIND_OF_END = dt.timedelta(days=7)
_REMIND_TO_CONFIRM = (dt.timedelta(days=30), dt.timedelta(days=7))


class Ending(enum.StrEnum):
    """Why a role ends by itself."""

    ENDED = "ended"
    NOT_CONFIRMED = "not_confirmed"
    NOT_USED = "not_used"


@dataclass(frozen=True, slots=True)
class Review:
    """What a night finds about one person: roles to end and why, and whether to remind."""

    endings: Mapping[str, Ending]
    reminds: bool


def confirm_by(grant: Grant) -> dt.date:
    """Return the day on which a role ends that nobody confirms."""
    return grant.confirmed_on + CONFIRM_EVERY


def is_to_confirm(grant: Grant, today: dt.date) -> bool:
    """Say whether coordinators are asked to confirm a role now."""
    return today >= confirm_by(grant) - _REMIND_TO_CONFIRM[0]


def review(
    grants: Mapping[str, Grant], *, unused_since: dt.date | None, due: dt.date, today: dt.date
) -> Review:
    """Return what is to be done today about what was due first on `due`.

    `unused_since` is the day of an invitation that nobody has used, None for who has a password.
    """
    endings = {}
    for role, grant in grants.items():
        ending = _ending(grant, unused_since, today)
        if ending:
            endings[role] = ending
    reminders = {
        day for role, grant in grants.items() if role not in endings for day in _reminders(grant)
    }
    return Review(endings, any(due <= day <= today for day in reminders))


def _ending(grant: Grant, unused_since: dt.date | None, today: dt.date) -> Ending | None:
    if not grant.holds_on(today):
        return Ending.ENDED
    if today >= confirm_by(grant):
        return Ending.NOT_CONFIRMED
    if unused_since is not None and today >= unused_since + UNUSED_FOR:
        return Ending.NOT_USED
    return None


def _reminders(grant: Grant) -> set[dt.date]:
    found = {confirm_by(grant) - early for early in _REMIND_TO_CONFIRM}
    if grant.until is not None:
        found.add(grant.until - _REMIND_OF_END)
        found = {day for day in found if day <= grant.until}
    return found


def next_day(
    grants: Mapping[str, Grant], *, unused_since: dt.date | None, today: dt.date
) -> dt.date | None:
    """Return the first day after today on which something is due; None when nothing ever is."""
    days = set()
    for grant in grants.values():
        days |= _reminders(grant) | {confirm_by(grant)}
        if grant.until is not None:
            days.add(grant.until + dt.timedelta(days=1))
        if unused_since is not None:
            days.add(unused_since + UNUSED_FOR)
    ahead = [day for day in days if day > today]
    overdue = any(_ending(grant, unused_since, today) for grant in grants.values())
    if overdue:
        ahead.append(today + ASK_AGAIN_AFTER)
    return min(ahead, default=None)
