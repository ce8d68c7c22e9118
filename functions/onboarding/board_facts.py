"""What a board's page knows of its schools, read from those who keep it."""

import datetime as dt
from collections.abc import Iterator, Sequence

from onboarding.board_overview import Colleague, Facts
from schoolpoort import coverage, credentials, memberships, roster_nights
from schoolpoort.coverage import Coverage, amsterdam_day
from schoolpoort.credentials import Use
from schoolpoort.memberships import Membership
from schoolpoort.registry import Location


def of_schools(places: Sequence[Location], today: dt.date) -> tuple[list[Facts], list[Coverage]]:
    """Return the facts of each school, and its coverage.

    A Query for each school, because people are found by school only; for all else a BatchGetItem
    per hundred schools (coverage) or accounts, or per 25 schools (nights).
    """
    ids = [place.school_id for place in places]
    covered = coverage.of_schools(ids)
    nights = roster_nights.of_schools(ids, today)
    members = [memberships.in_scope(f"school#{school_id}") for school_id in ids]
    keys = [credentials.staff_key(one.address) for each in members for one in each]
    uses = iter(credentials.uses(keys))
    facts = [
        Facts(
            place=place,
            coverage=coverage.coverage_on(covered[place.school_id], today),
            ends_on=coverage.covered_until(covered[place.school_id], today),
            night=nights[place.school_id],
            colleagues=list(_colleagues(own, uses)),
        )
        for place, own in zip(places, members, strict=True)
    ]
    return facts, list(covered.values())


def _colleagues(members: Sequence[Membership], uses: Iterator[Use]) -> Iterator[Colleague]:
    # The members come first: zip asks the first for its end, and so takes no use too many.
    for member, use in zip(members, uses, strict=False):
        yield Colleague(
            is_coordinator="ict_coordinator" in member.roles,
            has_second_factor=use.has_second_factor,
            seen_on=_seen_on(member, use),
        )


def _seen_on(member: Membership, use: Use) -> dt.date | None:
    """Return the last day on which an account is known to have been used at all."""
    if member.activated_at_epoch_s is None:
        return None
    activated_on = amsterdam_day(member.activated_at_epoch_s)
    used_on = dt.date.fromisoformat(use.used_on) if use.used_on else activated_on
    return max(activated_on, used_on)
