"""The board's side of an offer, without an account: read, ask, agree, sign or refuse.

The link alone shows for which board it is. All else needs a code that is mailed to the invited
person's own address; the browser that answered it may read and act for two hours, for this one
invitation only.
"""

from collections.abc import Mapping
from dataclasses import replace

from dpa import ledger, offer_flow, offer_papers, offer_view, signing_store, store
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import IllegalMove
from dpa.offer_flow import Step
from dpa.signing_acts import ACTS
from dpa.signing_place import COOKIE_NAME, Place, may_read, place_of, seen_of
from schoolpoort import clock, mail_requests, papers
from schoolpoort.log import logger
from schoolpoort.web import NotFound, Request, Response, cookie, page, redirect


def show(request: Request) -> Response:
    """GET /agreement/{invitation_id}: the door, or behind the code the whole offer."""
    place = place_of(request)
    now_epoch_s = clock.now_epoch_s()
    if not may_read(request, place, now_epoch_s):
        return _door(request, place, {}, 200)
    step = offer_flow.opened(place.agreement, place.invitee, seen_of(request), now_epoch_s)
    if step is not None:
        try:
            place = replace(place, agreement=ledger.write(step, now_epoch_s))
        except store.ChangedMeanwhile:
            place = place_of(request)
    return _offer_page(request, place, {}, {}, 200)


def ask_code(request: Request) -> Response:
    """POST /agreement/{invitation_id}/code: mail a code to the invited person's own address."""
    place = place_of(request)
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
    place = place_of(request)
    if not may_read(request, place, clock.now_epoch_s()):
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
    place = place_of(request)
    if not may_read(request, place, clock.now_epoch_s()):
        return _door(request, place, {"code": "again"}, 403)
    found = offer_papers.of(place.agreement)
    paper = found.countersigned or found.offer
    if paper is None:
        raise NotFound("paper_not_ready")
    return redirect(papers.download_address(paper, f"{paper.paper_id}.pdf"))


def enter(request: Request) -> Response:
    """POST /agreement/{invitation_id}/enter: a right code opens the offer in this browser."""
    place, fields = place_of(request), request.form()
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
    make = ACTS.get(request.path_parameters["act"])
    if make is None:
        raise NotFound("no_such_act")
    place = place_of(request)
    now_epoch_s = clock.now_epoch_s()
    if not may_read(request, place, now_epoch_s):
        return _door(request, place, {"code": "again"}, 403)
    fields = request.form()
    try:
        made = make(place, fields, seen_of(request), now_epoch_s)
        if not isinstance(made, Step):
            return _offer_page(request, place, fields, made, 400)
        ledger.write(made, now_epoch_s)
    except (MoveRefused, IllegalMove, store.ChangedMeanwhile):
        return _offer_page(request, place_of(request), fields, {"act": "not_now"}, 409)
    done = request.path_parameters["act"]
    logger.info("agreement", extra={"agreement": place.agreement.agreement_id, "act": done})
    return redirect(f"/agreement/{place.invitee.invitation_id}?done={done}")


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
