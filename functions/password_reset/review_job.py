"""Each night: ends roles given by hand that are over, unconfirmed or not used, and reminds.

A role past its last day opened nothing any more already; here it is only tidied up. Running twice
does no harm: what is done is no longer due, and a reminder has one id a school, person and day.
"""

import datetime as dt
from typing import Any

from password_reset import appointing, appointments, people_store, reviews
from password_reset.people_store import ChangedMeanwhile, NoSuccessor
from schoolpoort import clock, coverage, mail_requests, memberships
from schoolpoort.dynamodb import Item
from schoolpoort.log import logger

MOST_IN_A_NIGHT = 5000
"""What is left is due tomorrow; a night of the whole country's anniversaries would be longer."""

_BY = "house"


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Look at everybody who is due today or was due before."""
    now_epoch_s = clock.now_epoch_s()
    today = coverage.amsterdam_day(now_epoch_s)
    ended = 0
    reminded: set[str] = set()
    for account_id, scope in people_store.due(today, limit=MOST_IN_A_NIGHT):
        known = people_store.find(account_id, scope)
        if known is None or "review_on" not in known:
            continue
        used = people_store.used_on(known)
        found = _review(known, used, today)
        if scope not in reminded and (found.reminds or _may_be_last(known, found)):
            # Before the change: a night that dies in between reminds again, with the same id.
            _remind(scope, today)
            reminded.add(scope)
        if found.warns_of is not None:
            _warn(known, found.warns_of)
        ended += _end(known, found, used, now_epoch_s)
    logger.info("roles reviewed", extra={"ended": ended, "schools_reminded": len(reminded)})
    return {"ended": ended, "schools_reminded": len(reminded)}


def _review(known: Item, used: dt.date | None, today: dt.date) -> reviews.Review:
    return reviews.review(
        memberships.grants_of(known),
        unused_since=people_store.unused_since(known),
        used_on=used,
        due=dt.date.fromisoformat(known["review_on"]),
        today=today,
    )


def _end(known: Item, found: reviews.Review, used: dt.date | None, now_epoch_s: int) -> int:
    """End what is over and put the person down for his next day; return how many roles ended."""
    endings = dict(found.endings)
    for ending in (endings, _without_coordinator(endings)):
        try:
            _write(known, ending, used, now_epoch_s)
        except NoSuccessor:
            logger.warning("the last coordinator stays", extra={"scope": known["scope"]})
            continue
        except ChangedMeanwhile:
            return 0
        return len(ending)
    return 0


def _without_coordinator(endings: dict[str, reviews.Ending]) -> dict[str, reviews.Ending]:
    return {role: why for role, why in endings.items() if role != appointments.COORDINATOR}


def _write(
    known: Item, endings: dict[str, reviews.Ending], used: dt.date | None, now_epoch_s: int
) -> None:
    today = coverage.amsterdam_day(now_epoch_s)
    happened = [
        people_store.event(
            known["scope"],
            why.value,
            role,
            by=_BY,
            about=known["account_id"],
            at_epoch_s=now_epoch_s,
        )
        for role, why in sorted(endings.items())
    ]
    people_store.change(known, appointing.without(known, endings, today, used), happened)


def _may_be_last(known: Item, found: reviews.Review) -> bool:
    """Say whether a coordinator without a last day is to end, who may turn out to be the last."""
    standing = frozenset(known["roles"]), memberships.grants_of(known)
    ends = appointments.COORDINATOR in found.endings
    return ends and appointments.coordinates_without_end(*standing)


def _warn(known: Item, ends_on: dt.date) -> None:
    """Tell somebody that he loses a role unless he signs in; once for each of the two warnings."""
    today = coverage.amsterdam_day(clock.now_epoch_s())
    mail_requests.enqueue(
        "idle_warning",
        request_id=f"idle-{known['scope'].partition('#')[2]}-{known['account_id']}-{today}",
        address=known["address"],
        scope=known["scope"],
        day=ends_on.strftime("%d-%m-%Y"),
    )


def _remind(scope: str, today: dt.date) -> None:
    """Ask for one mail to each coordinator of a school; a second asking on a day sends none."""
    for member in memberships.in_scope(scope):
        if appointments.COORDINATOR in member.roles:
            mail_requests.enqueue(
                "review_due",
                request_id=f"review-{scope.partition('#')[2]}-{member.account_id}-{today}",
                address=member.address,
                scope=scope,
            )
