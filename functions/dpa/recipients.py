"""Whom of a board we tell what becomes of its agreement, beside the people of the offer.

An agreement that was recorded from a paper has no offer; then the people who may see the board's
page are told.
"""

from dpa.offer import Offer
from schoolpoort import memberships


def of_board(board_number: str, offer: Offer | None) -> list[str]:
    """Return the addresses beside those of the offer, for news of an agreement that ran."""
    found = [one.address for one in memberships.in_scope(f"board#{board_number}")]
    known = set(offer.addresses) if offer else set()
    return sorted({address for address in found if address not in known})
