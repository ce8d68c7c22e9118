"""Signing in with a passkey alone: no address, no password, no check for a person.

A passkey asks for a finger, a face or a PIN each time, so it stands for both factors. It cannot be
guessed, so no budget is drawn on. 1. The memberships of the account that the key names (Query),
2. the credential with what is known of network and browser (BatchGetItem), 3. the session with
its event and the uses (one transaction).
"""

from dataclasses import replace

from login import arrival, audit, entry, known_devices, passkey_proof, store, surroundings
from login.attempts import Attempt, Known, Result
from login.passkey_proof import Asked
from login.passkeys import Refusal, Sent
from schoolpoort import credentials, ids, memberships, pepper_keys
from schoolpoort.credentials import Credential
from schoolpoort.errors import TransactionRefused
from schoolpoort.memberships import Membership


def sign_in(attempt: Attempt, unsafe_text: str, asked: Asked) -> Result | Refusal:
    """Evaluate what a browser sent; raises StoreUnavailable, with nothing half done."""
    sent = passkey_proof.received(unsafe_text, asked)
    if isinstance(sent, Refusal):
        return _refused(sent, attempt, None, [], asked)
    # Where a browser finds the key by itself, it always says whose it is (6.3.3, step 13).
    account_id = sent.user_handle
    members = entry.in_order(memberships.of_account(account_id)) if account_id else []
    if not members:
        return _refused(Refusal.UNKNOWN, attempt, None, [], asked)
    return _evaluate(attempt, sent, members, asked)


def _evaluate(
    attempt: Attempt, sent: Sent, members: list[Membership], asked: Asked
) -> Result | Refusal:
    attempt = replace(attempt, address=members[0].address)
    known = _look_up(attempt, asked.now_epoch_s)
    credential = known.credential
    if credential is None or credential.account_id != sent.user_handle:
        return _refused(Refusal.UNKNOWN, attempt, None, members, asked)
    proof = passkey_proof.prove(credential, sent, asked)
    if isinstance(proof, Refusal):
        return _refused(proof, attempt, credential, members, asked)
    try:
        return arrival.arrive_by_passkey(
            attempt, known, credential, members, proof, now_epoch_s=asked.now_epoch_s
        )
    except TransactionRefused:
        # Another request was quicker with the same answer.
        return _refused(Refusal.USED, attempt, credential, members, asked)


def _look_up(attempt: Attempt, now_epoch_s: int) -> Known:
    address_key = credentials.staff_key(attempt.address)
    around = surroundings.look_around(
        address_key,
        source_ip=attempt.source_ip,
        old_session_hash=attempt.old_session_hash,
        now_epoch_s=now_epoch_s,
    )
    known = Known(address_key, around, phc=None, is_known_device=False)
    pepper = pepper_keys.current().key
    return replace(known, is_known_device=known_devices.knows(attempt.device, known.owner, pepper))


def _refused(
    refusal: Refusal,
    attempt: Attempt,
    credential: Credential | None,
    members: list[Membership],
    asked: Asked,
) -> Refusal:
    """Record an attempt that let nobody in; whose it was is known once the key is the account's."""
    store.record(
        audit.event(
            nonce=ids.new_nonce(),
            action="sign_in",
            outcome="refused",
            reason=refusal.value,
            account_id=credential.account_id if credential else None,
            scope=members[0].scope if credential else None,
            at_epoch_s=asked.now_epoch_s,
            source_ip=attempt.source_ip,
            trace=attempt.trace,
        )
    )
    return refusal
