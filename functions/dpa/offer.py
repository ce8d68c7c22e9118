"""What a board is offered to sign: to whom, for which schools, with which text; never changed.

The overview of schools is a snapshot of the registry of that day. It tells what the board saw;
what an agreement covers is computed from its scope, never from this list.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dpa import event_chain
from schoolpoort.registry import Location

SCHEMA_VERSION = 1
OFFER_LIFE_DAYS = 90
REMINDER_DAYS = (7, 21, 45, 75)
"""How many days after an offer its readers are reminded, while nothing happened."""

DIRECTOR = "director"
REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who is asked to sign or to look first; `invitation_id` is in the link."""

    invitation_id: str
    part: str
    name: str
    function: str
    address: str


@dataclass(frozen=True, slots=True)
class School:
    """One line of the overview of schools."""

    brin6: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it was made; `contact_address` is the board's registered one, only told."""

    agreement_id: str
    board_number: str
    board_name: str
    board_place: str
    template_id: str
    template_sha256: str
    invitees: tuple[Invitee, ...]
    contact_address: str
    schools: tuple[School, ...]
    covers_all_schools: bool
    offered_on: dt.date
    expires_on: dt.date
    effective_from: dt.date

    @property
    def directors(self) -> tuple[Invitee, ...]:
        """Return who must sign."""
        return tuple(one for one in self.invitees if one.part == DIRECTOR)

    @property
    def reviewer(self) -> Invitee | None:
        """Return who looks at it before a director may sign, or None."""
        return next((one for one in self.invitees if one.part == REVIEWER), None)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return everybody who hears what becomes of it, the registered address last."""
        found = [*(one.address for one in self.invitees), self.contact_address]
        return tuple(dict.fromkeys(address for address in found if address))

    def invitee(self, invitation_id: str) -> Invitee | None:
        """Return somebody by the id of the invitation."""
        return next((one for one in self.invitees if one.invitation_id == invitation_id), None)


def overview(locations: Iterable[Location]) -> tuple[School, ...]:
    """Return the overview of schools, by BRIN."""
    lines = (School(one.brin6, one.name, one.place) for one in locations)
    return tuple(sorted(lines, key=lambda line: line.brin6))


def facts_of(offer: Offer) -> dict[str, Any]:
    """Return everything that an offer says, as it is stored and digested."""
    return {
        "agreement_id": offer.agreement_id,
        "board_number": offer.board_number,
        "board_name": offer.board_name,
        "board_place": offer.board_place,
        "template_id": offer.template_id,
        "template_sha256": offer.template_sha256,
        "invitees": [_invitee_item(one) for one in offer.invitees],
        "contact_address": offer.contact_address,
        "schools": [[line.brin6, line.name, line.place] for line in offer.schools],
        "covers_all_schools": offer.covers_all_schools,
        "offered_on": offer.offered_on.isoformat(),
        "expires_on": offer.expires_on.isoformat(),
        "effective_from": offer.effective_from.isoformat(),
    }


def digest(offer: Offer) -> str:
    """Return the SHA-256 by which the agreement's first event names this very offer."""
    return event_chain.digest(facts_of(offer))


def of_item(item: Mapping[str, Any]) -> Offer:
    """Read a stored offer."""
    return Offer(
        agreement_id=item["agreement_id"],
        board_number=item["board_number"],
        board_name=item["board_name"],
        board_place=item["board_place"],
        template_id=item["template_id"],
        template_sha256=item["template_sha256"],
        invitees=tuple(Invitee(**one) for one in item["invitees"]),
        contact_address=item["contact_address"],
        schools=tuple(School(*line) for line in item["schools"]),
        covers_all_schools=item["covers_all_schools"],
        offered_on=dt.date.fromisoformat(item["offered_on"]),
        expires_on=dt.date.fromisoformat(item["expires_on"]),
        effective_from=dt.date.fromisoformat(item["effective_from"]),
    )


def _invitee_item(one: Invitee) -> dict[str, str]:
    return {
        "invitation_id": one.invitation_id,
        "part": one.part,
        "name": one.name,
        "function": one.function,
        "address": one.address,
    }
