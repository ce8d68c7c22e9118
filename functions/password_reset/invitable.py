"""Whom "Nodig uit" invites, and whom it never invites by itself.

Roles in a school's administration are a hint, no right: they only keep people out of the list (a
parent may stand among the staff with the role OUD). Nobody is kept out for ever: the coordinator
sees the reason and can mend it in the administration.
"""

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from schoolpoort import addresses
from schoolpoort.rosters import StaffMember

_PARENT_ROLE = "OUD"


class Reason(enum.StrEnum):
    """Why a member of staff is not invited by itself."""

    NO_ADDRESS = "no_address"
    PLACEHOLDER = "placeholder"
    INVALID_ADDRESS = "invalid_address"
    SHARED_ADDRESS = "shared_address"
    PARENT = "parent"
    NO_GROUP = "no_group"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of staff with a normalised address who may be invited."""

    staff: StaffMember
    address: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A member of staff who is not invited by itself, and why."""

    staff: StaffMember
    reason: Reason


def sort_out(staff: Iterable[StaffMember]) -> tuple[list[Candidate], list[Kept]]:
    """Divide the active staff of a school into those to invite and those to keep out."""
    members = [member for member in staff if member.active]
    spelled = {member.person_id: _spelling(member.address) for member in members}
    counted = Counter(address for address in spelled.values() if address)
    candidates: list[Candidate] = []
    kept: list[Kept] = []
    for member in members:
        address = spelled[member.person_id]
        reason = _reason(member, address, is_shared=address is not None and counted[address] > 1)
        if reason is None and address is not None:
            candidates.append(Candidate(member, address))
        elif reason is not None:
            kept.append(Kept(member, reason))
    return candidates, kept


def _spelling(address: str | None) -> str | None:
    try:
        return addresses.normalise(address or "")
    except addresses.InvalidAddress:
        return None


def _reason(member: StaffMember, address: str | None, *, is_shared: bool) -> Reason | None:
    if not member.address:
        return Reason.NO_ADDRESS
    if addresses.is_placeholder(member.address):
        return Reason.PLACEHOLDER
    if address is None:
        return Reason.INVALID_ADDRESS
    if is_shared:
        return Reason.SHARED_ADDRESS
    if set(member.roles_in_las) == {_PARENT_ROLE}:
        return Reason.PARENT
    if not member.groups:
        return Reason.NO_GROUP
    return None
