"""Whom of a board we tell what becomes of its agreement, beside the people of the offer.

An agreement that was recorded from a paper has no offer; then the people who may see the board's
page are told.
"""

from dpa.offer import Invitee, Offer
from schoolpoort import memberships


def of_board(board_number: str, offer: Offer | None) -> list[str]:
    """Return the addresses beside those of the offer, for news of an agreement that ran."""
    found = [one.address for one in memberships.in_scope(f"board#{board_number}")]
    known = set(offer.addresses) if offer else set()
    return sorted({address for address in found if address not in known})


def newcomers(board_number: str, offer: Offer | None) -> list[Invitee]:
    """Return the directors of an offer who have no place at the board yet."""
    if offer is None:
        return []
    known = {one.address for one in memberships.in_scope(f"board#{board_number}")}
    return [one for one in offer.directors if one.address not in known]
