"""Changes of boards at the helpdesk: what they touch, and the grace that two people may decide."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dpa import effects, forms, review_store, transfer_grace
from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused
from dpa.coverage_rules import specificity
from dpa.transfer_grace import Grace
from schoolpoort import authority, clock, coverage, registry
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.registry import Location
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_PLACE = "/helpdesk/agreements/reviews"


def show(request: Request) -> Response:
    """GET /helpdesk/agreements/reviews."""
    actor = authority.require_role(request, "helpdesk")
    return _page(request, actor, {}, {}, 200)


def act(request: Request) -> Response:
    """POST /helpdesk/agreements/reviews/{change_id}: propose or decide, or close."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _PLACE)
    found = review_store.review(request.path_parameters["change_id"])
    if found is None:
        raise NotFound("no_review")
    fields, now_epoch_s = request.form(), clock.now_epoch_s()
    name = fields.get("act", "")
    try:
        if name == "close":
            review_store.close_review(found, actor.account_id, now_epoch_s=now_epoch_s)
        elif name == "propose":
            errors = _propose(found, actor, fields)
            if errors:
                return _page(request, actor, fields, errors, 400)
        elif name == "decide":
            _decide(found, actor, fields)
            effects.settle(found["after"], now_epoch_s)
        else:
            raise BadRequest("act")
    except MoveRefused as refused:
        is_same = refused.refusal is Refusal.SAME_PERSON
        errors = {"act": "same_person" if is_same else "refused"}
        return _page(request, actor, fields, errors, 409)
    logger.info("change of board", extra={"change": found["item_key"], "act": name})
    return redirect(f"{_PLACE}?done={name}")


def _propose(
    found: Mapping[str, Any], actor: Actor, fields: Mapping[str, str]
) -> Mapping[str, str]:
    until = forms.read_date(fields.get("until", ""))
    basis = fields.get("legal_basis", "").strip()
    since = dt.date.fromisoformat(found["effective_on"])
    place = registry.location(fields.get("brin6", ""))
    errors = {}
    if until is None or not since < until <= since + transfer_grace.LONGEST:
        errors["until"] = "date"
    if not forms.is_text(basis):
        errors["legal_basis"] = "text"
    if place is None or place.brin6 not in found["codes"]:
        errors["brin6"] = "choose"
    if errors or place is None or until is None:
        return errors
    grace = transfer_grace.checked(
        Grace(
            school_id=place.school_id,
            brin6=place.brin6,
            board_number=found["after"],
            from_board=found["before"],
            agreement_id=_covered_by(found["before"], place, since),
            since=since,
            until=until,
            legal_basis=basis,
            proposed_by=actor.account_id,
        )
    )
    return {} if review_store.propose_grace(grace) else {"act": "refused"}


def _covered_by(board_number: str, place: Location, since: dt.date) -> str:
    """Return the agreement that covered a school on the day before the transfer, or nothing."""
    settled = effects.agreements_of(board_number)
    day = since - dt.timedelta(days=1)
    holding = [
        one
        for one in settled
        if one.effective_from <= day
        and (one.ends_on is None or day < one.ends_on)
        and one.confirmed_by
        and specificity(one, place.brin6) is not None
    ]
    return holding[0].agreement_id if holding else ""


def _decide(found: Mapping[str, Any], actor: Actor, fields: Mapping[str, str]) -> None:
    graces = review_store.graces_of(found["after"])
    grace = graces.get(fields.get("school_id", ""))
    if grace is None:
        raise MoveRefused(Refusal.NOTHING_PROPOSED)
    review_store.decide_grace(transfer_grace.decided(grace, actor.account_id))


def _page(
    request: Request,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    found = review_store.reviews()
    today = amsterdam_day(clock.now_epoch_s())
    return page(
        request,
        "dpa/reviews.html",
        status=status,
        session=actor.session,
        reviews=[(one, _schools(one, today)) for one in found],
        selected=request.path_parameters.get("change_id") or request.query.get("change", ""),
        own_account_id=actor.account_id,
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="who-signs",
    )


def _schools(review: Mapping[str, Any], today: dt.date) -> list[tuple[Location, str, Grace | None]]:
    """Return each school of a change with its state today and a grace, if there is one."""
    graces = review_store.graces_of(review["after"]) if review["after"] else {}
    places = [place for code in review["codes"] if (place := registry.location(code))]
    known = coverage.of_schools(place.school_id for place in places)
    return [
        (
            place,
            coverage.coverage_on(known[place.school_id], today).value,
            graces.get(place.school_id),
        )
        for place in places
    ]
