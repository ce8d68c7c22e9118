"""What somebody who is in does about his own security: show again who he is, and his second factor.

Each change gives the browser another secret, in the transaction of the change itself.
"""

import enum
from dataclasses import dataclass, replace

from login import (
    attempts,
    audit,
    entry,
    leave,
    second_factor,
    session_list,
    session_start,
    store,
    throttle,
    way_in,
)
from login.attempts import Outcome, Result
from login.second_factor import Refusal
from schoolpoort import captcha, credentials, ids, kept_hashes, memberships, passwords, settings
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Operation
from schoolpoort.errors import TransactionRefused
from schoolpoort.memberships import Membership
from schoolpoort.sessions import Session

CONFIRM_ACTION = "confirm"


class Change(enum.StrEnum):
    """What the page of the second factor can be asked."""

    NEW_CODES = "new_codes"
    RENEW = "renew"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who is in, with his places to work and what he proves himself with."""

    session: Session
    members: tuple[Membership, ...]
    credential: Credential
    browser: str = ""
    source_ip: str = ""

    @property
    def needs_second_factor(self) -> bool:
        """Say whether a role of his works only with a second factor."""
        return entry.needs_second_factor(self.members)


@dataclass(frozen=True, slots=True)
class Changed:
    """The browser's next secret, and new codes for paper where the change made them."""

    session_secret: str
    codes: tuple[str, ...] = ()


def owner_of(session: Session, browser: str, source_ip: str) -> Owner:
    """Return whose session this is; raises NoPlaceError when nothing is left of the account."""
    members = entry.in_order(memberships.of_account(session.account_id))
    credential = credentials.find(credentials.staff_key(members[0].address)) if members else None
    if credential is None:
        raise way_in.NoPlaceError
    return Owner(session, tuple(members), credential, browser, source_ip)


def confirm(
    owner: Owner, attempt: attempts.Attempt, code: str, *, now_epoch_s: int
) -> Changed | Result:
    """Show once more who one is: captcha, password and, where there is one, a code.

    Takes the same budgets as signing in, so that it is no way around them. A wrong code answers as
    a wrong password does.
    """
    verdict = captcha.check(attempt.captcha_token, attempt.source_ip, CONFIRM_ACTION)
    if verdict is not CaptchaVerdict.PASSED:
        outcome = Outcome(f"captcha_{verdict.value}")
        return _refused(owner, outcome.value, now_epoch_s, Result(outcome))
    known = attempts.look_up(attempt, owner.credential.address_key, now_epoch_s)
    granted = leave.leave_to_try(attempt, known, now_epoch_s)
    if isinstance(granted, Result):
        return granted
    wrong = Result(Outcome.WRONG)
    if not passwords.verify(known.phc, attempt.unsafe_password):
        return _refused(owner, "wrong", now_epoch_s, wrong)
    if owner.credential.second_factor is None:
        return renew(owner, "confirm", now_epoch_s, proved_at_epoch_s=None, give_back=granted.draws)
    proof = second_factor.prove(owner.credential, code, now_epoch_s=now_epoch_s)
    if isinstance(proof, Refusal):
        return _refused(owner, f"code_{proof.value}", now_epoch_s, wrong)
    try:
        return renew(
            owner,
            "confirm",
            now_epoch_s,
            proved_at_epoch_s=now_epoch_s,
            give_back=(*granted.draws, *proof.draws),
            changes=(proof.use,),
        )
    except TransactionRefused:
        # Another browser was quicker with the same code.
        return _refused(owner, "code_used", now_epoch_s, wrong)


def set_up(owner: Owner, wrapped_secret: bytes, typed: str, *, now_epoch_s: int) -> Changed | None:
    """Store the factor whose first code was typed, in the place of an older one; None if wrong."""
    made = way_in.new_factor(
        owner.session.account_id, wrapped_secret, typed, now_epoch_s=now_epoch_s
    )
    if made is None:
        store.record(event_of(owner, "second_factor_set", "refused", "wrong", now_epoch_s))
        return None
    change = credentials.set_second_factor(owner.credential, made.factor)
    changed = renew(
        owner,
        "second_factor_set",
        now_epoch_s,
        proved_at_epoch_s=now_epoch_s,
        changes=(change,),
    )
    return Changed(changed.session_secret, made.codes)


def new_codes(owner: Owner, *, now_epoch_s: int) -> Changed | None:
    """Make ten other codes for paper; None without a second factor."""
    factor = owner.credential.second_factor
    if factor is None:
        return None
    hashes, codes = second_factor.new_codes(owner.session.account_id)
    change = credentials.set_recovery_codes(owner.credential, hashes)
    changed = renew(
        owner,
        "recovery_codes",
        now_epoch_s,
        proved_at_epoch_s=owner.session.proved_at_epoch_s,
        changes=(change,),
    )
    return Changed(changed.session_secret, codes)


def remove(owner: Owner, *, now_epoch_s: int) -> Changed | None:
    """Take the second factor away; None where a role of the account needs one."""
    if owner.needs_second_factor or owner.credential.second_factor is None:
        store.record(event_of(owner, "second_factor_removed", "refused", "needed", now_epoch_s))
        return None
    change = credentials.remove_second_factor(owner.credential)
    return renew(
        owner, "second_factor_removed", now_epoch_s, proved_at_epoch_s=None, changes=(change,)
    )


def change_password(owner: Owner, password: str, *, now_epoch_s: int) -> Changed:
    """Keep another password and end the owner's other sessions; links of before stop working.

    `password` keeps the rules, or ValueError. Raises TransactionRefused when it changed meanwhile.
    """
    kept = kept_hashes.sealed(passwords.hash_password(password), owner=owner.credential.account_id)
    changed = renew(
        owner,
        "password_set",
        now_epoch_s,
        proved_at_epoch_s=owner.session.proved_at_epoch_s,
        changes=(credentials.set_password(owner.credential, kept),),
    )
    here = replace(owner.session, session_hash=ids.sha256_hex(changed.session_secret))
    session_list.end_others(here, None, now_epoch_s=now_epoch_s)
    return changed


def check_refused(owner: Owner, verdict: str, *, now_epoch_s: int) -> None:
    """Record that the check of a person refused a new password."""
    store.record(event_of(owner, "password_set", "refused", f"captcha_{verdict}", now_epoch_s))


def renew(
    owner: Owner,
    action: audit.Action,
    now_epoch_s: int,
    *,
    proved_at_epoch_s: int | None,
    give_back: tuple[throttle.Draw, ...] = (),
    changes: tuple[Operation, ...] = (),
) -> Changed:
    """Go on under another secret, together with the changes; raises TransactionRefused."""
    secret = ids.new_secret()
    item = session_start.renewed_item(
        owner.session,
        session_hash=ids.sha256_hex(secret),
        stage=settings.require("STAGE"),
        now_epoch_s=now_epoch_s,
        proved_at_epoch_s=proved_at_epoch_s,
        confirmed_at_epoch_s=now_epoch_s,
        browser=owner.browser,
    )
    event = event_of(owner, action, "done", "asked", now_epoch_s)
    store.start_session(
        item,
        event,
        give_back=give_back,
        ends=owner.session.session_hash,
        with_changes=changes,
    )
    return Changed(secret)


def _refused(owner: Owner, reason: str, now_epoch_s: int, result: Result) -> Result:
    store.record(event_of(owner, "confirm", "refused", reason, now_epoch_s))
    return result


def event_of(
    owner: Owner, action: audit.Action, outcome: audit.Outcome, reason: str, now_epoch_s: int
) -> dict[str, object]:
    """Return the event of something that an owner did or was refused."""
    return audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome=outcome,
        reason=reason,
        account_id=owner.session.account_id,
        scope=owner.session.scope,
        at_epoch_s=now_epoch_s,
        source_ip=owner.source_ip,
    )
