"""A passkey on the way in, before a sensitive act, and among one's own: each one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from login import (
    entry,
    own_security,
    passkey_challenges,
    passkey_proof,
    passkey_store,
    passkeys,
    second_factor,
    store,
    way_in,
)
from login.own_security import Changed, Owner
from login.passkey_proof import Asked
from login.passkeys import Refusal
from login.session_start import Half
from login.way_in import Onward
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Operation
from schoolpoort.errors import TransactionRefused
from schoolpoort.second_factors import Passkey


class TooManyError(Exception):
    """An account has as many passkeys as it may have."""


class NeededError(Exception):
    """The last second step of somebody whose role needs one stays."""


@dataclass(frozen=True, slots=True)
class _New:
    """A passkey that is ready to be kept, and codes for paper where there were none."""

    passkey: Passkey
    changes: tuple[Operation, ...]
    codes: tuple[str, ...]


def take_code_step(half: Half, unsafe_text: str, asked: Asked) -> Onward | Refusal:
    """Take the step `code` with a passkey instead of a code."""
    members = way_in.places(half)
    credential = way_in.credential_of(members)
    sent = passkey_proof.received(unsafe_text, asked)
    proof = sent if isinstance(sent, Refusal) else passkey_proof.prove(credential, sent, asked)
    if not isinstance(proof, Refusal):
        step = entry.after_proof(members)
        ahead = replace(half, step=step, proved_at_epoch_s=asked.now_epoch_s)
        try:
            return way_in.take_step(
                half, ahead, members, "second_passkey", asked.now_epoch_s, proof
            )
        except TransactionRefused:
            proof = Refusal.USED
    way_in.record(half, members, "second_factor", proof.value, asked.now_epoch_s)
    return proof


def take_enrolment_step(half: Half, unsafe_text: str, name: str, asked: Asked) -> Onward | Refusal:
    """Take the step `enrolment` with a passkey instead of an app."""
    members = way_in.places(half)
    credential = way_in.credential_of(members)
    made = _new(credential, unsafe_text, name, asked)
    if credential.second_factor is not None:
        made = Refusal.USED
    if not isinstance(made, Refusal):
        step = entry.after_proof(members)
        ahead = replace(half, step=step, proved_at_epoch_s=asked.now_epoch_s)
        try:
            taken = way_in.take_step(
                half, ahead, members, "passkey_added", asked.now_epoch_s, made.changes
            )
        except TransactionRefused:
            made = Refusal.USED
        else:
            passkey_proof.tell(credential, "added", _ref(made.passkey))
            return replace(taken, codes=made.codes)
    way_in.record(half, members, "passkey_added", made.value, asked.now_epoch_s)
    return made


def confirm(owner: Owner, unsafe_text: str, asked: Asked) -> Changed | Refusal:
    """Show with a passkey that one is still the same; it stands for password and code."""
    sent = passkey_proof.received(unsafe_text, asked)
    proof = (
        sent if isinstance(sent, Refusal) else passkey_proof.prove(owner.credential, sent, asked)
    )
    now = asked.now_epoch_s
    if not isinstance(proof, Refusal):
        try:
            return own_security.renew(owner, "confirm", now, proved_at_epoch_s=now, changes=proof)
        except TransactionRefused:
            proof = Refusal.USED
    store.record(own_security.event_of(owner, "confirm", "refused", proof.value, now))
    return proof


def add(owner: Owner, unsafe_text: str, name: str, asked: Asked) -> Changed | Refusal:
    """Keep another passkey; raises TooManyError, and tells the owner by mail."""
    if len(passkey_store.passkeys_of(owner.credential)) >= passkeys.MOST:
        raise TooManyError
    now = asked.now_epoch_s
    made = _new(owner.credential, unsafe_text, name, asked)
    if not isinstance(made, Refusal):
        try:
            # Making one asked for a finger, a face or a PIN: that is a proof as well.
            changed = own_security.renew(
                owner, "passkey_added", now, proved_at_epoch_s=now, changes=made.changes
            )
        except TransactionRefused:
            made = Refusal.USED
        else:
            passkey_proof.tell(owner.credential, "added", _ref(made.passkey))
            return Changed(changed.session_secret, made.codes)
    store.record(own_security.event_of(owner, "passkey_added", "refused", made.value, now))
    return made


def remove(owner: Owner, ref: str, *, now_epoch_s: int) -> Changed | None:
    """Take a passkey away; None when it is gone. Raises NeededError and TransactionRefused."""
    kept = passkey_store.passkeys_of(owner.credential)
    factor = owner.credential.second_factor
    if factor is None or ref not in kept:
        return None
    is_last = len(kept) == 1 and not factor.has_app
    if is_last and owner.needs_second_factor:
        event = own_security.event_of(owner, "passkey_removed", "refused", "needed", now_epoch_s)
        store.record(event)
        raise NeededError
    changed = own_security.renew(
        owner,
        "passkey_removed",
        now_epoch_s,
        proved_at_epoch_s=None if is_last else owner.session.proved_at_epoch_s,
        changes=(passkey_store.remove(owner.credential, ref),),
    )
    passkey_proof.tell(owner.credential, "removed", f"{ref}-{now_epoch_s}")
    return changed


def _new(credential: Credential, unsafe_text: str, name: str, asked: Asked) -> _New | Refusal:
    sent = passkey_proof.received(unsafe_text, asked)
    if isinstance(sent, Refusal):
        return sent
    now = asked.now_epoch_s
    made = passkeys.judge_new(sent, passkey_proof.house(), name=name, now_epoch_s=now)
    if isinstance(made, Refusal):
        return made
    hashes: Mapping[str, str] | None = None
    codes: tuple[str, ...] = ()
    if credential.second_factor is None:
        hashes, codes = second_factor.new_codes(credential.account_id)
    changes = (
        passkey_challenges.use(sent.challenge, now_epoch_s=now),
        passkey_store.add(credential, sent.ref, made, hashes),
    )
    return _New(made, changes, codes)


def _ref(passkey: Passkey) -> str:
    return passkeys.ref_of(passkey.credential_id)
