"""What people of the helpdesk do with one agreement: each a step, or what is wrong in the form."""

from collections.abc import Callable, Mapping

from dpa import (
    agreement_notes,
    checks,
    forms,
    ledger,
    offer_flow,
    recipients,
    running_flow,
)
from dpa.agreement import Agreement
from dpa.agreement_guards import By
from dpa.agreement_states import Actor as Part
from dpa.agreement_states import IllegalMove, State
from dpa.offer_flow import Step
from schoolpoort import registry

AUTHORITIES = ("extract", "mandate", "known", "central_service")
"""How one may know that a director may sign: an extract, a mandate, before, or Kennisnet."""
_PROPOSALS = {
    "suspend": ("A18", State.SUSPENDED),
    "resume": ("A18", State.ACTIVE),
    "void": ("A19", State.VOID),
    "keep": ("A20", State.ACTIVE),
    "end": ("A20", State.TERMINATED),
    "takeover": ("A20", State.SUPERSEDED),
}
_WITH_END = frozenset({"end", "takeover"})
_LONGEST_REASON = 500


Made = Step | Mapping[str, str]


def _verify(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    errors = {}
    if fields.get("authority") not in AUTHORITIES:
        errors["authority"] = "choose"
    if not forms.is_text(fields.get("call_back", "").strip()):
        errors["call_back"] = "text"
    if checks.is_blocked(checks_of(agreement)):
        errors["act"] = "red"
    if errors:
        return errors
    note = {"authority": fields["authority"], "call_back": fields["call_back"].strip()}
    by = By(Part.HELPDESK, account_id)
    return Step(agreement_notes.verified(agreement, by, note, now), agreement.version)


def _confirm(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> Made:
    if agreement.state is State.VERIFYING and checks.is_blocked(checks_of(agreement)):
        return {"act": "red"}
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    newcomers = recipients.newcomers(agreement.board_number, offer)
    return offer_flow.confirmed(agreement, offer, account_id, more, newcomers, now)


def _return(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    reason, offer = _reason(fields, "reason"), ledger.offer_of(agreement)
    if not reason:
        return {"reason": "text"}
    if offer is None:
        # There is no link by which anything could be signed again: withdraw it and record anew.
        raise IllegalMove("A07", agreement.state, State.RETURNED, Part.HELPDESK)
    return offer_flow.returned(agreement, offer, account_id, reason, now)


def _withdraw(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    reason = _reason(fields, "withdraw_reason")
    if not reason:
        return {"withdraw_reason": "text"}
    return offer_flow.withdrawn(agreement, ledger.offer_of(agreement), account_id, reason, now)


def _answer(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    message, offer = fields.get("message", "").strip(), ledger.offer_of(agreement)
    if not message or offer is None:
        return {"message": "text"}
    return offer_flow.answered(agreement, offer, account_id, message, now)


def _notice(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    ends_on = forms.read_date(fields.get("ends_on", ""))
    if ends_on is None:
        return {"ends_on": "date"}
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    by = By(Part.HELPDESK, account_id)
    return running_flow.notice_given(agreement, offer, by, ends_on.isoformat(), more, now)


def _propose(agreement: Agreement, account_id: str, fields: Mapping[str, str], now: int) -> Made:
    move = _PROPOSALS.get(fields.get("proposal", ""))
    errors = {} if move else {"proposal": "choose"}
    ends_on = fields.get("ends_on", "").strip()
    said = {name: _reason(fields, name) for name in ("proposal_reason", "legal_basis")}
    errors |= {name: "text" for name, text in said.items() if not text}
    if fields.get("proposal") in _WITH_END and forms.read_date(ends_on) is None:
        errors["ends_on"] = "date"
    if errors or move is None:
        return errors
    ground = said["legal_basis"]
    evidence = {"reason": said["proposal_reason"], "legal_basis": ground, "report": ground}
    if ends_on:
        evidence["ends_on"] = ends_on
    by = By(Part.HELPDESK, account_id)
    moved = agreement_notes.proposed(agreement, *move, by, evidence, now)
    return Step(moved, agreement.version)


def _decide(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> Made:
    offer = ledger.offer_of(agreement)
    more = recipients.of_board(agreement.board_number, offer)
    return running_flow.decided(agreement, offer, account_id, more, now)


def _drop(agreement: Agreement, account_id: str, _: Mapping[str, str], now: int) -> Made:
    by = By(Part.HELPDESK, account_id)
    return Step(agreement_notes.dropped(agreement, by, now), agreement.version)


ACTS: Mapping[str, Callable[[Agreement, str, Mapping[str, str], int], Made]] = {
    "verify": _verify,
    "confirm": _confirm,
    "return": _return,
    "withdraw": _withdraw,
    "answer": _answer,
    "notice": _notice,
    "propose": _propose,
    "decide": _decide,
    "drop": _drop,
}


def _reason(fields: Mapping[str, str], name: str) -> str:
    reason = fields.get(name, "").strip()
    return reason if len(reason) <= _LONGEST_REASON else ""


def checks_of(agreement: Agreement) -> list[checks.Check]:
    """Return what stands side by side on the page; nothing for what was recorded from a paper."""
    offer = ledger.offer_of(agreement)
    if offer is None:
        return []
    board = registry.board(agreement.board_number)
    return checks.of(agreement, offer, board, registry.locations_of_board(agreement.board_number))


def open_proposals(agreement: Agreement) -> list[str]:
    """Return what one person may propose of an agreement that stands where it stands."""
    by_state = {
        State.ACTIVE: ["suspend"],
        State.SUSPENDED: ["resume"],
        State.TRANSFER_REVIEW: ["keep", "end", "takeover"],
    }
    found = by_state.get(agreement.state, [])
    return found if agreement.state is State.VOID else [*found, "void"]
