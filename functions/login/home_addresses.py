"""The home addresses of a pupil, as the teacher keeps them in the group overview."""

import enum
from collections.abc import Sequence

from login import home_store
from login.pupil_sign_in import Child
from schoolpoort import addresses, ids, mail_requests, registry
from schoolpoort.dynamodb import Operation

_AN_HOUR_S = 60 * 60
_ENOUGH_DIGITS = 16


class HomeChange(enum.StrEnum):
    """What became of a request; the page says it in words."""

    INVITED = "invited"
    REMOVED = "removed"
    VOID = "void"
    INVALID = "invalid"
    FULL = "full"


def add(
    school_id: str,
    child: Child,
    typed: str,
    *,
    insists: bool,
    now_epoch_s: int,
    recorded: Sequence[Operation],
) -> HomeChange:
    """Give a pupil a home address and mail the parent; the same one again mails again.

    At most one mail an hour for an address and a child, however often the button is pressed. The
    mail names no child: who reads it has not shown yet whose parent he is. `insists` mails also
    an address that a mail came back from.
    """
    try:
        address = addresses.normalise(typed)
    except addresses.InvalidAddress:
        return HomeChange.INVALID
    person = child.person
    whom = ids.sha256_hex(f"{school_id}#{person.person_id}#{address}")[:_ENOUGH_DIGITS]
    request_id = f"home-{whom}-{now_epoch_s // _AN_HOUR_S}{'-again' if insists else ''}"
    if not home_store.add_address(
        school_id,
        person.person_id,
        address,
        picture=child.picture.code,
        request_id=request_id,
        recorded=recorded,
    ):
        return HomeChange.FULL
    school = registry.school(school_id)
    mail_requests.enqueue(
        "home_invitation",
        request_id=request_id,
        address=address,
        school_name=school.name if school else "",
        scope=f"school#{school_id}",
        insists=insists,
        leaves=mail_requests.SCHOOL_HOURS,
    )
    return HomeChange.INVITED


def remove(
    school_id: str, child: Child, address: str, *, recorded: Sequence[Operation]
) -> HomeChange:
    """Take a home address away; an address that is not the pupil's changes nothing."""
    if address in child.access.homes:
        person_id = child.person.person_id
        home_store.remove_address(school_id, person_id, address, recorded=recorded)
    return HomeChange.REMOVED
