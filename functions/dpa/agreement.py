"""An agreement as it is recorded, and how it is stored."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """A scan of the signature sheet (E3), sent in by the director or seen by the helpdesk."""
    CENTRAL_SERVICE = "central_service"
    """A record of the sector's central service for agreements (E4), with what it exported."""
    SCREEN = "screen"
    """Signed on our own page after a code to the director's own address (E1)."""
    PADES = "pades"
    """The offer itself, sent back with the board's own electronic signature in it (E2)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement between a board and us.

    `scope_codes` is empty for all schools of the board; else BRIN codes of four characters (a
    school with all its locations) or six (one location). `effective_from` is the first day and
    `ends_on`, where an end is known, the first day after it, both in Europe/Amsterdam. `version`
    grows with every move and guards every write; `last_event_hash` is the head of its chain.

    What was offered to be signed here has a `template_id`: the version of its text. Its `signers`
    are the ids of the invitations of all who must sign, `signed_by` of who did. `verified_by` is
    the first of the two who check it, `proposal` what one person proposed and another may decide.
    `export_id` and `export_sha256` are the paper that Kennisnet's service exported.
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
    template_id: str = ""
    offer_sha256: str = ""
    offer_expires_on: dt.date | None = None
    supersedes_id: str = ""
    notice_days: int = 0
    signers: tuple[str, ...] = ()
    signed_by: tuple[str, ...] = ()
    verified_by: str | None = None
    verification: Mapping[str, str] = field(default_factory=dict)
    proposal: Mapping[str, str] = field(default_factory=dict)
    export_id: str = ""
    export_sha256: str = ""

    @property
    def was_offered_here(self) -> bool:
        """Say whether it was signed by our own offer, not recorded from a paper."""
        return bool(self.template_id)

    @property
    def lacks_export(self) -> bool:
        """Say whether it was signed in Kennisnet's service and what that exported is not kept."""
        is_central = self.evidence_class is EvidenceClass.CENTRAL_SERVICE
        return is_central and not self.export_sha256

    @property
    def still_to_sign(self) -> tuple[str, ...]:
        """Return the invitations of who must still sign."""
        return tuple(one for one in self.signers if one not in self.signed_by)

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
        **_later_facts(agreement),
    }


def _later_facts(agreement: Agreement) -> dict[str, Any]:
    """Return what only some agreements have, so that digests of those without stay as they were."""
    expires_on = agreement.offer_expires_on
    facts = {
        "template_id": agreement.template_id,
        "offer_sha256": agreement.offer_sha256,
        "offer_expires_on": expires_on.isoformat() if expires_on else None,
        "supersedes_id": agreement.supersedes_id,
        "notice_days": agreement.notice_days,
        "signers": list(agreement.signers),
        "signed_by": list(agreement.signed_by),
        "verified_by": agreement.verified_by,
        "verification": dict(agreement.verification),
        "proposal": dict(agreement.proposal),
        "export_id": agreement.export_id,
        "export_sha256": agreement.export_sha256,
    }
    return {name: value for name, value in facts.items() if value}


def item_of(agreement: Agreement) -> dict[str, Any]:
    """Return what is stored, without its key."""
    return {
        **facts_of(agreement),
        "last_event_hash": agreement.last_event_hash,
        "schema_version": SCHEMA_VERSION,
    }


def of_item(item: Mapping[str, Any]) -> Agreement:
    """Read a stored agreement."""
    ends_on, expires_on = item["ends_on"], item.get("offer_expires_on")
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
        template_id=item.get("template_id", ""),
        offer_sha256=item.get("offer_sha256", ""),
        offer_expires_on=dt.date.fromisoformat(expires_on) if expires_on else None,
        supersedes_id=item.get("supersedes_id", ""),
        notice_days=item.get("notice_days", 0),
        signers=tuple(item.get("signers", ())),
        signed_by=tuple(item.get("signed_by", ())),
        verified_by=item.get("verified_by"),
        verification=item.get("verification", {}),
        proposal=item.get("proposal", {}),
        export_id=item.get("export_id", ""),
        export_sha256=item.get("export_sha256", ""),
    )
