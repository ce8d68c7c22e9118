"""A child comes in at home: its parent's address and password, then the child, then its PIN.

    form ──► choice of child ──► PIN, where the child has one ──► in
              ▲
    trusted ──┘    a device that the parent trusts begins here for ninety days

The PIN's budget belongs to the open door: a parent who gives the password again opens another
one, with all tries, and so releases a blocked PIN. A forgotten password is renewed by mail.
"""

from dataclasses import dataclass, replace

from login import (
    attempts,
    audit,
    home_store,
    known_devices,
    leave,
    pupil_access,
    pupil_sign_in,
    store,
    throttle,
)
from login.attempts import Attempt, Result
from login.home_store import HomeChild, HomeSession
from login.pupil_sign_in import Outcome, Where
from schoolpoort import captcha, credentials, ids, passwords
from schoolpoort.captcha import CaptchaVerdict

ACTION = "home"
OPEN_LIFE_S = 15 * 60
"""How long a family may take to choose a child after the password."""

TRUST_LIFE_S = 90 * 24 * 60 * 60
_WAY_BACK = "/login/home/children"


@dataclass(frozen=True, slots=True)
class Opened:
    """A door that was opened just now, with the secret that the browser keeps.

    `has_children` is False where the code of a card is still to be filled in.
    """

    secret: str
    life_s: int | None
    device: known_devices.Device
    has_children: bool


def open_door(attempt: Attempt, *, trusts: bool, now_epoch_s: int) -> Opened | Result:
    """Evaluate an address and a password as staff's are; known or not takes the same steps."""
    verdict = captcha.check(attempt.captcha_token, attempt.source_ip, ACTION)
    if verdict is not CaptchaVerdict.PASSED:
        outcome = attempts.Outcome(f"captcha_{verdict.value}")
        return attempts.refused(attempt, outcome, None, now_epoch_s)
    address_key = credentials.home_key(attempt.address)
    known = attempts.look_up(attempt, address_key, now_epoch_s)
    account_id, credential = known.account_id, known.credential
    granted = leave.leave_to_try(attempt, known, now_epoch_s)
    if isinstance(granted, Result):
        return granted
    is_right = passwords.verify(known.phc, attempt.unsafe_password)
    children = home_store.children_of(address_key)
    schools = tuple(sorted({child.school_id for child in children}))
    attempt = replace(attempt, school_ids=schools)
    if not is_right or credential is None:
        return attempts.refused(attempt, attempts.Outcome.WRONG, account_id, now_epoch_s)
    if not children and not home_store.is_expected(address_key):
        return attempts.refused(attempt, attempts.Outcome.NO_MEMBERSHIP, account_id, now_epoch_s)
    secret = ids.new_secret()
    life_s = TRUST_LIFE_S if trusts else OPEN_LIFE_S
    home = HomeSession(
        session_hash=ids.sha256_hex(secret),
        account_id=credential.account_id,
        address_key=address_key,
        password_version=credential.password_version,
        is_trusted=trusts,
        proved_at_epoch_s=now_epoch_s,
        expires_at_epoch_s=now_epoch_s + life_s,
    )
    event = audit.event(
        nonce=ids.new_nonce(),
        action="home_opened",
        outcome="done",
        reason="trusted" if trusts else "signed_in",
        account_id=credential.account_id,
        scope=None,
        at_epoch_s=now_epoch_s,
        pupil_at="home",
        trace=attempt.trace,
        school_ids=attempt.school_ids,
    )
    renewal = attempts.renewal(credential, known.phc or "", attempt.unsafe_password)
    store.open_home(home_store.session_put(home), event, give_back=granted.draws, renewal=renewal)
    return Opened(
        secret,
        TRUST_LIFE_S if trusts else None,
        attempts.remembered(attempt, known),
        has_children=bool(children),
    )


def asks_pin(home: HomeSession, child: HomeChild, count: int, *, now_epoch_s: int) -> bool:
    """Say whether a child fills in its PIN: not where its parent let an only child in just now."""
    is_fresh = now_epoch_s < home.proved_at_epoch_s + OPEN_LIFE_S
    return child.access.pin_at(now_epoch_s) is not None and not (count == 1 and is_fresh)


def try_pin(home: HomeSession, child: HomeChild, pin: str, *, now_epoch_s: int) -> Outcome:
    """Judge a PIN within the budget of this door; a failure is reserved before it is looked at."""
    draws = throttle.home_pin_draws(
        home_hash=home.session_hash, person_id=child.person.person_id, now_epoch_s=now_epoch_s
    )
    where = Where(child.school_id, _WAY_BACK, "home")
    return pupil_sign_in.judge_pin(child.access, pin, draws, where, now_epoch_s=now_epoch_s)


def close_door(home: HomeSession, *, now_epoch_s: int) -> None:
    """Close a door, trusted or not."""
    event = audit.event(
        nonce=ids.new_nonce(),
        action="home_left",
        outcome="done",
        reason="asked",
        account_id=home.account_id,
        scope=None,
        at_epoch_s=now_epoch_s,
        pupil_at="home",
    )
    store.change(event, home_store.session_delete(home.session_hash))


def start(child: HomeChild, *, ends: str | None, now_epoch_s: int) -> str:
    """Write the child's session; return the browser's secret."""
    where = Where(child.school_id, _WAY_BACK, "home")
    picture = pupil_access.picture_of(child.access)
    return pupil_sign_in.start(child.person, picture, where, ends=ends, now_epoch_s=now_epoch_s)
