"""An agreement as it is recorded, and how it comes to cover schools."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpa import agreement_states
from dpa.agreement_states import Actor, State
from schoolpoort.errors import SchoolpoortError

SCHEMA_VERSION = 1


class Model(enum.StrEnum):
    """The version of the sector's model agreement that was signed."""

    V3 = "3.0"
    V4 = "4.0"


class Evidence(enum.StrEnum):
    """What the signature was seen on; shown as such, never flattened to "signed"."""

    SCAN = "scan"
    CENTRAL_SERVICE = "central_service"


class SamePerson(SchoolpoortError):
    """The person who recorded an agreement may not be the one who confirms it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement between a board and us.

    `scope_codes` is empty for all schools of the board; else BRIN codes of four characters (a
    school with all its locations) or six (one location). `version` grows with every change and
    guards every write.
    """

    agreement_id: str
    board_number: str
    board_name: str
    state: State
    model: Model
    evidence: Evidence
    signatory: str
    reference: str
    effective_from: dt.date
    scope_codes: tuple[str, ...]
    recorded_by: str
    recorded_at_epoch_s: int
    confirmed_by: str | None = None
    confirmed_at_epoch_s: int | None = None
    version: int = 1

    @property
    def covers_all_schools(self) -> bool:
        """Say whether the agreement is for every school of the board, also later ones."""
        return not self.scope_codes


def recorded(draft: Agreement) -> Agreement:
    """Return a draft as a signed agreement that waits for a second person.

    The board signed what it was offered, and we saw it: the moves A01, A05 and A06 in one.
    """
    state = draft.state
    for move_id, target, actor in (
        ("A01", State.OFFERED, Actor.HELPDESK),
        ("A05", State.SIGNED_BOARD, Actor.BOARD_DIRECTOR),
        ("A06", State.VERIFYING, Actor.SYSTEM),
    ):
        state = agreement_states.after(state, move_id, target, actor)
    return replace(draft, state=state)


def confirmed(
    agreement: Agreement, account_id: str, *, now_epoch_s: int, today: dt.date
) -> Agreement:
    """Return the agreement as a second person confirms it: active, or scheduled for later.

    Raises SamePerson for whoever recorded it, IllegalMove when it does not wait for that.
    """
    if account_id == agreement.recorded_by:
        raise SamePerson
    target = State.ACTIVE if agreement.effective_from <= today else State.SCHEDULED
    state = agreement_states.after(agreement.state, "A08", target, Actor.SECOND_HELPDESK)
    return replace(
        agreement,
        state=state,
        confirmed_by=account_id,
        confirmed_at_epoch_s=now_epoch_s,
        version=agreement.version + 1,
    )


def item_of(agreement: Agreement) -> dict[str, Any]:
    """Return what is stored."""
    return {
        "board_number": agreement.board_number,
        "item_key": f"agreement#{agreement.agreement_id}",
        "agreement_id": agreement.agreement_id,
        "board_name": agreement.board_name,
        "state": agreement.state.value,
        "model": agreement.model.value,
        "evidence": agreement.evidence.value,
        "signatory": agreement.signatory,
        "reference": agreement.reference,
        "effective_from": agreement.effective_from.isoformat(),
        "scope_codes": list(agreement.scope_codes),
        "recorded_by": agreement.recorded_by,
        "recorded_at_epoch_s": agreement.recorded_at_epoch_s,
        "confirmed_by": agreement.confirmed_by,
        "confirmed_at_epoch_s": agreement.confirmed_at_epoch_s,
        "version": agreement.version,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Agreement:
    """Read a stored agreement."""
    return Agreement(
        agreement_id=item["agreement_id"],
        board_number=item["board_number"],
        board_name=item["board_name"],
        state=State(item["state"]),
        model=Model(item["model"]),
        evidence=Evidence(item["evidence"]),
        signatory=item["signatory"],
        reference=item["reference"],
        effective_from=dt.date.fromisoformat(item["effective_from"]),
        scope_codes=tuple(item["scope_codes"]),
        recorded_by=item["recorded_by"],
        recorded_at_epoch_s=item["recorded_at_epoch_s"],
        confirmed_by=item["confirmed_by"],
        confirmed_at_epoch_s=item["confirmed_at_epoch_s"],
        version=item["version"],
    )
