"""A request for a first administrator: what was asked, by whom, and what became of it."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from onboarding import request_states, working_time
from onboarding.pdf_facts import PdfFacts
from onboarding.request_checks import Check, Verdict
from onboarding.request_states import State
from schoolpoort.errors import SchoolpoortError


class Refusal(enum.StrEnum):
    """Why a move of the table is not allowed now."""

    SAME_PERSON = "same_person"
    TYPED_IT_IN = "typed_it_in"
    NOTE_MISSING = "note_missing"
    CALL_FIRST = "call_first"
    CONTACT_MISSING = "contact_missing"
    SCHOOL_MISSING = "school_missing"


class MoveRefused(SchoolpoortError):
    """The table has the move, but its guard does not allow it now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Claim:
    """The six items as somebody typed them; `address` fields are normalised or empty."""

    variant: str = "nl"
    board_name: str = ""
    board_number: str = ""
    school_name: str = ""
    brin: str = ""
    location_code: str = "00"
    director_name: str = ""
    director_function: str = ""
    director_address: str = ""
    first_name: str = ""
    name_prefix: str = ""
    surname: str = ""
    address: str = ""
    country: str = ""
    coordinator_gone: bool = False

    @property
    def brin6(self) -> str:
        """Return the six characters, or nothing for a school without a BRIN."""
        return f"{self.brin}{self.location_code}" if self.brin else ""

    @property
    def display_name(self) -> str:
        """Return the name of who asks to become administrator."""
        return " ".join(part for part in (self.first_name, self.name_prefix, self.surname) if part)


@dataclass(frozen=True, slots=True)
class Paper:
    """The signed PDF as it is kept: where, and what it said of itself when it came in."""

    key: str
    facts: PdfFacts


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `account_id` is empty for who has none."""

    move_id: str
    state: str
    by: str
    account_id: str
    note: str
    at_epoch_s: int


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """A request; `version` counts its changes, so that two people cannot both be first."""

    request_id: str
    claim: Claim
    state: State
    channel: str
    language: str
    received_at_epoch_s: int
    typed_by: str = ""
    complete_at_epoch_s: int = 0
    changed_at_epoch_s: int = 0
    paper: Paper | None = None
    checks: tuple[Check, ...] = ()
    missing: str = ""
    call: str = ""
    proposal: str = ""
    proposed_by: str = ""
    mail_verdicts: str = ""
    reminders: int = 0
    version: int = 0
    events: tuple[Event, ...] = field(default=())

    @property
    def reds(self) -> list[Check]:
        """Return the red checks."""
        return [check for check in self.checks if check.verdict is Verdict.RED]

    @property
    def ambers(self) -> list[Check]:
        """Return the amber checks that say something of this request, not of all."""
        return [
            check for check in self.checks if check.verdict is Verdict.AMBER and not check.is_always
        ]

    @property
    def is_open(self) -> bool:
        """Say whether it stands in the helpdesk's queue."""
        return self.state in request_states.UNDECIDED | {
            State.APPROVED,
            State.FROZEN,
            State.ACTIVATION_EXPIRED,
        }

    @property
    def due_at_epoch_s(self) -> int | None:
        """Return when it must have been decided; None while it is not complete."""
        waits = self.state in {State.TO_REVIEW, State.REVIEWED} and self.complete_at_epoch_s
        return working_time.due_at_epoch_s(self.complete_at_epoch_s) if waits else None


def moved(
    request: AccountRequest,
    move_id: str,
    now_epoch_s: int,
    *,
    account_id: str = "",
    note: str = "",
    **changed: Any,
) -> AccountRequest:
    """Return the request after a move; raises IllegalMove or MoveRefused."""
    move = request_states.find(move_id, request.state)
    _guard(request, move, account_id, note)
    event = Event(move_id, move.target.value, move.by.value, account_id, note, now_epoch_s)
    return replace(
        request,
        state=move.target,
        version=request.version + 1,
        changed_at_epoch_s=now_epoch_s,
        events=(*request.events, event),
        **changed,
    )


def reminded(request: AccountRequest, reminders: int) -> AccountRequest:
    """Return the request after another reminder; it stays where it is."""
    return replace(request, reminders=reminders, version=request.version + 1)


def _guard(request: AccountRequest, move: request_states.Move, account_id: str, note: str) -> None:
    by_helpdesk = move.by in {request_states.By.HELPDESK, request_states.By.SECOND_HELPDESK}
    if by_helpdesk and move.move_id in {"R04", "R06", "R07", "R10"}:
        if account_id == request.typed_by:
            raise MoveRefused(Refusal.TYPED_IT_IN)
        if (request.reds or request.ambers) and not note.strip():
            raise MoveRefused(Refusal.NOTE_MISSING)
    if move.by is request_states.By.SECOND_HELPDESK and account_id == request.proposed_by:
        raise MoveRefused(Refusal.SAME_PERSON)


class Way(enum.StrEnum):
    """How the board is heard before somebody comes in."""

    TELL = "tell"
    ASK = "ask"
    CALL_FIRST = "call_first"


def way(request: AccountRequest, *, is_verified: bool) -> Way:
    """Return whether the board's registered address is told, or asked and waited for.

    `is_verified` says whether the director's authority was seen within twelve months. Who asks for
    himself as director, and who asks although there was a coordinator, is always asked about.
    """
    same = request.claim.address == request.claim.director_address
    if request.reds or request.claim.coordinator_gone or same:
        return Way.ASK
    if is_verified or request.call == "confirmed":
        return Way.TELL
    return Way.ASK if request.call == "failed" else Way.CALL_FIRST


def to_item(request: AccountRequest) -> dict[str, Any]:
    """Return a request as it is stored."""
    item = asdict(request)
    item["checks"] = [asdict(check) for check in request.checks]
    item["events"] = [asdict(event) for event in request.events]
    if request.paper is not None:
        signed_on = request.paper.facts.signed_on
        item["paper"]["facts"]["signed_on"] = signed_on.isoformat() if signed_on else None
    return item


def from_item(item: Mapping[str, Any]) -> AccountRequest:
    """Read a stored request."""
    known = {name: item[name] for name in AccountRequest.__dataclass_fields__ if name in item}
    return AccountRequest(
        **{
            **known,
            "claim": Claim(**item["claim"]),
            "state": State(item["state"]),
            "paper": _paper(item["paper"]) if item.get("paper") else None,
            "checks": tuple(
                Check(**{**each, "verdict": Verdict(each["verdict"])}) for each in item["checks"]
            ),
            "events": tuple(Event(**each) for each in item["events"]),
        }
    )


def _paper(item: Mapping[str, Any]) -> Paper:
    facts = item["facts"]
    signed_on = dt.date.fromisoformat(facts["signed_on"]) if facts["signed_on"] else None
    return Paper(item["key"], PdfFacts(**{**facts, "signed_on": signed_on}))
