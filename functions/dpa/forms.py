"""The forms of this context, checked field by field; codes for what is wrong, words in pages."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from dpa.agreement import Evidence, Model

_BOARD_NUMBER_LENGTH = 5
_LONGEST_TEXT = 120
_EARLIEST = dt.date(2015, 1, 1)
"""The first model agreement of the sector is of 2015."""
_FURTHEST = dt.timedelta(days=2 * 366)
_MODELS = frozenset(model.value for model in Model)
_EVIDENCE = frozenset(evidence.value for evidence in Evidence)


@dataclass(frozen=True, slots=True)
class AgreementForm:
    """What the helpdesk typed about a signed agreement."""

    board_number: str
    model: str
    evidence: str
    signatory: str
    reference: str
    effective_from: dt.date | None
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeclarationForm:
    """What a board states about an agreement of its own."""

    party_id: str
    signed_on: dt.date | None
    valid_until: dt.date | None
    errors: Mapping[str, str]


def read_agreement(fields: Mapping[str, str], *, today: dt.date) -> AgreementForm:
    """Read the form of a signed agreement."""
    errors = {}
    board_number = fields.get("board_number", "").strip()
    if not (board_number.isascii() and board_number.isdigit()) or (
        len(board_number) != _BOARD_NUMBER_LENGTH
    ):
        errors["board_number"] = "five_digits"
    if fields.get("model") not in _MODELS:
        errors["model"] = "choose"
    if fields.get("evidence") not in _EVIDENCE:
        errors["evidence"] = "choose"
    for name in ("signatory", "reference"):
        text = fields.get(name, "").strip()
        if not text or len(text) > _LONGEST_TEXT:
            errors[name] = "text"
    effective_from = _date(fields.get("effective_from", ""))
    if effective_from is None or not _EARLIEST <= effective_from <= today + _FURTHEST:
        errors["effective_from"] = "date"
    return AgreementForm(
        board_number=board_number,
        model=fields.get("model", ""),
        evidence=fields.get("evidence", ""),
        signatory=fields.get("signatory", "").strip(),
        reference=fields.get("reference", "").strip(),
        effective_from=effective_from,
        errors=errors,
    )


def read_declaration(
    fields: Mapping[str, str], parties: Mapping[str, str], *, today: dt.date
) -> DeclarationForm:
    """Read the form of a declaration about one of the known parties."""
    errors = {}
    party_id = fields.get("party_id", "")
    if party_id not in parties:
        errors["party_id"] = "choose"
    signed_on = _date(fields.get("signed_on", ""))
    if signed_on is None or not _EARLIEST <= signed_on <= today:
        errors["signed_on"] = "date"
    typed_until = fields.get("valid_until", "").strip()
    valid_until = _date(typed_until)
    if typed_until and (valid_until is None or (signed_on and valid_until <= signed_on)):
        errors["valid_until"] = "date"
    return DeclarationForm(party_id, signed_on, valid_until, errors)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
