"""Who is told what when an agreement moves: mails as they are asked for, in the order of reading.

A mail goes to the people of the offer and to the board's registered address. Whoever opens a link
of a mail still needs a code to his own address; the registered address gets no link at all.
"""

from collections.abc import Iterable
from typing import Any

from dpa import offer as offers
from dpa.agreement import Agreement
from dpa.offer import Invitee, Offer
from schoolpoort import ids

_ENOUGH_DIGITS = 16


def link_path(invitation_id: str) -> str:
    """Return where an invitation is read and signed."""
    return f"/agreement/{invitation_id}"


def to_everybody(
    agreement: Agreement, offer: Offer | None, more: Iterable[str], news: str, **said: str
) -> list[dict[str, Any]]:
    """Return the mails that tell everybody concerned; `more` are addresses beside the offer's."""
    links = {}
    if offer is not None:
        links = {one.address: link_path(one.invitation_id) for one in offer.invitees}
    told = list(dict.fromkeys([*(offer.addresses if offer else ()), *more]))
    return [
        _mail(agreement, address, news, path=links.get(address, ""), **said) for address in told
    ]


def to_part(
    agreement: Agreement, offer: Offer, part: str, news: str, **said: str
) -> list[dict[str, Any]]:
    """Return the mails to the directors, or to the reviewer."""
    return [
        _mail(agreement, one.address, news, path=link_path(one.invitation_id), **said)
        for one in offer.invitees
        if one.part == part
    ]


def of_offer(agreement: Agreement, offer: Offer) -> list[dict[str, Any]]:
    """Return the mails of a new offer: a link to who reads or signs, word to the registered one."""
    first = offers.REVIEWER if offer.reviewer else offers.DIRECTOR
    names = " en ".join(one.name for one in offer.directors)
    mails = to_part(agreement, offer, first, "offered", until=offer.expires_on.isoformat())
    if offer.contact_address:
        mails.append(_mail(agreement, offer.contact_address, "told", name=names))
    return mails


def to_waiting(agreement: Agreement, offer: Offer, news: str, **said: str) -> list[dict[str, Any]]:
    """Return the mails to the directors who must still sign."""
    return [
        _mail(agreement, one.address, news, path=link_path(one.invitation_id), **said)
        for one in offer.directors
        if one.invitation_id in agreement.still_to_sign
    ]


def invitations(agreement: Agreement, directors: Iterable[Invitee]) -> list[dict[str, Any]]:
    """Return the mails by which directors get a place at the board that they signed for.

    Like every mail they are asked for beside the move, so each director is invited once.
    """
    return [
        {
            "kind": "invitation",
            "request_id": f"agreement-{agreement.agreement_id}-invitation-{_mark(one.address)}",
            "address": one.address,
            "display_name": one.name,
            "language": "",
            "scope": f"board#{agreement.board_number}",
            "scope_name": agreement.board_name,
            "roles": ["board"],
            "person_id": None,
        }
        for one in directors
    ]


def _mark(address: str) -> str:
    """Return a short mark of an address, for the id of a mail."""
    return ids.sha256_hex(address)[:_ENOUGH_DIGITS]


def _mail(agreement: Agreement, address: str, news: str, **said: str) -> dict[str, Any]:
    to = _mark(address)
    return {
        "kind": "agreement",
        "request_id": f"agreement-{agreement.agreement_id}-{agreement.version}-{news}-{to}",
        "address": address,
        "news": news,
        "board_name": agreement.board_name,
        **{name: said.get(name, "") for name in ("path", "name", "reason", "until")},
    }
