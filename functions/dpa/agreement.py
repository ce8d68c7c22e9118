"""An agreement as it is recorded, and how it is stored."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpa.agreement_states import State

SCHEMA_VERSION = 1


class Model(enum.StrEnum):
    """The version of the sector's model agreement that was signed."""

    V3 = "3.0"
    V4 = "4.0"


class EvidenceClass(enum.StrEnum):
    """What the signature was seen on; shown as such, never flattened to "signed"."""

    SCAN = "scan"
    """A scan of the signature sheet (E3)."""
    CENTRAL_SERVICE = "central_service"
    """A record of the sector's central service for agreements (E4)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement between a board and us.

    `scope_codes` is empty for all schools of the board; else BRIN codes of four characters (a
    school with all its locations) or six (one location). `effective_from` is the first day and
    `ends_on`, where an end is known, the first day after it, both in Europe/Amsterdam. `version`
    grows with every move and guards every write; `last_event_hash` is the head of its chain.
    """

    agreement_id: str
    board_number: str
    board_name: str
    state: State
    model: Model
    evidence_class: EvidenceClass
    signatory: str
    reference: str
    effective_from: dt.date
    scope_codes: tuple[str, ...]
    recorded_by: str
    recorded_at_epoch_s: int
    ends_on: dt.date | None = None
    confirmed_by: str | None = None
    confirmed_at_epoch_s: int | None = None
    version: int = 0
    last_event_hash: str = ""

    @property
    def covers_all_schools(self) -> bool:
        """Say whether the agreement is for every school of the board, also later ones."""
        return not self.scope_codes


def facts_of(agreement: Agreement) -> dict[str, Any]:
    """Return everything that is true of an agreement but the head of its chain of events."""
    return {
        "agreement_id": agreement.agreement_id,
        "board_number": agreement.board_number,
        "board_name": agreement.board_name,
        "state": agreement.state.value,
        "model": agreement.model.value,
        "evidence_class": agreement.evidence_class.value,
        "signatory": agreement.signatory,
        "reference": agreement.reference,
        "effective_from": agreement.effective_from.isoformat(),
        "ends_on": agreement.ends_on.isoformat() if agreement.ends_on else None,
        "scope_codes": list(agreement.scope_codes),
        "recorded_by": agreement.recorded_by,
        "recorded_at_epoch_s": agreement.recorded_at_epoch_s,
        "confirmed_by": agreement.confirmed_by,
        "confirmed_at_epoch_s": agreement.confirmed_at_epoch_s,
        "version": agreement.version,
    }


def item_of(agreement: Agreement) -> dict[str, Any]:
    """Return what is stored, without its key."""
    return {
        **facts_of(agreement),
        "last_event_hash": agreement.last_event_hash,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Agreement:
    """Read a stored agreement."""
    ends_on = item["ends_on"]
    return Agreement(
        agreement_id=item["agreement_id"],
        board_number=item["board_number"],
        board_name=item["board_name"],
        state=State(item["state"]),
        model=Model(item["model"]),
        evidence_class=EvidenceClass(item["evidence_class"]),
        signatory=item["signatory"],
        reference=item["reference"],
        effective_from=dt.date.fromisoformat(item["effective_from"]),
        ends_on=dt.date.fromisoformat(ends_on) if ends_on else None,
        scope_codes=tuple(item["scope_codes"]),
        recorded_by=item["recorded_by"],
        recorded_at_epoch_s=item["recorded_at_epoch_s"],
        confirmed_by=item["confirmed_by"],
        confirmed_at_epoch_s=item["confirmed_at_epoch_s"],
        version=item["version"],
        last_event_hash=item["last_event_hash"],
    )
