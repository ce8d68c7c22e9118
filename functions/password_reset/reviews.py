"""Which roles given by hand must be looked at, and on which day: plain dates, no clock.

    day                                     what happens
    7 days before the last day              the coordinators are reminded
    the day after the last day              the role is tidied up (it stopped working by itself)
    30 and 7 days before a year is over     the coordinators are reminded to confirm the role
    a year after it was last confirmed      the role ends, unless it is the last coordinator's
    60 days after an unused invitation      the role ends, unless it is the last coordinator's
    150 and 173 days without a sign-in      the person is warned and the coordinators are reminded
    180 days without a sign-in              the role ends, unless it is the last coordinator's

Days without a sign-in are counted from the last one, and not before a role was last confirmed.

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
IDLE_FOR = dt.timedelta(days=180)
"""Half a year: longer than any holiday or leave of a term, shorter than the yearly question."""
ASK_AGAIN_AFTER = dt.timedelta(days=7)
"""How long the last coordinator has before he is reminded again: his role cannot end by itself."""

_REMIND_OF_END = dt.timedelta(days=7)
_REMIND_TO_CONFIRM = (dt.timedelta(days=30), dt.timedelta(days=7))
_WARN_OF_IDLE = (dt.timedelta(days=30), dt.timedelta(days=7))


class Ending(enum.StrEnum):
    """Why a role ends by itself."""

    ENDED = "ended"
    NOT_CONFIRMED = "not_confirmed"
    NOT_USED = "not_used"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Review:
    """What a night finds about one person: roles to end and why, and whether to remind.

    `warns_of` is the day on which a role ends unless the person signs in, where he is warned now.
    """

    endings: Mapping[str, Ending]
    reminds: bool
    warns_of: dt.date | None = None


def confirm_by(grant: Grant) -> dt.date:
    """Return the day on which a role ends that nobody confirms."""
    return grant.confirmed_on + CONFIRM_EVERY


def idle_on(grant: Grant, used_on: dt.date) -> dt.date:
    """Return the day on which a role ends of somebody who last signed in on a day."""
    return max(grant.confirmed_on, used_on) + IDLE_FOR


def is_idle(grant: Grant, used_on: dt.date, today: dt.date) -> bool:
    """Say whether somebody is warned now that he loses a role that he does not use."""
    return today >= idle_on(grant, used_on) - _WARN_OF_IDLE[0]


def is_to_confirm(grant: Grant, today: dt.date) -> bool:
    """Say whether coordinators are asked to confirm a role now."""
    return today >= confirm_by(grant) - _REMIND_TO_CONFIRM[0]


def review(
    grants: Mapping[str, Grant],
    *,
    unused_since: dt.date | None,
    used_on: dt.date | None = None,
    due: dt.date,
    today: dt.date,
) -> Review:
    """Return what is to be done today about what was due first on `due`.

    `unused_since` is the day of an invitation that nobody has used, None for who has a password;
    `used_on` the day of the last sign-in, None where that is not known.
    """
    endings = {}
    for role, grant in grants.items():
        ending = _ending(grant, unused_since, used_on, today)
        if ending:
            endings[role] = ending
    left = [grant for role, grant in grants.items() if role not in endings]
    reminders = {day for grant in left for day in _reminders(grant)}
    warned = {
        idle_on(grant, used_on)
        for grant in left
        if used_on is not None and any(due <= day <= today for day in _warnings(grant, used_on))
    }
    reminds = bool(warned) or any(due <= day <= today for day in reminders)
    return Review(endings, reminds, min(warned, default=None))


def _ending(
    grant: Grant, unused_since: dt.date | None, used_on: dt.date | None, today: dt.date
) -> Ending | None:
    if not grant.holds_on(today):
        return Ending.ENDED
    if today >= confirm_by(grant):
        return Ending.NOT_CONFIRMED
    if unused_since is not None and today >= unused_since + UNUSED_FOR:
        return Ending.NOT_USED
    if used_on is not None and today >= idle_on(grant, used_on):
        return Ending.IDLE
    return None


def _warnings(grant: Grant, used_on: dt.date) -> set[dt.date]:
    return {idle_on(grant, used_on) - early for early in _WARN_OF_IDLE}


def _reminders(grant: Grant) -> set[dt.date]:
    found = {confirm_by(grant) - early for early in _REMIND_TO_CONFIRM}
    if grant.until is not None:
        found.add(grant.until - _REMIND_OF_END)
        found = {day for day in found if day <= grant.until}
    return found


def next_day(
    grants: Mapping[str, Grant],
    *,
    unused_since: dt.date | None,
    used_on: dt.date | None = None,
    today: dt.date,
) -> dt.date | None:
    """Return the first day after today on which something is due; None when nothing ever is.

    Where the last sign-in is not known, it may have been before the role was confirmed.
    """
    days = set()
    for grant in grants.values():
        days |= _reminders(grant) | {confirm_by(grant)}
        if grant.until is not None:
            days.add(grant.until + dt.timedelta(days=1))
        if unused_since is not None:
            days.add(unused_since + UNUSED_FOR)
        else:
            known = used_on or grant.confirmed_on
            days |= _warnings(grant, known) | {idle_on(grant, known)}
    ahead = [day for day in days if day > today]
    overdue = any(_ending(grant, unused_since, used_on, today) for grant in grants.values())
    if overdue:
        ahead.append(today + ASK_AGAIN_AFTER)
    return min(ahead, default=None)
