"""Proving oneself with a passkey, wherever it is asked: the order of the checks, in one place.

1. Is it an answer at all, and to a challenge of ours for this browser and purpose? That costs no
call. 2. Is the key one of the account's? 3. Do origin, host, finger or PIN, signature and count
hold? Nothing is used up here: a proof carries the writes, for the transaction of what it is shown
for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from login import passkey_challenges, passkey_store, passkeys, store
from login.passkey_challenges import Purpose
from login.passkeys import Refusal, Sent
from schoolpoort import ids, mail_requests, pepper_keys, settings
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Operation
from schoolpoort.second_factors import Passkey


@dataclass(frozen=True, slots=True)
class Asked:
    """Where an answer belongs: what for, the browser's name, and when it came."""

    purpose: Purpose
    browser: str
    now_epoch_s: int


def house() -> passkeys.House:
    """Return who asks, as this deployment is configured."""
    return passkeys.house_at(settings.require_url("PUBLIC_BASE_URL"))


def new_challenge(asked: Asked) -> bytes:
    """Return a challenge for a browser; no AWS call once the pepper is open."""
    return passkey_challenges.make(
        asked.purpose,
        asked.browser,
        pepper_keys.current().key,
        nonce=ids.new_nonce(),
        now_epoch_s=asked.now_epoch_s,
    )


def question(asked: Asked, known: Iterable[Passkey] = ()) -> dict[str, Any]:
    """Return what a browser is asked to show: one of these passkeys, or anybody's."""
    return passkeys.to_show(house(), new_challenge(asked), known)


def received(unsafe_text: str, asked: Asked) -> Sent | Refusal:
    """Read an answer to a challenge of ours for this browser and purpose."""
    sent = passkeys.read(unsafe_text)
    if sent is None:
        return Refusal.MALFORMED
    pepper = pepper_keys.current().key
    is_ours = passkey_challenges.is_ours(
        sent.challenge, asked.purpose, asked.browser, pepper, now_epoch_s=asked.now_epoch_s
    )
    return sent if is_ours else Refusal.CHALLENGE


def prove(credential: Credential, sent: Sent, asked: Asked) -> tuple[Operation, ...] | Refusal:
    """Return the writes that use a passkey and its challenge, or why it does not count."""
    passkey = passkey_store.passkeys_of(credential).get(sent.ref)
    is_own = sent.user_handle in {None, credential.account_id}
    if passkey is None or not is_own or passkey.credential_id != sent.credential_id:
        return Refusal.UNKNOWN
    count = passkeys.judge(sent, passkey, house())
    if isinstance(count, Refusal):
        return _warned(credential, sent, asked) if count is Refusal.COPIED else count
    now_epoch_s = asked.now_epoch_s
    return (
        passkey_challenges.use(sent.challenge, now_epoch_s=now_epoch_s),
        passkey_store.use(credential, sent.ref, count, now_epoch_s=now_epoch_s),
    )


def _warned(credential: Credential, sent: Sent, asked: Asked) -> Refusal:
    """Keep that a passkey may have been copied, and tell its owner; the challenge is used up.

    A button that was pressed twice sends the same answer twice, and that is no copy.
    """
    now_epoch_s = asked.now_epoch_s
    is_first = store.do(
        passkey_challenges.use(sent.challenge, now_epoch_s=now_epoch_s),
        passkey_store.suspect(credential, sent.ref, now_epoch_s=now_epoch_s),
    )
    if not is_first:
        return Refusal.USED
    tell(credential, "suspected", f"{sent.ref}-{now_epoch_s}")
    return Refusal.COPIED


def tell(credential: Credential, news: str, about: str) -> None:
    """Mail the owner that a passkey was added, removed or perhaps copied; once for what it says."""
    mail_requests.enqueue(
        "passkey",
        request_id=f"passkey-{news}-{about}",
        address=credential.address_key.partition("#")[2],
        language=credential.language,
        news=news,
    )
