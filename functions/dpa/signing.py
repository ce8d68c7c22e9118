"""The board's side of an offer, without an account: read, ask, agree, sign or refuse.

The link alone shows for which board it is. All else needs a code that is mailed to the invited
person's own address; the browser that answered it may read and act for two hours, for this one
invitation only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dpa import (
    forms,
    ledger,
    offer_flow,
    offer_papers,
    offer_store,
    offer_view,
    signing_store,
    store,
)
from dpa.agreement import Agreement, EvidenceClass
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import IllegalMove
from dpa.offer import Invitee, Offer
from dpa.offer_flow import Seen, Step
from schoolpoort import clock, mail_requests, papers
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect

COOKIE_NAME = "__Host-agreement"
_LONGEST_MESSAGE = 2000
_LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What an invitation leads to, and who was invited."""

    agreement: Agreement
    offer: Offer
    invitee: Invitee


def show(request: Request) -> Response:
    """GET /agreement/{invitation_id}: the door, or behind the code the whole offer."""
    place = _place(request)
    now_epoch_s = clock.now_epoch_s()
    if not _may_read(request, place, now_epoch_s):
        return _door(request, place, {}, 200)
    step = offer_flow.opened(place.agreement, place.invitee, _seen(request), now_epoch_s)
    if step is not None:
        try:
            place = replace(place, agreement=ledger.write(step, now_epoch_s))
        except store.ChangedMeanwhile:
            place = _place(request)
    return _offer_page(request, place, {}, {}, 200)


def ask_code(request: Request) -> Response:
    """POST /agreement/{invitation_id}/code: mail a code to the invited person's own address."""
    place = _place(request)
    now_epoch_s = clock.now_epoch_s()
    challenge_id = signing_store.challenge(place.invitee.invitation_id, now_epoch_s=now_epoch_s)
    if challenge_id is None:
        return _door(request, place, {"code": "too_many"}, 429)
    mail_requests.enqueue(
        "agreement_code",
        request_id=f"agreement-code-{challenge_id}",
        address=place.invitee.address,
        challenge_id=challenge_id,
        board_name=place.agreement.board_name,
    )
    return _door(request, place, {}, 200, challenge_id=challenge_id)


def show_sheet(request: Request) -> Response:
    """GET /agreement/{invitation_id}/sheet?paper=: what became of the file that was sent in."""
    place = _place(request)
    if not _may_read(request, place, clock.now_epoch_s()):
        return _door(request, place, {"code": "again"}, 403)
    paper = offer_papers.upload(place.agreement, request.query.get("paper", ""))
    if paper is None:
        raise NotFound("no_paper")
    answer = page(
        request,
        "dpa/agreement_sheet.html",
        no_referrer=True,
        board_name=place.agreement.board_name,
        invitation_id=place.invitee.invitation_id,
        paper=paper,
    )
    is_waiting = paper.state is papers.State.QUEUED
    return answer.with_header("Refresh", "3") if is_waiting else answer


def hand_out(request: Request) -> Response:
    """GET /agreement/{invitation_id}/paper: the offer as a PDF, or the whole once it is sealed."""
    place = _place(request)
    if not _may_read(request, place, clock.now_epoch_s()):
        return _door(request, place, {"code": "again"}, 403)
    found = offer_papers.of(place.agreement)
    paper = found.countersigned or found.offer
    if paper is None:
        raise NotFound("paper_not_ready")
    return redirect(papers.download_address(paper, f"{paper.paper_id}.pdf"))


def enter(request: Request) -> Response:
    """POST /agreement/{invitation_id}/enter: a right code opens the offer in this browser."""
    place, fields = _place(request), request.form()
    challenge_id = fields.get("challenge", "")
    code = "".join(one for one in fields.get("code", "") if one.isdigit())
    now_epoch_s = clock.now_epoch_s()
    secret = None
    if challenge_id.isascii() and challenge_id.isdigit() and code.isascii():
        secret = signing_store.enter(
            challenge_id, code, place.invitee.invitation_id, now_epoch_s=now_epoch_s
        )
    if secret is None:
        return _door(request, place, {"code": "wrong"}, 403, challenge_id=challenge_id)
    logger.info("agreement opened", extra={"agreement": place.agreement.agreement_id})
    line = cookie(COOKIE_NAME, secret, max_age_s=signing_store.READING_LIFE_S)
    return redirect(f"/agreement/{place.invitee.invitation_id}").with_cookie(line)


def act(request: Request) -> Response:
    """POST /agreement/{invitation_id}/{act}: one of the things that somebody of the board does."""
    make = _ACTS.get(request.path_parameters["act"])
    if make is None:
        raise NotFound("no_such_act")
    place = _place(request)
    now_epoch_s = clock.now_epoch_s()
    if not _may_read(request, place, now_epoch_s):
        return _door(request, place, {"code": "again"}, 403)
    fields = request.form()
    try:
        made = make(place, fields, _seen(request), now_epoch_s)
        if not isinstance(made, Step):
            return _offer_page(request, place, fields, made, 400)
        ledger.write(made, now_epoch_s)
    except (MoveRefused, IllegalMove, store.ChangedMeanwhile):
        return _offer_page(request, _place(request), fields, {"act": "not_now"}, 409)
    done = request.path_parameters["act"]
    logger.info("agreement", extra={"agreement": place.agreement.agreement_id, "act": done})
    return redirect(f"/agreement/{place.invitee.invitation_id}?done={done}")


def _question(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    message = fields.get("message", "").strip()
    if not 0 < len(message) <= _LONGEST_MESSAGE:
        return {"message": "text"}
    return offer_flow.asked(place.agreement, place.invitee, message, seen, now_epoch_s)


def _ready(
    place: Place, _fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    return offer_flow.made_ready(place.agreement, place.offer, place.invitee, seen, now_epoch_s)


def _sign(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    """Sign on screen: the own name in full, and the word that one may sign for the board."""
    errors = {}
    if not same_name(fields.get("name", ""), place.invitee.name):
        errors["name"] = "other_name"
    if fields.get("authority") != "yes":
        errors["authority"] = "tick"
    if errors:
        return errors
    evidence = {
        "name": place.invitee.name,
        "function": place.invitee.function,
        "ip": seen.address_shown,
        "browser": seen.browser,
    }
    return offer_flow.signed(
        place.agreement, place.offer, place.invitee, EvidenceClass.SCREEN, evidence, now_epoch_s
    )


def _sign_by_sheet(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    """Sign by a file that was sent in and found in order; what it is tells the evidence class."""
    paper = offer_papers.upload(place.agreement, fields.get("paper", ""))
    if paper is None or paper.state is not papers.State.READY:
        return {"sheet": "not_ready"}
    kind, told = offer_papers.evidence_of(paper)
    evidence = {"name": place.invitee.name, "ip": seen.address_shown, "browser": seen.browser}
    return offer_flow.signed(
        place.agreement, place.offer, place.invitee, kind, {**evidence, **told}, now_epoch_s
    )


def _refuse(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    reason = fields.get("reason", "").strip()
    if not forms.is_text(reason):
        return {"reason": "text"}
    return offer_flow.refused(
        place.agreement, place.offer, place.invitee, reason, seen, now_epoch_s
    )


_ACTS: Mapping[str, Callable[[Place, Mapping[str, str], Seen, int], Step | Mapping[str, str]]] = {
    "question": _question,
    "ready": _ready,
    "sign": _sign,
    "sign-by-sheet": _sign_by_sheet,
    "refuse": _refuse,
}


def same_name(typed: str, known: str) -> bool:
    """Say whether a name is typed as it is known; case, spaces and apostrophes are free."""
    return _plain(typed) == _plain(known)


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").replace("‘", "'").casefold().split())


def _place(request: Request) -> Place:
    """Return where the link leads; raises NotFound, in the same words for every wrong link."""
    invitation_id = request.path_parameters["invitation_id"]
    if not (invitation_id.isascii() and invitation_id.isdigit()):
        raise NotFound("no_invitation")
    found = offer_store.invitation(invitation_id)
    if found is None:
        raise NotFound("no_invitation")
    agreement = store.find(found.board_number, found.agreement_id)
    offer = offer_store.find(found.board_number, found.agreement_id)
    invitee = offer.invitee(invitation_id) if offer else None
    if agreement is None or offer is None or invitee is None:
        raise NotFound("no_invitation")
    return Place(agreement, offer, invitee)


def _may_read(request: Request, place: Place, now_epoch_s: int) -> bool:
    secret = request.cookies.get(COOKIE_NAME)
    if not secret:
        return False
    reading = signing_store.reading(secret, now_epoch_s=now_epoch_s)
    return reading is not None and reading.invitation_id == place.invitee.invitation_id


def _seen(request: Request) -> Seen:
    return Seen(request.source_ip, request.headers.get("user-agent", "")[:_LONGEST_BROWSER])


def _door(
    request: Request,
    place: Place,
    errors: Mapping[str, str],
    status: int,
    *,
    challenge_id: str = "",
) -> Response:
    return page(
        request,
        "dpa/agreement_door.html",
        status=status,
        no_referrer=True,
        board_name=place.agreement.board_name,
        invitation_id=place.invitee.invitation_id,
        address=offer_view.masked(place.invitee.address),
        challenge_id=challenge_id,
        errors=errors,
    )


def _offer_page(
    request: Request,
    place: Place,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    view = offer_view.of(place.agreement, place.offer, place.invitee)
    upload = None
    if view.may_sign:
        upload = offer_papers.upload_form(place.agreement, place.invitee.invitation_id)
    return page(
        request,
        "dpa/agreement.html",
        status=status,
        no_referrer=True,
        csp_form_action=(upload.origin,) if upload else (),
        view=view,
        papers=offer_papers.of(place.agreement),
        upload=upload,
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="who-signs",
    )
