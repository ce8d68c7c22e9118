"""Once a day: what lies ahead begins, who is forgetful is reminded, and nothing lies for ever."""

from collections.abc import Mapping
from typing import Any

from onboarding import (
    account_request,
    change_effects,
    request_flow,
    request_mails,
    request_store,
    store,
    working_time,
)
from onboarding.account_request import AccountRequest
from onboarding.request_states import State
from schoolpoort import clock, mail_requests, memberships, registry
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger

_DAY_S = 24 * 3600
_REMIND_AFTER_S = (5 * _DAY_S, 10 * _DAY_S)
_STALE_AFTER_S = 14 * _DAY_S
_ACTIVATION_LIFE_S = 7 * _DAY_S
_LIST_IS_OLD_AFTER_S = 25 * _DAY_S


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Run; everything may run again on the same day without a second mail."""
    now_epoch_s = clock.now_epoch_s()
    try:
        applied = change_effects.apply_due(amsterdam_day(now_epoch_s))
    except change_effects.Busy:
        applied = 0
    changed = 0
    for one in (*request_store.waiting(), *request_store.watched()):
        try:
            changed += _look_at(one, now_epoch_s) is not one
        except request_store.ChangedMeanwhile:
            continue
    reminded = _remind_of_lists(now_epoch_s)
    logger.info("daily", extra={"applied": applied, "changed": changed, "reminded": reminded})
    return {"applied": applied, "changed": changed, "reminded": reminded}


def _look_at(one: AccountRequest, now_epoch_s: int) -> AccountRequest:
    if one.state is State.APPROVED:
        return request_flow.finish(one)
    if one.state is State.FROZEN:
        return request_flow.enforce_freeze(one)
    if one.state is State.INCOMPLETE:
        return _of_incomplete(one, now_epoch_s)
    if one.state in {State.INVITED, State.ACTIVATION_EXPIRED}:
        return _of_invited(one, now_epoch_s)
    return one


def _of_incomplete(one: AccountRequest, now_epoch_s: int) -> AccountRequest:
    age_s = now_epoch_s - one.changed_at_epoch_s
    if age_s >= _STALE_AFTER_S:
        done = account_request.moved(one, "R17", now_epoch_s)
        request_store.save(done, known_version=one.version)
        request_mails.to_requester(done, "stale")
        return done
    due = sum(age_s >= after for after in _REMIND_AFTER_S)
    if due <= one.reminders:
        return one
    done = account_request.reminded(one, due)
    request_store.save(done, known_version=one.version)
    request_mails.to_requester(done, "reminder")
    return done


def _of_invited(one: AccountRequest, now_epoch_s: int) -> AccountRequest:
    location = registry.location(one.claim.brin6)
    members = memberships.in_scope(f"school#{location.school_id}") if location else []
    is_in = any(
        member.address == one.claim.address and member.activated_at_epoch_s is not None
        for member in members
    )
    is_over = now_epoch_s - one.changed_at_epoch_s >= _ACTIVATION_LIFE_S
    move = "R12" if is_in else "R13" if is_over and one.state is State.INVITED else ""
    if not move:
        return one
    done = account_request.moved(one, move, now_epoch_s)
    request_store.save(done, known_version=one.version)
    return done


def _remind_of_lists(now_epoch_s: int) -> int:
    """Mail the helpdesk on the first working day of a month when its newest list is old."""
    today = amsterdam_day(now_epoch_s)
    first = next(
        day
        for number in range(1, 8)
        if working_time.is_working_day(day := today.replace(day=number))
    )
    latest = store.finished_import("latest")
    age_s = now_epoch_s - (latest["finished_at_epoch_s"] if latest else 0)
    if today != first or age_s < _LIST_IS_OLD_AFTER_S:
        return 0
    people = [one for one in memberships.in_scope("helpdesk") if one.activated_at_epoch_s]
    for member in people:
        mail_requests.enqueue(
            "request",
            request_id=f"lists-{today:%Y-%m}-{member.account_id}",
            about="lists",
            address=member.address,
            language="",
            school_name="",
            details=[],
            link={"errand": "", "path": "", "subject": "", "life_s": 0},
        )
    return len(people)
