"""What is kept of an agreement while it stays where it stands: a declared table, as of its moves.

    note        stands in                              by whom            tells
    signature   OFFERED, READY_TO_SIGN, RETURNED       a board director   one of several
    verified    VERIFYING                              the helpdesk       checks and call-back
    proposed    ACTIVE, SUSPENDED, TRANSFER_REVIEW …   the helpdesk       what takes two people

A note grows the version and the chain of events like a move does, so that two people who look at
the same version cannot both write.
"""

from collections.abc import Mapping
from dataclasses import replace

from dpa import agreement_table
from dpa.agreement import Agreement
from dpa.agreement_guards import By, Refusal
from dpa.agreement_moves import Moved, MoveRefused, advance, told
from dpa.agreement_states import Actor, Guard, IllegalMove, State

_SIGNING = frozenset({State.OFFERED, State.READY_TO_SIGN, State.RETURNED})
_TWO_PEOPLE = frozenset({Guard.TWO_NAMES, Guard.TWO_NAMES_AND_END})


def signature_added(
    agreement: Agreement, by: By, evidence: Mapping[str, str], now_epoch_s: int
) -> Moved:
    """Return the agreement with one of several signatures; the last one is move A05 or A07.

    Raises IllegalMove outside the states of signing, MoveRefused for who need not sign, or is last.
    """
    if agreement.state not in _SIGNING or by.actor is not Actor.BOARD_DIRECTOR:
        raise IllegalMove("signature", agreement.state, agreement.state, by.actor)
    signer = evidence.get("signer_id", "")
    if signer not in agreement.still_to_sign:
        raise MoveRefused(Refusal.NO_SIGNER)
    if agreement.still_to_sign == (signer,):
        raise MoveRefused(Refusal.NO_SIGNER)
    after = replace(agreement, signed_by=(*agreement.signed_by, signer))
    return told(agreement, after, "signature", by, evidence, now_epoch_s)


def verified(agreement: Agreement, by: By, evidence: Mapping[str, str], now_epoch_s: int) -> Moved:
    """Return the agreement as the first of two people checked it; `call_back` tells with whom.

    Raises IllegalMove when nothing waits for it, MoveRefused without a note of the call-back.
    """
    is_waiting = agreement.state is State.VERIFYING and agreement.verified_by is None
    if not is_waiting or by.actor is not Actor.HELPDESK:
        raise IllegalMove("verified", agreement.state, agreement.state, by.actor)
    if not by.account_id:
        raise MoveRefused(Refusal.NO_PERSON)
    if any(not evidence.get(name, "").strip() for name in ("authority", "call_back")):
        raise MoveRefused(Refusal.EVIDENCE_MISSING)
    after = replace(agreement, verified_by=by.account_id, verification=dict(evidence))
    return told(agreement, after, "verified", by, evidence, now_epoch_s)


def proposed(
    agreement: Agreement,
    move_id: str,
    target: State,
    by: By,
    evidence: Mapping[str, str],
    now_epoch_s: int,
) -> Moved:
    """Return the agreement with a move that another person may decide.

    Raises IllegalMove for a move that does not take two people or does not start here, MoveRefused
    for what it lacks, and while another proposal stands: that one is decided or dropped first.
    """
    if by.actor is not Actor.HELPDESK or not by.account_id:
        raise MoveRefused(Refusal.NO_PERSON)
    if agreement.proposal:
        raise MoveRefused(Refusal.PROPOSED_ALREADY)
    row = agreement_table.find(move_id, agreement.state, target, _decider(move_id))
    if row.guard not in _TWO_PEOPLE:
        raise IllegalMove(move_id, agreement.state, target, by.actor)
    said = {**evidence, "proposed_by": by.account_id}
    if any(not said.get(name, "").strip() for name in row.evidence):
        raise MoveRefused(Refusal.EVIDENCE_MISSING)
    proposal = {**said, "move_id": move_id, "target": target.value}
    after = replace(agreement, proposal=proposal)
    return told(agreement, after, "proposed", by, proposal, now_epoch_s)


def decided(agreement: Agreement, account_id: str, now_epoch_s: int) -> Moved:
    """Return the agreement after what was proposed, decided by another person.

    Raises MoveRefused for the proposer himself, and when nothing is proposed.
    """
    proposal = agreement.proposal
    if not proposal:
        raise MoveRefused(Refusal.NOTHING_PROPOSED)
    move_id = proposal["move_id"]
    by = By(_decider(move_id), account_id)
    return advance(agreement, move_id, State(proposal["target"]), by, proposal, now_epoch_s)


def dropped(agreement: Agreement, by: By, now_epoch_s: int) -> Moved:
    """Return the agreement without what was proposed; raises MoveRefused when nothing was."""
    if not agreement.proposal:
        raise MoveRefused(Refusal.NOTHING_PROPOSED)
    return told(agreement, replace(agreement, proposal={}), "dropped", by, {}, now_epoch_s)


def _decider(move_id: str) -> Actor:
    """Return the part of who decides: a forgery is judged as a matter of privacy."""
    return Actor.PRIVACY_OFFICER if move_id == "A19" else Actor.SECOND_HELPDESK
