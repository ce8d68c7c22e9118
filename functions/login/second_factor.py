"""Proving a second factor: a code of the app, or one from paper; and making both.

Nothing is used up here: a proof carries the write that uses it, for the transaction of what it is
shown for. So of fifty browsers with one code exactly one gets on.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from login import recovery_codes, store, throttle, totp
from schoolpoort import credentials, ids, kept_hashes
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Update
from schoolpoort.second_factors import SecondFactor

FEW_CODES = 3
"""From how few codes on paper we advise to make new ones."""


class Refusal(enum.Enum):
    """Why a code does not count; the page says it in words."""

    WRONG = "wrong"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that counts, with the write that uses it up and the failures to give back."""

    use: Update
    draws: tuple[throttle.Draw, ...]
    is_recovery: bool
    codes_left: int


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A factor that is ready to be stored, and its codes as they stand on paper, shown once."""

    factor: SecondFactor
    codes: tuple[str, ...]


def prove(credential: Credential, typed: str, *, now_epoch_s: int) -> Proof | Refusal:
    """Judge what somebody typed as a code of the app or of the paper.

    A failure is reserved before the code is looked at, so that many at once buy no extra guess.
    Raises StoreUnavailable.
    """
    factor = credential.second_factor
    code = totp.read(typed)
    paper = recovery_codes.number_and_secret(typed)
    if factor is None or (code is None and paper is None) or (code and not factor.has_app):
        return Refusal.WRONG
    account_hash = ids.sha256_hex(credential.address_key)
    make_draws = throttle.recovery_draws if code is None else throttle.code_draws
    draws = make_draws(account_hash=account_hash, now_epoch_s=now_epoch_s)
    if not store.draw_on(draws):
        return Refusal.WAIT
    if code is not None:
        return _by_app(credential, factor, code, draws, now_epoch_s) or Refusal.WRONG
    return _by_paper(credential, factor, paper or ("", ""), draws) or Refusal.WRONG


def _by_app(
    credential: Credential,
    factor: SecondFactor,
    code: str,
    draws: tuple[throttle.Draw, ...],
    now_epoch_s: int,
) -> Proof | None:
    secret = store.unwrap_secret(credential.account_id, factor.wrapped_secret)
    if secret is None:
        return None
    step = totp.matching_step(secret, code, now_epoch_s=now_epoch_s, last_step=factor.last_step)
    if step is None:
        return None
    use = credentials.use_step(credential, factor, step)
    return Proof(use, draws, is_recovery=False, codes_left=len(factor.recovery_hashes))


def _by_paper(
    credential: Credential,
    factor: SecondFactor,
    paper: tuple[str, str],
    draws: tuple[throttle.Draw, ...],
) -> Proof | None:
    number, secret = paper
    stored = factor.recovery_hashes.get(number)
    phc = kept_hashes.opened(stored, owner=credential.account_id)
    if phc is None or not recovery_codes.is_right(phc, secret):
        return None
    use = credentials.use_recovery_code(credential, factor, number)
    return Proof(use, draws, is_recovery=True, codes_left=len(factor.recovery_hashes) - 1)


def new_factor(
    account_id: str, wrapped_secret: bytes, *, used_step: int, now_epoch_s: int
) -> NewFactor:
    """Return a factor of a secret whose first code was right, with ten codes for paper."""
    hashes, codes = new_codes(account_id)
    factor = SecondFactor(wrapped_secret, now_epoch_s, used_step, hashes)
    return NewFactor(factor, codes)


def new_codes(account_id: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return ten codes for paper: as they are kept, and as they are shown once."""
    secrets = {str(number): ids.new_recovery_secret() for number in range(recovery_codes.COUNT)}
    hashes = {
        number: kept_hashes.sealed(recovery_codes.hashed(secret), owner=account_id)
        for number, secret in secrets.items()
    }
    return hashes, tuple(recovery_codes.shown(*entry) for entry in secrets.items())
