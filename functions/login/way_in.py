"""The steps between a right password and the house (login.entry), each with its one transaction."""

from dataclasses import dataclass, replace

from login import audit, entry, second_factor, session_start, store, throttle, totp
from login.entry import Step
from login.second_factor import NewFactor, Refusal
from login.session_start import Half
from schoolpoort import credentials, ids, memberships, settings
from schoolpoort.dynamodb import Operation
from schoolpoort.errors import TransactionRefused
from schoolpoort.memberships import Membership


class NoPlaceError(Exception):
    """The last place to work went while its person was on the way in."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Somebody who took a step: the browser's next secret and where he is now."""

    session_secret: str
    step: Step
    scope: str
    next_path: str
    codes: tuple[str, ...] = ()
    codes_left: int | None = None


def find(
    session_hash: str | None, source_ip: str, trace: str = "", *, now_epoch_s: int
) -> Half | None:
    """Return the half session of a browser, or None; one GetItem."""
    if session_hash is None:
        return None
    half = session_start.half_of_item(
        store.session_item(session_hash), stage=settings.require("STAGE"), now_epoch_s=now_epoch_s
    )
    return None if half is None else replace(half, source_ip=source_ip, trace=trace)


def show_code(half: Half, typed: str, *, now_epoch_s: int) -> Onward | Refusal:
    """Take the step `code`; raises StoreUnavailable."""
    members = places(half)
    credential = credential_of(members)
    proof = second_factor.prove(credential, typed, now_epoch_s=now_epoch_s)
    if isinstance(proof, Refusal):
        record(half, members, "second_factor", proof.value, now_epoch_s)
        return proof
    reason = "recovery_code" if proof.is_recovery else "app_code"
    ahead = replace(half, step=entry.after_proof(members), proved_at_epoch_s=now_epoch_s)
    try:
        onward = take_step(
            half, ahead, members, reason, now_epoch_s, (proof.use,), give_back=proof.draws
        )
    except TransactionRefused:
        # Another browser was quicker with the same code.
        record(half, members, "second_factor", "code_used", now_epoch_s)
        return Refusal.WRONG
    return replace(onward, codes_left=proof.codes_left if proof.is_recovery else None)


def enrol(half: Half, wrapped_secret: bytes, typed: str, *, now_epoch_s: int) -> Onward | Refusal:
    """Take the step `enrolment`: store the factor whose first code was typed."""
    members = places(half)
    credential = credential_of(members)
    made = new_factor(half.account_id, wrapped_secret, typed, now_epoch_s=now_epoch_s)
    if made is None or credential.second_factor is not None:
        record(half, members, "second_factor_set", "wrong", now_epoch_s)
        return Refusal.WRONG
    ahead = replace(half, step=entry.after_proof(members), proved_at_epoch_s=now_epoch_s)
    change = credentials.set_second_factor(credential, made.factor)
    try:
        onward = take_step(half, ahead, members, "second_factor_set", now_epoch_s, (change,))
    except TransactionRefused:
        record(half, members, "second_factor_set", "set_already", now_epoch_s)
        return Refusal.WRONG
    return replace(onward, codes=made.codes)


def new_factor(
    account_id: str, wrapped_secret: bytes, typed: str, *, now_epoch_s: int
) -> NewFactor | None:
    """Return the factor of a wrapped secret when the code that was typed belongs to it."""
    secret = store.unwrap_secret(account_id, wrapped_secret)
    code = totp.read(typed)
    if secret is None or code is None:
        return None
    step = totp.matching_step(secret, code, now_epoch_s=now_epoch_s, last_step=0)
    if step is None:
        return None
    return second_factor.new_factor(
        account_id, wrapped_secret, used_step=step, now_epoch_s=now_epoch_s
    )


def choose(half: Half, scope: str, *, now_epoch_s: int) -> Onward | None:
    """Take the step `choice`; None for a place that is not this person's."""
    members = places(half)
    chosen = next((member for member in members if member.scope == scope), None)
    if chosen is None:
        record(half, members, "place_chosen", "not_own", now_epoch_s)
        return None
    ahead = replace(half, step=Step.IN)
    return take_step(half, ahead, [chosen], "signed_in", now_epoch_s)


def places(half: Half) -> list[Membership]:
    """Return the places to choose from, in order; raises NoPlaceError when there is none left."""
    members = entry.in_order(memberships.of_account(half.account_id))
    if not members:
        raise NoPlaceError
    return members


def credential_of(members: list[Membership]) -> credentials.Credential:
    """Return what somebody proves himself with; raises NoPlaceError when it is gone."""
    found = credentials.find(credentials.staff_key(members[0].address))
    if found is None:
        raise NoPlaceError
    return found


def take_step(
    half: Half,
    ahead: Half,
    members: list[Membership],
    reason: str,
    now_epoch_s: int,
    changes: tuple[Operation, ...] = (),
    give_back: tuple[throttle.Draw, ...] = (),
) -> Onward:
    """Go on under another secret with the changes of a step; raises TransactionRefused."""
    secret = ids.new_secret()
    moved = replace(ahead, session_hash=ids.sha256_hex(secret))
    item = session_start.next_item(
        moved, members[0], stage=settings.require("STAGE"), now_epoch_s=now_epoch_s
    )
    event = _event(half, members, "sign_in", reason, now_epoch_s, outcome="done")
    store.start_session(
        item, event, give_back=give_back, ends=half.session_hash, with_changes=changes
    )
    return Onward(secret, moved.step, members[0].scope, half.next_path)


def record(
    half: Half, members: list[Membership], action: audit.Action, reason: str, now_epoch_s: int
) -> None:
    """Record a step that was refused."""
    store.record(_event(half, members, action, reason, now_epoch_s, outcome="refused"))


def _event(
    half: Half,
    members: list[Membership],
    action: audit.Action,
    reason: str,
    now_epoch_s: int,
    *,
    outcome: audit.Outcome,
) -> dict[str, object]:
    return audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome=outcome,
        reason=reason,
        account_id=half.account_id,
        scope=members[0].scope,
        at_epoch_s=now_epoch_s,
        source_ip=half.source_ip,
        trace=half.trace,
    )
