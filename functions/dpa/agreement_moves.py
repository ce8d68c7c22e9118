"""The one way in which an agreement changes: a move of the table, with its guard and evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpa import agreement_table, event_chain
from dpa.agreement import Agreement, EvidenceClass, facts_of
from dpa.agreement_guards import GUARDS, SYSTEM, By, Refusal, Situation, end_day, first_day
from dpa.agreement_states import Actor, State
from dpa.agreement_table import Move
from schoolpoort.coverage import amsterdam_day
from schoolpoort.errors import SchoolpoortError


class MoveRefused(SchoolpoortError):
    """The table has the move, but its guard or its evidence does not allow it now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Moved:
    """An agreement after some moves, and the event of each, oldest first."""

    agreement: Agreement
    events: tuple[Mapping[str, Any], ...]


def advance(
    agreement: Agreement,
    move_id: str,
    target: State,
    by: By,
    evidence: Mapping[str, str],
    now_epoch_s: int,
) -> Moved:
    """Return the agreement after a move, with its event.

    Raises IllegalMove for what the table lacks, MoveRefused for what its guard refuses. The event
    holds a digest of the agreement, so that a record changed on the side is found out.
    """
    move = agreement_table.find(move_id, agreement.state, target, by.actor)
    if any(not evidence.get(name, "").strip() for name in move.evidence):
        raise MoveRefused(Refusal.EVIDENCE_MISSING)
    situation = Situation(agreement, target, by, evidence, amsterdam_day(now_epoch_s))
    refusal = GUARDS[move.guard](situation)
    if refusal is not None:
        raise MoveRefused(refusal)
    moved = _with_effects(situation, move, now_epoch_s)
    return told(agreement, moved, move_id, by, evidence, now_epoch_s)


def told(
    before: Agreement,
    after: Agreement,
    move_id: str,
    by: By,
    evidence: Mapping[str, str],
    now_epoch_s: int,
) -> Moved:
    """Return a change with its event in the chain; the event holds a digest of the result."""
    after = replace(after, version=before.version + 1)
    said = {
        "agreement_id": before.agreement_id,
        "version": after.version,
        "move": move_id,
        "from": before.state.value,
        "to": after.state.value,
        "actor": by.actor.value,
        "account_id": by.account_id,
        "evidence": dict(evidence),
        "at_epoch_s": now_epoch_s,
        "agreement_sha256": event_chain.digest(facts_of(after)),
    }
    event = event_chain.linked(said, before.last_event_hash)
    return Moved(replace(after, last_event_hash=event["hash"]), (event,))


def _with_effects(situation: Situation, move: Move, now_epoch_s: int) -> Agreement:
    before, evidence = situation.agreement, situation.evidence
    moved = replace(before, state=situation.target, proposal={})
    if situation.target is State.SIGNED_BOARD:
        return _signed(moved, evidence)
    if situation.target is State.RETURNED:
        return replace(moved, signed_by=(), verified_by=None, verification={})
    if move.move_id == "A08":
        return replace(
            moved,
            confirmed_by=situation.by.account_id,
            confirmed_at_epoch_s=now_epoch_s,
            effective_from=first_day(before, situation.today),
        )
    if move.move_id == "A14":
        return replace(moved, ends_on=None)
    if "ends_on" in move.evidence:
        return replace(moved, ends_on=end_day(evidence))
    return moved


def _signed(moved: Agreement, evidence: Mapping[str, str]) -> Agreement:
    signer = evidence.get("signer_id", "")
    return replace(
        moved,
        evidence_class=EvidenceClass(evidence["evidence_class"]),
        signatory=evidence["signatory"],
        reference=evidence["reference"],
        signed_by=(*moved.signed_by, signer) if signer else moved.signed_by,
    )


def recorded(draft: Agreement) -> Moved:
    """Return a draft of what a board signed on paper, waiting for a second person.

    The board was offered it, signed it, and we saw the signature: A01, A05 and A06 in one. Raises
    MoveRefused for a signature in Kennisnet's service without what that exported.
    """
    signature = {
        "evidence_class": draft.evidence_class.value,
        "signatory": draft.signatory,
        "reference": draft.reference,
    }
    if draft.export_id:
        signature |= {"paper_id": draft.export_id, "paper_sha256": draft.export_sha256}
    by_recorder = By(Actor.HELPDESK, draft.recorded_by)
    on_paper = By(Actor.BOARD_DIRECTOR)
    moved = Moved(draft, ())
    for move_id, target, by, evidence in (
        ("A01", State.OFFERED, by_recorder, {"model": draft.model.value}),
        ("A05", State.SIGNED_BOARD, on_paper, signature),
        ("A06", State.VERIFYING, SYSTEM, {}),
    ):
        step = advance(moved.agreement, move_id, target, by, evidence, draft.recorded_at_epoch_s)
        moved = Moved(step.agreement, moved.events + step.events)
    return moved


def confirmed(agreement: Agreement, account_id: str, now_epoch_s: int) -> Moved:
    """Return the agreement as a second person confirms it: active, or scheduled for later.

    Raises MoveRefused for whoever recorded it, IllegalMove when it does not wait for that.
    """
    today = amsterdam_day(now_epoch_s)
    has_begun = first_day(agreement, today) <= today
    target = State.ACTIVE if has_begun else State.SCHEDULED
    by = By(Actor.SECOND_HELPDESK, account_id)
    return advance(agreement, "A08", target, by, {}, now_epoch_s)


def begun(agreement: Agreement, now_epoch_s: int) -> Moved | None:
    """Return a scheduled agreement as active once its first day has come, else None."""
    if agreement.state is not State.SCHEDULED:
        return None
    if agreement.effective_from > amsterdam_day(now_epoch_s):
        return None
    return advance(agreement, "A09", State.ACTIVE, SYSTEM, {}, now_epoch_s)
