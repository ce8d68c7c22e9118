"""The helpdesk's desk for requests: the queue, one request with its checks, and the decisions."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from onboarding import request_flow, request_forms, request_store, working_time
from onboarding.account_request import AccountRequest, MoveRefused
from onboarding.request_states import IllegalMove, State
from schoolpoort import addresses, authority, clock, registry
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.web import NotFound, Request, Response, page, redirect

_LONGEST_NOTE = 1000
_AUTHORITY_LIFE_S = 365 * 24 * 3600
_METHODS = ("extract", "eherkenning", "dvo", "mandate", "agreement")


class _Wrong(Exception):
    """A form lacks something; the code says what."""


def show_queue(request: Request) -> Response:
    """GET /helpdesk/requests."""
    actor = authority.require_role(request, "helpdesk")
    now_epoch_s = clock.now_epoch_s()
    rows = []
    for one in request_store.waiting():
        due = one.due_at_epoch_s
        urgency = working_time.urgency(one.complete_at_epoch_s, now_epoch_s) if due else ""
        worked = working_time.worked_s(one.received_at_epoch_s, now_epoch_s) // 3600
        rows.append((one, urgency, worked))
    return page(
        request,
        "onboarding/requests.html",
        session=actor.session,
        rows=rows,
        done=request.query.get("done", ""),
        today=amsterdam_day(now_epoch_s),
    )


def show_new(request: Request) -> Response:
    """GET /helpdesk/requests/new: a request that came by phone, post or mail."""
    actor = authority.require_role(request, "helpdesk")
    return _typing(request, actor, {}, {}, "/helpdesk/requests/new", 200)


def type_in(request: Request) -> Response:
    """POST /helpdesk/requests/new: who types it in decides nothing about it."""
    actor = authority.require_role(request, "helpdesk")
    fields = request.form()
    claim, errors = request_forms.read(fields)
    if errors:
        return _typing(request, actor, fields, errors, "/helpdesk/requests/new", 400)
    made = request_flow.submit(claim, channel="helpdesk", language="", typed_by=actor.account_id)
    return redirect(f"/helpdesk/requests/{made.request_id}")


def _typing(
    request: Request,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    target: str,
    status: int,
) -> Response:
    return page(
        request,
        "onboarding/request_typed.html",
        status=status,
        session=actor.session,
        variant="abroad" if values.get("variant") == "abroad" else "nl",
        values=values,
        errors=errors,
        target=target,
    )


def show_request(request: Request) -> Response:
    """GET /helpdesk/requests/{request_id}."""
    actor = authority.require_role(request, "helpdesk")
    return _page(request, actor, request_flow.finish(_found(request)), "", 200)


def act(request: Request) -> Response:
    """POST /helpdesk/requests/{request_id}: everything that the helpdesk does with a request."""
    actor = authority.require_role(request, "helpdesk")
    found = _found(request)
    back_to = f"/helpdesk/requests/{found.request_id}"
    authority.require_confirmed(request, actor.session, back_to)
    fields = request.form()
    step = _STEPS.get(fields.get("action", ""), _unknown)
    try:
        step(found, fields, actor.account_id)
    except _Wrong as wrong:
        return _page(request, actor, found, str(wrong), 400)
    except MoveRefused as refused:
        return _page(request, actor, found, refused.refusal.value, 409)
    except request_store.AlreadyApproved:
        return _page(request, actor, found, "already_approved", 409)
    except (IllegalMove, request_store.ChangedMeanwhile):
        return _page(request, actor, _found(request), "changed", 409)
    return redirect(f"{back_to}?done={fields['action']}")


def show_paper(request: Request) -> Response:
    """GET /helpdesk/requests/{request_id}/paper: the signed PDF, as a file."""
    authority.require_role(request, "helpdesk")
    found = _found(request)
    if found.paper is None or found.paper.facts.is_active:
        # What runs by itself is on nobody's desk: a clean paper is asked for instead.
        raise NotFound("no_paper")
    return redirect(request_store.paper_url(found.paper.key))


def _found(request: Request) -> AccountRequest:
    request_id = request.path_parameters["request_id"]
    found = request_store.find(request_id) if request_id.isdecimal() else None
    if found is None:
        raise NotFound("no_request")
    return found


def _note(fields: Mapping[str, str]) -> str:
    note = fields.get("note", "").strip()
    if len(note) > _LONGEST_NOTE:
        raise _Wrong("note_long")
    return note


def _needed_note(fields: Mapping[str, str]) -> str:
    note = _note(fields)
    if not note:
        raise _Wrong("note_missing")
    return note


def _propose(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    decision = fields.get("decision", "")
    if decision not in {"approve", "reject"}:
        raise _Wrong("decision")
    note = _needed_note(fields) if decision == "reject" else _note(fields)
    request_flow.propose(found, account_id, decision, note)


def _agree(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    note = _needed_note(fields) if found.proposal == "reject" else _note(fields)
    request_flow.agree(found, account_id, note)


def _send_back(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    request_flow.send_back(found, account_id, _needed_note(fields))


def _ask_more(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    request_flow.ask_more(found, account_id, _needed_note(fields))


def _contact(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    """Keep the board's address as a public register has it, and check the request again."""
    try:
        address = addresses.normalise(fields.get("address", ""))
    except addresses.InvalidAddress as error:
        raise _Wrong("address") from error
    if fields.get("source") not in {"rio", "website"}:
        raise _Wrong("source")
    if found.typed_by == account_id:
        raise _Wrong("typed_it_in")
    request_store.record(
        "contact",
        found.claim.board_number,
        "",
        address=address,
        source=fields["source"],
        recorded_by=account_id,
        seen_at_epoch_s=clock.now_epoch_s(),
    )
    request_flow.recheck(found)


def _authority(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    if fields.get("method") not in _METHODS or fields.get("kind") not in {"sole", "joint"}:
        raise _Wrong("authority")
    _keep_authority(found, fields["kind"], fields["method"], account_id)
    request_flow.recheck(found)


def _call(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    """Note what a call to the number on DUO's list gave; a yes counts for twelve months."""
    outcome = fields.get("outcome", "")
    if outcome not in {"confirmed", "failed"}:
        raise _Wrong("outcome")
    if outcome == "confirmed":
        _keep_authority(found, "sole", "call", account_id)
    request_flow.recheck(replace(found, call=outcome))


def _keep_authority(found: AccountRequest, kind: str, method: str, account_id: str) -> None:
    now_epoch_s = clock.now_epoch_s()
    request_store.record(
        "authority",
        found.claim.board_number,
        found.claim.director_name,
        kind=kind,
        method=method,
        checked_by=account_id,
        checked_at_epoch_s=now_epoch_s,
        valid_until_epoch_s=now_epoch_s + _AUTHORITY_LIFE_S,
    )


def _correct(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    """Complete what a mail did not say; who does so has typed it in."""
    claim, errors = request_forms.read(fields)
    if errors:
        raise _Wrong("fields")
    request_flow.correct(replace(found, typed_by=account_id), claim)


def _recheck(found: AccountRequest, _fields: Mapping[str, str], _account_id: str) -> None:
    request_flow.recheck(found)


def _unknown(_found: AccountRequest, _fields: Mapping[str, str], _account_id: str) -> None:
    raise _Wrong("action")


def _again(found: AccountRequest, _fields: Mapping[str, str], account_id: str) -> None:
    request_flow.invite_again(found, account_id)


def _end_frozen(found: AccountRequest, fields: Mapping[str, str], account_id: str) -> None:
    request_flow.reject_frozen(found, account_id, _needed_note(fields))


_STEPS: Mapping[str, Callable[[AccountRequest, Mapping[str, str], str], None]] = {
    "propose": _propose,
    "agree": _agree,
    "send_back": _send_back,
    "ask_more": _ask_more,
    "contact": _contact,
    "authority": _authority,
    "call": _call,
    "correct": _correct,
    "recheck": _recheck,
    "again": _again,
    "end_frozen": _end_frozen,
}


def _page(
    request: Request, actor: Actor, found: AccountRequest, error: str, status: int
) -> Response:
    claim = found.claim
    now_epoch_s = clock.now_epoch_s()
    board = registry.board(claim.board_number) if claim.board_number else None
    location = registry.location(claim.brin6) if claim.brin6 else None
    can_write = found.state in {State.RECEIVED, State.INCOMPLETE, State.TO_REVIEW}
    return page(
        request,
        "onboarding/request_at_helpdesk.html",
        status=status,
        session=actor.session,
        found=found,
        board=board,
        location=location,
        contact=request_store.contact(claim.board_number),
        seen=request_store.authority(
            claim.board_number, claim.director_name, now_epoch_s=now_epoch_s
        ),
        hearing=request_flow.hearing(found).value,
        own_account_id=actor.account_id,
        can_complete=can_write and bool(request_forms.missing(claim)),
        values=fields_of(request, found),
        errors=request_forms.read(fields_of(request, found))[1] if error == "fields" else {},
        error=error,
        done=request.query.get("done", ""),
    )


def fields_of(request: Request, found: AccountRequest) -> Mapping[str, str]:
    """Return what stands in the forms of the page: as just typed, else as kept."""
    kept = {name: getattr(found.claim, name) for name in (*request_forms.TEXTS, "variant")}
    kept |= {name: getattr(found.claim, name) for name in request_forms.ADDRESSES}
    return {**kept, **request.form()} if request.method == "POST" else kept
