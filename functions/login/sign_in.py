"""One attempt to sign in with an address and a password, in the order that costs us least.

1. Was it a person? The check comes first: it costs the store nothing.
2. The account (GetItem), 3. the budgets and the captcha token (one transaction), and only then
the password: an attacker who has used up the budgets buys no argon2 from us.
4. The memberships (Query), 5. the session with its event (one transaction): a half one while a
step is left (login.entry).

A wrong password and an unknown address take the same steps, so neither can be told by time.
"""

import enum
from dataclasses import dataclass, replace
from functools import partial

from login import audit, entry, session_start, store, throttle
from login.entry import Step
from schoolpoort import (
    captcha,
    credentials,
    dynamodb,
    ids,
    kept_hashes,
    memberships,
    passwords,
    settings,
)
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.errors import TransactionRefused

ACTION = "login"
_NOBODY = "0"
"""An account id that is never given out: what is looked up where there is no account."""


class Outcome(enum.Enum):
    """How an attempt ended; the page says it in words."""

    SIGNED_IN = "signed_in"
    WRONG = "wrong"
    CAPTCHA_FAILED = "captcha_failed"
    CAPTCHA_DOUBTED = "captcha_doubted"
    CAPTCHA_UNREACHABLE = "captcha_unreachable"
    WAIT = "wait"
    NO_MEMBERSHIP = "no_membership"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser sent; the address is normalised, the rest is as typed.

    `door` is what the record calls the attempt, and `scope` where it stands when that is known
    before the password is looked at.
    """

    address: str
    unsafe_password: str
    captcha_token: str
    source_ip: str
    language: str
    ticket_secret: str | None
    old_session_hash: str | None
    next_path: str = ""
    browser: str = ""
    door: audit.Action = "sign_in"
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended, and what the browser keeps of it.

    `session_secret` comes with SIGNED_IN, with `scope` once `step` is IN; `ticket_secret` and
    `wait_s` come with WAIT.
    """

    outcome: Outcome
    session_secret: str | None = None
    step: Step = Step.IN
    scope: str = ""
    ticket_secret: str | None = None
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address before its password is tried; nothing, for an unknown one."""

    credential: credentials.Credential | None
    phc: str | None
    draws: tuple[throttle.Draw, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """Leave to have a password tried; `draws` is given back when it is right."""

    draws: tuple[throttle.Draw, ...]


def sign_in(attempt: Attempt, *, now_epoch_s: int) -> Result:
    """Evaluate an attempt; raises StoreUnavailable, with nothing half done."""
    verdict = captcha.check(attempt.captcha_token, attempt.source_ip, ACTION)
    if verdict is not CaptchaVerdict.PASSED:
        return refused(attempt, Outcome(f"captcha_{verdict.value}"), None, now_epoch_s)
    address_key = credentials.staff_key(attempt.address)
    credential = credentials.find(address_key)
    account_id = credential.account_id if credential else None
    stored = credential.password_hash if credential else None
    phc = kept_hashes.opened(stored, owner=account_id or _NOBODY)
    leave = leave_to_try(attempt, ids.sha256_hex(address_key), account_id, now_epoch_s)
    if isinstance(leave, Result):
        return leave
    return _evaluate(attempt, Known(credential, phc, leave.draws), now_epoch_s)


def _evaluate(attempt: Attempt, known: Known, now_epoch_s: int) -> Result:
    """Try the password; known or not, an address takes the same steps."""
    credential = known.credential
    account_id = credential.account_id if credential else None
    is_right = passwords.verify(known.phc, attempt.unsafe_password)
    members = entry.in_order(memberships.of_account(account_id or _NOBODY))
    scope = members[0].scope if members else None
    if not is_right or credential is None:
        return refused(replace(attempt, scope=scope), Outcome.WRONG, account_id, now_epoch_s)
    if not members:
        return refused(attempt, Outcome.NO_MEMBERSHIP, account_id, now_epoch_s)
    changes = renewal(credential, known.phc or "", attempt.unsafe_password)
    return _start(members, credential, attempt, (known.draws, changes), now_epoch_s)


def renewal(
    credential: credentials.Credential, phc: str, unsafe_password: str
) -> tuple[dynamodb.Operation, ...]:
    """Return what keeps a right password under today's parameters and pepper, if it is not."""
    if not kept_hashes.is_outdated(credential.password_hash or "", phc):
        return ()
    again = passwords.hash_password(unsafe_password)
    return (
        credentials.renew_hash(credential, kept_hashes.sealed(again, owner=credential.account_id)),
    )


def leave_to_try(
    attempt: Attempt, account_hash: str, account_id: str | None, now_epoch_s: int
) -> Granted | Result:
    """Return leave to have the password looked at, or why not now: WAIT or CAPTCHA_FAILED."""
    draws = throttle.draws(
        account_hash=account_hash, source_ip=attempt.source_ip, now_epoch_s=now_epoch_s
    )
    spent: tuple[throttle.Draw, ...] = ()
    reserved = _reserve_by_ticket(attempt, account_hash, now_epoch_s)
    if reserved is store.Reservation.REFUSED:
        reserved = store.reserve_by_budget(attempt.captcha_token, draws, now_epoch_s=now_epoch_s)
        spent = draws
    if reserved is store.Reservation.GRANTED:
        return Granted(spent)
    if reserved is store.Reservation.CAPTCHA_REPLAYED:
        return refused(attempt, Outcome.CAPTCHA_FAILED, account_id, now_epoch_s)
    return _wait(attempt, account_hash, account_id, now_epoch_s)


def _reserve_by_ticket(attempt: Attempt, account_hash: str, now_epoch_s: int) -> store.Reservation:
    if attempt.ticket_secret is None:
        return store.Reservation.REFUSED
    return store.reserve_by_ticket(
        attempt.captcha_token,
        ticket_secret=attempt.ticket_secret,
        account_hash=account_hash,
        now_epoch_s=now_epoch_s,
    )


def _wait(attempt: Attempt, account_hash: str, account_id: str | None, now_epoch_s: int) -> Result:
    """Let a browser wait on the ticket it holds, or give it a new one."""
    secret = attempt.ticket_secret
    wait_s = None
    if secret is not None:
        wait_s = throttle.remaining_wait_s(
            store.ticket(secret), account_hash=account_hash, now_epoch_s=now_epoch_s
        )
    if secret is None or wait_s is None:
        secret = ids.new_secret()
        wait_s = throttle.TICKET_DELAY_S
        ticket = throttle.new_ticket(
            ticket_secret=secret, account_hash=account_hash, now_epoch_s=now_epoch_s
        )
        store.put_ticket(ticket)
    refused(attempt, Outcome.WAIT, account_id, now_epoch_s)
    return Result(Outcome.WAIT, ticket_secret=secret, wait_s=wait_s)


def _start(
    members: list[memberships.Membership],
    credential: credentials.Credential,
    attempt: Attempt,
    writes: tuple[tuple[throttle.Draw, ...], tuple[dynamodb.Operation, ...]],
    now_epoch_s: int,
) -> Result:
    """Write the session, or the half one of somebody who has a step to go.

    `writes` are the failures to give back, and changes that come along when they still can.
    """
    draws, changes = writes
    secret = ids.new_secret()
    step = entry.first_step(members, has_second_factor=credential.second_factor is not None)
    half = session_start.Half(
        session_hash=ids.sha256_hex(secret),
        account_id=credential.account_id,
        display_name=members[0].display_name,
        step=step,
        next_path=attempt.next_path,
        language=credential.language or attempt.language,
        proved_at_epoch_s=None,
        browser=attempt.browser,
    )
    event = audit.event(
        nonce=ids.new_nonce(),
        action="sign_in",
        outcome="done",
        reason=Outcome.SIGNED_IN.value if step is Step.IN else f"next_{step.value}",
        account_id=credential.account_id,
        scope=members[0].scope,
        at_epoch_s=now_epoch_s,
        source_ip=attempt.source_ip,
    )
    item = session_start.next_item(
        half, members[0], stage=settings.require("STAGE"), now_epoch_s=now_epoch_s
    )
    write = partial(
        store.start_session, item, event, give_back=draws, ends=attempt.old_session_hash
    )
    try:
        write(with_changes=changes)
    except TransactionRefused:
        if not changes:
            raise
        # Another sign-in was quicker to renew the hash.
        write()
    return Result(Outcome.SIGNED_IN, session_secret=secret, step=step, scope=members[0].scope)


def refused(attempt: Attempt, outcome: Outcome, account_id: str | None, now_epoch_s: int) -> Result:
    """Record an attempt that let nobody in, and return its result."""
    store.record(
        audit.event(
            nonce=ids.new_nonce(),
            action=attempt.door,
            outcome="refused",
            reason=outcome.value,
            account_id=account_id,
            scope=attempt.scope,
            at_epoch_s=now_epoch_s,
            pupil_at="home" if attempt.door == "home_opened" else None,
            source_ip=attempt.source_ip,
        )
    )
    return Result(outcome)
