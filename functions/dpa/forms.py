"""The forms of this context, checked field by field; codes for what is wrong, words in pages."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from dpa import parties
from dpa.agreement import EvidenceClass, Model

_BOARD_NUMBER_LENGTH = 5
_LONGEST_TEXT = 120
_EARLIEST = dt.date(2015, 1, 1)
"""The first model agreement of the sector is of 2015."""
FURTHEST = dt.timedelta(days=2 * 366)
_MODELS = frozenset(model.value for model in Model)
_EVIDENCE_CLASSES = frozenset({EvidenceClass.SCAN.value, EvidenceClass.CENTRAL_SERVICE.value})
"""What the helpdesk may record; a signature on screen is made by the director alone."""


@dataclass(frozen=True, slots=True)
class AgreementForm:
    """What the helpdesk typed about a signed agreement; whole only without errors."""

    board_number: str
    model: str
    evidence_class: str
    signatory: str
    reference: str
    effective_from: dt.date | None
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeclarationForm:
    """What a board states about an agreement of its own; whole only without errors."""

    party_id: str
    party_name: str
    signed_on: dt.date | None
    valid_until: dt.date | None
    errors: Mapping[str, str]


def read_agreement(fields: Mapping[str, str], *, today: dt.date) -> AgreementForm:
    """Read the form of a signed agreement."""
    errors = {}
    board_number = fields.get("board_number", "").strip()
    if not is_board_number(board_number):
        errors["board_number"] = "five_digits"
    if fields.get("model") not in _MODELS:
        errors["model"] = "choose"
    if fields.get("evidence") not in _EVIDENCE_CLASSES:
        errors["evidence"] = "choose"
    for name in ("signatory", "reference"):
        if not is_text(fields.get(name, "").strip()):
            errors[name] = "text"
    effective_from = read_date(fields.get("effective_from", ""))
    if effective_from is None or not _EARLIEST <= effective_from <= today + FURTHEST:
        errors["effective_from"] = "date"
    return AgreementForm(
        board_number=board_number,
        model=fields.get("model", ""),
        evidence_class=fields.get("evidence", ""),
        signatory=fields.get("signatory", "").strip(),
        reference=fields.get("reference", "").strip(),
        effective_from=effective_from,
        errors=errors,
    )


def read_declaration(
    fields: Mapping[str, str], publishers: Mapping[str, str], *, today: dt.date
) -> DeclarationForm:
    """Read the form of a declaration about a publisher, a LAS supplier or a party named here."""
    errors = {}
    known = {**publishers, **dict(parties.LAS_SUPPLIERS)}
    party_id = fields.get("party_id", "")
    party_name = known.get(party_id, "")
    if party_id == parties.OTHER:
        party_name = fields.get("party_name", "").strip()
        party_id = parties.id_of_name(party_name)
        if not is_text(party_name):
            errors["party_name"] = "text"
    elif not party_name:
        errors["party_id"] = "choose"
    signed_on = read_date(fields.get("signed_on", ""))
    if signed_on is None or not _EARLIEST <= signed_on <= today:
        errors["signed_on"] = "date"
    typed_until = fields.get("valid_until", "").strip()
    valid_until = read_date(typed_until)
    if typed_until and (valid_until is None or (signed_on and valid_until <= signed_on)):
        errors["valid_until"] = "date"
    return DeclarationForm(party_id, party_name, signed_on, valid_until, errors)


def is_board_number(text: str) -> bool:
    """Say whether a text is a board number: five digits, which may begin with 0."""
    return len(text) == _BOARD_NUMBER_LENGTH and text.isascii() and text.isdigit()


def is_text(text: str) -> bool:
    """Say whether a text fits a field of one line: not empty, not too long, nothing unseen."""
    return 0 < len(text) <= _LONGEST_TEXT and text.isprintable()


def read_date(text: str) -> dt.date | None:
    """Return the day that a date field gives, or None when it gives none."""
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
