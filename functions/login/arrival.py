"""After a right password or passkey: the session that begins, goes on, or has a step to go.

A teacher whose session ended in the middle of a lesson, on a registered network of a school and in
the same browser, goes on with it: the password alone was asked, the place, the second factor that
was shown this morning and the last end stay.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from login import audit, entry, new_device, session_start, store
from login.attempts import Attempt, Known, Outcome, Result, remembered, renewal
from login.entry import Step
from login.throttle import Draw
from schoolpoort import credentials, ids, mail_requests, sessions
from schoolpoort.authority import STRONG_ROLES
from schoolpoort.coverage import amsterdam_day
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item, Operation
from schoolpoort.errors import TransactionRefused
from schoolpoort.memberships import Membership
from schoolpoort.settings import require

_USE_IS_NOTED_EVERY = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What is written for somebody who is in, or half way."""

    item: dict[str, Any]
    step: Step
    reason: str
    scope: str


def arrive(
    attempt: Attempt,
    known: Known,
    credential: Credential,
    members: list[Membership],
    draws: tuple[Draw, ...],
    *,
    now_epoch_s: int,
) -> Result:
    """Write the session, or the half one of somebody who has a step to go."""
    secret = ids.new_secret()
    session_hash = ids.sha256_hex(secret)
    step = entry.first_step(members, has_second_factor=credential.second_factor is not None)
    begun = _going_on(attempt, known, members, session_hash, now_epoch_s) or _begun(
        attempt, known, credential, members, session_hash, now_epoch_s, step=step
    )
    write = partial(store.start_session, give_back=draws, ends=attempt.old_session_hash)
    renewed = renewal(credential, known.phc or "", attempt.unsafe_password)
    noted = renewed or _used(credential, now_epoch_s)
    return _write(attempt, known, credential, begun, secret, now_epoch_s, write, may=noted)


def arrive_by_passkey(
    attempt: Attempt,
    known: Known,
    credential: Credential,
    members: list[Membership],
    uses: tuple[Operation, ...],
    *,
    now_epoch_s: int,
) -> Result:
    """Write the session of somebody whose passkey proved all, with the writes that use it.

    Raises TransactionRefused when the passkey or its challenge was used meanwhile.
    """
    secret = ids.new_secret()
    begun = _begun(
        attempt,
        known,
        credential,
        members,
        ids.sha256_hex(secret),
        now_epoch_s,
        step=entry.after_proof(members),
        proved_at_epoch_s=now_epoch_s,
    )
    begun = replace(begun, reason="passkey")
    write = partial(store.start_session, ends=attempt.old_session_hash)
    return _write(attempt, known, credential, begun, secret, now_epoch_s, write, must=uses)


def _write(  # noqa: PLR0913 - both ways in end here, with all that they found out
    attempt: Attempt,
    known: Known,
    credential: Credential,
    begun: _Beginning,
    secret: str,
    now_epoch_s: int,
    start: Callable[..., None],
    *,
    must: tuple[Operation, ...] = (),
    may: tuple[Operation, ...] = (),
) -> Result:
    """Start the session with what must happen, and with what may where nobody was quicker."""
    event = audit.event(
        nonce=ids.new_nonce(),
        action="sign_in",
        outcome="done",
        reason=begun.reason,
        account_id=credential.account_id,
        scope=begun.scope,
        at_epoch_s=now_epoch_s,
        source_ip=attempt.source_ip,
        trace=attempt.trace,
    )
    is_mailed = _is_mail_due(known, now_epoch_s)
    may = (*may, *_devices(known, now_epoch_s, is_mailed=is_mailed))
    try:
        start(begun.item, event, with_changes=(*must, *may))
    except TransactionRefused:
        if not may:
            raise
        # Another sign-in was quicker to renew the hash, or to have its owner told.
        start(begun.item, event, with_changes=must)
        is_mailed = False
    if is_mailed:
        _tell_owner(attempt, known, credential, now_epoch_s)
    return Result(
        Outcome.SIGNED_IN,
        session_secret=secret,
        step=begun.step,
        scope=begun.scope,
        device=remembered(attempt, known),
    )


def _begun(  # noqa: PLR0913 - what a session is made of
    attempt: Attempt,
    known: Known,
    credential: Credential,
    members: list[Membership],
    session_hash: str,
    now_epoch_s: int,
    *,
    step: Step,
    proved_at_epoch_s: int | None = None,
) -> _Beginning:
    is_at_school = known.around.is_at_school
    half = session_start.Half(
        session_hash=session_hash,
        account_id=credential.account_id,
        display_name=members[0].display_name,
        step=step,
        next_path=attempt.next_path,
        language=credential.language or attempt.language,
        proved_at_epoch_s=proved_at_epoch_s,
        browser=attempt.browser,
        idle_life_s=sessions.IDLE_LIFE_AT_SCHOOL_S if is_at_school else sessions.IDLE_LIFE_S,
    )
    item = session_start.next_item(
        half, members[0], stage=require("STAGE"), now_epoch_s=now_epoch_s
    )
    reason = Outcome.SIGNED_IN.value if step is Step.IN else f"next_{step.value}"
    return _Beginning(item, step, reason, members[0].scope)


def _going_on(
    attempt: Attempt,
    known: Known,
    members: list[Membership],
    session_hash: str,
    now_epoch_s: int,
) -> _Beginning | None:
    """Return the browser's old session under another secret, where it may go on."""
    old = known.around.old_session
    if old is None or old.get("account_id") != known.account_id:
        return None
    if not may_go_on(old, is_at_school=known.around.is_at_school, now_epoch_s=now_epoch_s):
        return None
    member = next((one for one in members if one.scope == old["scope"]), None)
    if member is None or STRONG_ROLES & member.roles:
        return None
    session = sessions.of_item(old)
    item = session_start.renewed_item(
        replace(session, idle_life_s=sessions.IDLE_LIFE_AT_SCHOOL_S),
        session_hash=session_hash,
        stage=require("STAGE"),
        now_epoch_s=now_epoch_s,
        proved_at_epoch_s=session.proved_at_epoch_s,
        confirmed_at_epoch_s=now_epoch_s,
        browser=attempt.browser,
    )
    return _Beginning(item, Step.IN, "went_on", session.scope)


def may_go_on(old: Item | None, *, is_at_school: bool, now_epoch_s: int) -> bool:
    """Say whether a stored session may go on with the password alone: idle too long, not over."""
    return (
        is_at_school
        and old is not None
        and old["kind"] == "staff"
        and old["stage"] == require("STAGE")
        and old["idle_ends_at_epoch_s"] <= now_epoch_s < old["expires_at_epoch_s"]
    )


def _used(credential: Credential, now_epoch_s: int) -> tuple[Operation, ...]:
    """Return what notes that an account is used, once a week: so a forgotten one can be found.

    One transaction changes an item once, so a hash that is renewed goes first.
    """
    today = amsterdam_day(now_epoch_s)
    is_noted = credential.used_on > (today - _USE_IS_NOTED_EVERY).isoformat()
    return () if is_noted else (credentials.used(credential, today.isoformat()),)


def _is_mail_due(known: Known, now_epoch_s: int) -> bool:
    return not known.is_known_device and new_device.is_due(
        known.around.devices, is_at_school=known.around.is_at_school, now_epoch_s=now_epoch_s
    )


def _devices(known: Known, now_epoch_s: int, *, is_mailed: bool) -> tuple[Operation, ...]:
    table = require("THROTTLE_TABLE")
    devices = known.around.devices
    if devices is None:
        return (new_device.first(table, known.address_key, now_epoch_s=now_epoch_s),)
    if is_mailed:
        return (new_device.mailed(table, known.address_key, devices, now_epoch_s=now_epoch_s),)
    return ()


def _tell_owner(attempt: Attempt, known: Known, credential: Credential, now_epoch_s: int) -> None:
    mail_requests.enqueue(
        "new_device",
        request_id=f"device-{known.owner.account_hash[:16]}-{now_epoch_s}",
        address=attempt.address,
        language=credential.language,
        browser=attempt.browser,
    )
