"""The home of a school's coordinator: how far the school is, and what is next."""

from dataclasses import dataclass

from schoolpoort import authority, clock, coverage, memberships, registry, rosters
from schoolpoort.web import Request, Response, page


@dataclass(frozen=True, slots=True)
class Progress:
    """What a school has done already, in the order in which things become possible."""

    has_agreement: bool
    has_roster: bool
    has_invited: bool


def show_console(request: Request) -> Response:
    """GET /console."""
    actor = authority.require_school_role(request, "ict_coordinator")
    school_id = actor.school_id or ""
    today = coverage.amsterdam_day(clock.now_epoch_s())
    summary = rosters.summary(school_id)
    members = memberships.in_scope(actor.scope)
    covered = coverage.of_school(school_id)
    progress = Progress(
        has_agreement=coverage.is_covered(covered, today),
        has_roster=summary.pupils > 0,
        has_invited=any("teacher" in member.roles for member in members),
    )
    return page(
        request,
        "onboarding/console.html",
        session=actor.session,
        location=registry.school(school_id),
        progress=progress,
        summary=summary,
        ends_on=coverage.covered_until(covered, today),
        today=today,
    )
