"""Where a link of an offer leads, and whether this browser may read there."""

from dataclasses import dataclass

from dpa import offer_store, signing_store, store
from dpa.agreement import Agreement
from dpa.offer import Invitee, Offer
from dpa.offer_flow import Seen
from schoolpoort.web import NotFound, Request

COOKIE_NAME = "__Host-agreement"
_LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What an invitation leads to, and who was invited."""

    agreement: Agreement
    offer: Offer
    invitee: Invitee


def place_of(request: Request) -> Place:
    """Return where the link leads; raises NotFound, in the same words for every wrong link."""
    invitation_id = request.path_parameters["invitation_id"]
    if not (invitation_id.isascii() and invitation_id.isdigit()):
        raise NotFound("no_invitation")
    found = offer_store.invitation(invitation_id)
    if found is None:
        raise NotFound("no_invitation")
    agreement = store.find(found.board_number, found.agreement_id)
    offer = offer_store.find(found.board_number, found.agreement_id)
    invitee = offer.invitee(invitation_id) if offer else None
    if agreement is None or offer is None or invitee is None:
        raise NotFound("no_invitation")
    return Place(agreement, offer, invitee)


def may_read(request: Request, place: Place, now_epoch_s: int) -> bool:
    """Say whether a code of this invitation was answered in this browser."""
    secret = request.cookies.get(COOKIE_NAME)
    if not secret:
        return False
    reading = signing_store.reading(secret, now_epoch_s=now_epoch_s)
    return reading is not None and reading.invitation_id == place.invitee.invitation_id


def seen_of(request: Request) -> Seen:
    """Return what is known of the browser, as evidence."""
    return Seen(request.source_ip, request.headers.get("user-agent", "")[:_LONGEST_BROWSER])
