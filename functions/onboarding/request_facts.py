"""Gathers what the checks of a request look at, from the registry and from other contexts' rows."""

from onboarding import change_store, likeness, request_store
from onboarding.account_request import AccountRequest
from onboarding.pdf_facts import PdfFacts
from onboarding.request_checks import Facts
from schoolpoort import coverage, memberships, registry
from schoolpoort.coverage import amsterdam_day
from schoolpoort.registry import Location


def gather(request: AccountRequest, paper: PdfFacts | None, now_epoch_s: int) -> Facts:
    """Return the facts of a request as they are now."""
    claim = request.claim
    location = registry.location(claim.brin6) if claim.brin6 else None
    board = registry.board(claim.board_number) if claim.board_number else None
    today = amsterdam_day(now_epoch_s)
    seen = request_store.authority(claim.board_number, claim.director_name, now_epoch_s=now_epoch_s)
    contact = request_store.contact(claim.board_number)
    places = registry.locations_of_board(claim.board_number) if board else []
    known = [place.website for place in places]
    known += [board.website if board else None, contact["address"] if contact else None]
    return Facts(
        claim=claim,
        today=today,
        paper=paper,
        board=board,
        location=location,
        is_changing=_is_changing(claim.brin6),
        coverage=_coverage(location, now_epoch_s),
        coordinators=coordinators(location),
        others=request_store.others_of_school(request),
        known_hosts=likeness.hosts_of(known),
        authority=str(seen["kind"]) if seen else "",
        mail_verdicts=request.mail_verdicts,
    )


def coordinators(location: Location | None) -> int:
    """Return how many ICT coordinators a school has that have chosen a password."""
    if location is None:
        return 0
    members = memberships.in_scope(f"school#{location.school_id}")
    return sum(
        "ict_coordinator" in member.roles and member.activated_at_epoch_s is not None
        for member in members
    )


def _coverage(location: Location | None, now_epoch_s: int) -> str:
    if location is None:
        return "uncovered"
    found = coverage.of_school(location.school_id)
    return coverage.coverage_on(found, amsterdam_day(now_epoch_s)).value


def _is_changing(brin6: str) -> bool:
    return any(brin6 in change.codes for change in change_store.open_changes())
