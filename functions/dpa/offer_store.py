"""What dpa keeps of offers: what was offered, and to which invitation a link belongs."""

from collections.abc import Sequence
from dataclasses import dataclass

from dpa import offer as offers
from dpa.offer import Offer
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Operation, Put
from schoolpoort.settings import require

_ABSENT = "attribute_not_exists(item_key)"
_INVITATION = {"item_key": "invitation"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whose link it is: an agreement of a board."""

    invitation_id: str
    board_number: str
    agreement_id: str


def puts(offer: Offer) -> Sequence[Operation]:
    """Return the writes of a new offer and its invitations."""
    table = require("AGREEMENTS_TABLE")
    schema = {"schema_version": offers.SCHEMA_VERSION}
    item = {**offers.facts_of(offer), "item_key": f"offer#{offer.agreement_id}", **schema}
    invitations = [
        {
            "board_number": f"invitation#{one.invitation_id}",
            **_INVITATION,
            "of_board": offer.board_number,
            "agreement_id": offer.agreement_id,
            **schema,
        }
        for one in offer.invitees
    ]
    return [Put(table, one, _ABSENT) for one in (item, *invitations)]


def find(board_number: str, agreement_id: str) -> Offer | None:
    """Return what was offered, or None for an agreement that was recorded from a paper."""
    key = {"board_number": board_number, "item_key": f"offer#{agreement_id}"}
    item = dynamodb.get(require("AGREEMENTS_TABLE"), key)
    return None if item is None else offers.of_item(item)


def invitation(invitation_id: str) -> Invitation | None:
    """Return where a link leads, or None for a link that is none of ours."""
    key = {"board_number": f"invitation#{invitation_id}", **_INVITATION}
    item = dynamodb.get(require("AGREEMENTS_TABLE"), key)
    if item is None:
        return None
    return Invitation(invitation_id, item["of_board"], item["agreement_id"])
