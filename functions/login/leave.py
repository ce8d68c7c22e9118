"""Leave to have a password tried: a due ticket, or a failure reserved in every budget."""

from dataclasses import dataclass

from login import store, throttle
from login.attempts import Attempt, Known, Outcome, Result, refused
from login.store import Reservation
from schoolpoort import ids, mail_requests
from schoolpoort.log import logger


@dataclass(frozen=True, slots=True)
class Granted:
    """Leave to have a password tried; `draws` is given back when it is right."""

    draws: tuple[throttle.Draw, ...]


def leave_to_try(attempt: Attempt, known: Known, now_epoch_s: int) -> Granted | Result:
    """Return leave to have the password looked at, or why not now: WAIT or CAPTCHA_FAILED."""
    draws = _draws(attempt, known, now_epoch_s)
    spent: tuple[throttle.Draw, ...] = ()
    reserved = _reserve_by_ticket(attempt, known.owner.account_hash, now_epoch_s)
    if reserved is Reservation.REFUSED and _is_guess_of_many(known):
        logger.warning("guessing everywhere")
        return _wait(attempt, known, now_epoch_s)
    if reserved is Reservation.REFUSED:
        reserved = store.reserve_by_budget(attempt.captcha_token, draws, now_epoch_s=now_epoch_s)
        spent = draws
    if reserved is Reservation.GRANTED:
        return Granted(spent)
    if reserved is Reservation.CAPTCHA_REPLAYED:
        return refused(attempt, Outcome.CAPTCHA_FAILED, known.account_id, now_epoch_s)
    if reserved is Reservation.ACCOUNT_EMPTY:
        _tell_owner(attempt, known, now_epoch_s)
    return _wait(attempt, known, now_epoch_s)


def _is_guess_of_many(known: Known) -> bool:
    """Say whether an attempt may be one of many at many accounts: each of those waits first."""
    around = known.around
    return around.is_guessed_everywhere and not (known.is_known_device or around.is_at_school)


def _draws(attempt: Attempt, known: Known, now_epoch_s: int) -> tuple[throttle.Draw, ...]:
    account_hash = known.owner.account_hash
    if attempt.device is not None and known.is_known_device:
        return throttle.device_draws(
            account_hash=account_hash, device_name=attempt.device.name, now_epoch_s=now_epoch_s
        )
    return throttle.draws(
        account_hash=account_hash,
        source_ip=attempt.source_ip,
        now_epoch_s=now_epoch_s,
        is_at_school=known.around.is_at_school,
    )


def _tell_owner(attempt: Attempt, known: Known, now_epoch_s: int) -> None:
    """Ask for the mail that says that somebody guesses; once a day, also where there is no owner.

    Only the mail job looks whether there is one, so that nobody can tell by time.
    """
    told = throttle.told_item(account_hash=known.owner.account_hash, now_epoch_s=now_epoch_s)
    if store.is_first_to_tell(told, now_epoch_s=now_epoch_s):
        mail_requests.enqueue(
            "guessed",
            request_id=f"guessed-{known.owner.account_hash[:16]}-{now_epoch_s}",
            address=attempt.address,
            at="home" if attempt.door == "home_opened" else "",
        )


def _reserve_by_ticket(attempt: Attempt, account_hash: str, now_epoch_s: int) -> Reservation:
    if attempt.ticket_secret is None:
        return Reservation.REFUSED
    return store.reserve_by_ticket(
        attempt.captcha_token,
        ticket_secret=attempt.ticket_secret,
        account_hash=account_hash,
        now_epoch_s=now_epoch_s,
    )


def _wait(attempt: Attempt, known: Known, now_epoch_s: int) -> Result:
    """Let a browser wait on the ticket it holds, or give it a new one."""
    account_hash = known.owner.account_hash
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
    refused(attempt, Outcome.WAIT, known.account_id, now_epoch_s)
    return Result(Outcome.WAIT, ticket_secret=secret, wait_s=wait_s)
