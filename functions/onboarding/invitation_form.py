"""The form by which the helpdesk invites a first administrator or a director."""

from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort import addresses

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class InvitationForm:
    """Who is invited; `address` is normalised, `errors` has a code per wrong field."""

    display_name: str
    typed_address: str
    address: str
    errors: Mapping[str, str]


def read(fields: Mapping[str, str]) -> InvitationForm:
    """Read the form."""
    errors = {}
    display_name = " ".join(fields.get("display_name", "").split())
    if not display_name or len(display_name) > _LONGEST_NAME:
        errors["display_name"] = "missing"
    typed = fields.get("address", "")[:255]
    address = ""
    try:
        address = addresses.normalise(typed)
    except addresses.InvalidAddress:
        errors["address"] = "invalid"
    return InvitationForm(display_name, typed, address, errors)
