"""The mails about a request: who is told what, each once however often it is asked for."""

from collections.abc import Sequence
from typing import Any

from onboarding.account_request import AccountRequest
from schoolpoort import ids, mail_requests

STATUS_LIFE_S = 90 * 24 * 3600
BOARD_LIFE_S = 30 * 24 * 3600


def to_requester(request: AccountRequest, about: str, *, details: Sequence[str] = ()) -> None:
    """Mail the person who is to become administrator, with the link to the request's own page."""
    if request.claim.address:
        _send(request, about, request.claim.address, request.language, details, errand="request")


def to_board(request: AccountRequest, about: str, address: str) -> None:
    """Mail the board's registered address, with the link by which it answers."""
    _send(request, about, address, "", (request.claim.display_name,), errand="board")


def to_director(request: AccountRequest, about: str) -> None:
    """Mail the director who signed."""
    _send(request, about, request.claim.director_address, "", (request.claim.display_name,))


def to_administrator(request: AccountRequest, address: str) -> None:
    """Tell somebody who administers the board already that a school got its first coordinator."""
    _send(request, "notice", address, "", (request.claim.display_name,))


def invite(
    request: AccountRequest, *, scope: str, scope_name: str, role: str, address: str, name: str
) -> None:
    """Invite somebody; a new activation period is a new mail."""
    again = sum(event.move_id == "R14" for event in request.events)
    mail_requests.enqueue(
        "invitation",
        request_id=f"request-{request.request_id}-{role}-{again}",
        address=address,
        display_name=name,
        language="",
        scope=scope,
        scope_name=scope_name,
        roles=[role],
        person_id=None,
    )


def _send(
    request: AccountRequest,
    about: str,
    address: str,
    language: str,
    details: Sequence[str],
    errand: str = "",
) -> None:
    path = {"request": "request", "board": "request/board"}.get(errand, "")
    link: dict[str, Any] = {
        "errand": errand,
        "path": path,
        "subject": request.request_id,
        "life_s": BOARD_LIFE_S if errand == "board" else STATUS_LIFE_S,
    }
    mail_requests.enqueue(
        "request",
        request_id=f"request-{request.request_id}-{about}-{request.version}-{_spot(address)}",
        about=about,
        address=address,
        language=language,
        school_name=request.claim.school_name,
        details=list(details),
        link=link,
    )


def _spot(address: str) -> str:
    """Return a short mark of an address, so that two people get one mail each."""
    return ids.sha256_hex(address)[:12]
