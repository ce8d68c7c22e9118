"""Helping somebody in who lost the second factor, and shutting out who must not be in.

A coordinator resets a colleague's second factor at once. The helpdesk needs two people: the first
asks, the second asks for the same within a day. Whoever is reset, all coordinators of his schools
hear of it and so does he, because a reset is what a thief of a password would want.
"""

import enum
from collections.abc import Iterable

from login import audit, session_list, store
from schoolpoort import addresses, credentials, ids, mail_requests, memberships
from schoolpoort.credentials import Credential
from schoolpoort.memberships import Membership
from schoolpoort.sessions import Session

ASKED_LIFE_S = 24 * 60 * 60
"""How long the first helpdesk person's request waits for the second."""


class Reset(enum.StrEnum):
    """How a request to reset a second factor ended."""

    DONE = "done"
    NOTHING = "nothing"
    OWN = "own"
    FIRST = "first"
    SAME_PERSON = "same_person"


def reset_colleague(actor: Session, account_id: str, *, now_epoch_s: int) -> Reset:
    """Reset the second factor of somebody at the actor's school; raises StoreUnavailable."""
    members = {one.account_id: one for one in memberships.in_scope(actor.scope)}
    member = members.get(account_id)
    if member is None:
        return Reset.NOTHING
    if account_id == actor.account_id:
        return _refused(Reset.OWN, account_id, actor, now_epoch_s)
    credential = credentials.find(credentials.staff_key(member.address))
    if credential is None or credential.second_factor is None:
        return _refused(Reset.NOTHING, account_id, actor, now_epoch_s)
    _reset(credential, actor, now_epoch_s)
    return Reset.DONE


def reset_by_helpdesk(actor: Session, typed_address: str, *, now_epoch_s: int) -> Reset:
    """Take the first or the second step of the helpdesk; an unknown address is NOTHING."""
    try:
        address_key = credentials.staff_key(addresses.normalise(typed_address))
    except addresses.InvalidAddress:
        return Reset.NOTHING
    credential = credentials.find(address_key)
    if credential is None or credential.second_factor is None:
        known = credential.account_id if credential else None
        return _refused(Reset.NOTHING, known, actor, now_epoch_s)
    if credential.account_id == actor.account_id:
        return _refused(Reset.OWN, credential.account_id, actor, now_epoch_s)
    asked_by = store.reset_asked_by(credential.account_id, now_epoch_s=now_epoch_s)
    if asked_by is None:
        event = _event(credential.account_id, actor, "second_factor_reset_asked", now_epoch_s)
        store.ask_reset(
            credential.account_id,
            actor.account_id,
            event,
            expires_at_epoch_s=now_epoch_s + ASKED_LIFE_S,
        )
        return Reset.FIRST
    if asked_by == actor.account_id:
        return _refused(Reset.SAME_PERSON, credential.account_id, actor, now_epoch_s)
    _reset(credential, actor, now_epoch_s)
    store.forget_reset(credential.account_id)
    return Reset.DONE


def _reset(credential: Credential, actor: Session, now_epoch_s: int) -> None:
    event = _event(credential.account_id, actor, "second_factor_reset", now_epoch_s)
    store.change(event, credentials.remove_second_factor(credential))
    session_list.end_of_account(actor, credential.account_id, now_epoch_s=now_epoch_s)
    for member in _who_must_know(credential):
        mail_requests.enqueue(
            "second_factor_reset",
            request_id=f"reset-{event['event_id']}-{member.account_id}",
            address=member.address,
            language="",
            is_own=member.account_id == credential.account_id,
        )


def _who_must_know(credential: Credential) -> Iterable[Membership]:
    """Return the person and all coordinators of his schools, each once."""
    own = memberships.of_account(credential.account_id)
    people = {member.account_id: member for member in own}
    for place in own:
        if place.scope.startswith("school#"):
            for member in memberships.in_scope(place.scope):
                if "ict_coordinator" in member.roles:
                    people.setdefault(member.account_id, member)
    return people.values()


def _refused(result: Reset, about: str | None, actor: Session, now_epoch_s: int) -> Reset:
    """Record that a reset was not done, and why."""
    event = _event(about, actor, "second_factor_reset", now_epoch_s)
    store.record(event | {"outcome": "refused", "reason": result.value})
    return result


def _event(
    about: str | None, actor: Session, action: audit.Action, now_epoch_s: int
) -> dict[str, object]:
    return audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome="done",
        reason="asked",
        account_id=actor.account_id,
        scope=actor.scope,
        subject=about,
        at_epoch_s=now_epoch_s,
    )
