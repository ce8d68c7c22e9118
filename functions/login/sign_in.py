"""One attempt to sign in with an address and a password, in the order that costs us least.

1. Was it a person? The check comes first: it costs the store nothing.
2. The account, with what is known of network and browser (one BatchGetItem), 3. the budgets and
the captcha token (one transaction), and only then the password: an attacker who has used up the
budgets buys no argon2 from us.
4. The memberships (Query), 5. the session with its event (one transaction): a half one while a
step is left (login.entry).

A wrong password and an unknown address take the same steps, so neither can be told by time.
"""

from dataclasses import replace

from login import arrival, entry, leave
from login.attempts import NOBODY, Attempt, Known, Outcome, Result, look_up, refused
from login.throttle import Draw
from schoolpoort import captcha, credentials, memberships, passwords
from schoolpoort.captcha import CaptchaVerdict

ACTION = "login"


def sign_in(attempt: Attempt, *, now_epoch_s: int) -> Result:
    """Evaluate an attempt; raises StoreUnavailable, with nothing half done."""
    verdict = captcha.check(attempt.captcha_token, attempt.source_ip, ACTION)
    if verdict is not CaptchaVerdict.PASSED:
        return refused(attempt, Outcome(f"captcha_{verdict.value}"), None, now_epoch_s)
    known = look_up(attempt, credentials.staff_key(attempt.address), now_epoch_s)
    granted = leave.leave_to_try(attempt, known, now_epoch_s)
    if isinstance(granted, Result):
        return granted
    return _evaluate(attempt, known, granted.draws, now_epoch_s)


def _evaluate(attempt: Attempt, known: Known, draws: tuple[Draw, ...], now_epoch_s: int) -> Result:
    """Try the password; known or not, an address takes the same steps."""
    account_id = known.account_id
    is_right = passwords.verify(known.phc, attempt.unsafe_password)
    members = entry.in_order(memberships.of_account(account_id or NOBODY))
    scope = members[0].scope if members else None
    if not is_right or known.credential is None:
        return refused(replace(attempt, scope=scope), Outcome.WRONG, account_id, now_epoch_s)
    if not members:
        return refused(attempt, Outcome.NO_MEMBERSHIP, account_id, now_epoch_s)
    return arrival.arrive(attempt, known, known.credential, members, draws, now_epoch_s=now_epoch_s)
