"""An attempt with a password, at any of the doors: what was sent, what is known, how it ended."""

import enum
from dataclasses import dataclass, replace

from login import audit, known_devices, store, surroundings
from login.entry import Step
from login.known_devices import Device
from login.surroundings import Surroundings
from schoolpoort import credentials, dynamodb, ids, kept_hashes, passwords, pepper_keys

NOBODY = "0"
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
    before the password is looked at. `trace` is the mark of the browser (login.traces), and
    `school_ids` are those of a parent's children, once they are known.
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
    device: Device | None = None
    trace: str = ""
    school_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended, and what the browser keeps of it.

    `session_secret` comes with SIGNED_IN, with `scope` once `step` is IN, and `device`, which knows
    the account from now on; `ticket_secret` and `wait_s` come with WAIT.
    """

    outcome: Outcome
    session_secret: str | None = None
    step: Step = Step.IN
    scope: str = ""
    ticket_secret: str | None = None
    wait_s: int = 0
    device: Device | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address before its password is tried; nothing, for an unknown one."""

    address_key: str
    around: Surroundings
    phc: str | None
    is_known_device: bool

    @property
    def credential(self) -> credentials.Credential | None:
        """Return the account's credential."""
        return self.around.credential

    @property
    def account_id(self) -> str | None:
        """Return the account's id, or None without an account."""
        return self.credential.account_id if self.credential else None

    @property
    def owner(self) -> known_devices.Owner:
        """Return the account as a browser's cookie names it."""
        version = self.credential.password_version if self.credential else 0
        return known_devices.Owner(ids.sha256_hex(self.address_key), version)


def look_up(attempt: Attempt, address_key: str, now_epoch_s: int) -> Known:
    """Return what is known of an address; one AWS call, known or not."""
    around = surroundings.look_around(
        address_key,
        source_ip=attempt.source_ip,
        old_session_hash=attempt.old_session_hash,
        now_epoch_s=now_epoch_s,
    )
    credential = around.credential
    stored = credential.password_hash if credential else None
    phc = kept_hashes.opened(stored, owner=credential.account_id if credential else NOBODY)
    known = Known(address_key, around, phc, is_known_device=False)
    pepper = pepper_keys.current().key
    return replace(known, is_known_device=known_devices.knows(attempt.device, known.owner, pepper))


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


def remembered(attempt: Attempt, known: Known) -> Device:
    """Return the browser as it knows the account of a right password from now on."""
    device = attempt.device or Device(ids.new_secret())
    return known_devices.with_owner(device, known.owner, pepper_keys.current().key)


def refused(attempt: Attempt, outcome: Outcome, account_id: str | None, now_epoch_s: int) -> Result:
    """Record an attempt that let nobody in, count a wrong password, and return the result."""
    if outcome is Outcome.WRONG:
        store.count_wrong(now_epoch_s=now_epoch_s)
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
            trace=attempt.trace,
            school_ids=attempt.school_ids,
        )
    )
    return Result(outcome)
