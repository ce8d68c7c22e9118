"""What the helpdesk sees side by side before it decides: what was offered, what is found now.

A red check stops the confirmation; an amber one wants a look and a word in the note; green is as it
should be. None of them decides: two people do.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from dpa import offer as offers
from dpa.agreement import Agreement, EvidenceClass
from dpa.offer import Offer
from schoolpoort.registry import Board, Location

_FREE_MAIL = frozenset(
    {"gmail.com", "hotmail.com", "outlook.com", "live.nl", "ziggo.nl", "kpnmail.nl", "icloud.com"}
)


class Verdict(enum.StrEnum):
    """How a check turned out."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: `code` names it, the texts stand side by side."""

    code: str
    verdict: Verdict
    declared: str
    found: str


def of(
    agreement: Agreement, offer: Offer, board: Board | None, locations: Iterable[Location]
) -> list[Check]:
    """Return all checks of a signed offer against the registry and itself."""
    return [
        _same_offer(agreement, offer),
        _board(offer, board),
        _schools(offer, list(locations)),
        _signers(agreement, offer),
        _evidence(agreement),
        _domain(offer),
        _registered(offer),
    ]


def is_blocked(checks: Iterable[Check]) -> bool:
    """Say whether a check forbids to go on."""
    return any(check.verdict is Verdict.RED for check in checks)


def _same_offer(agreement: Agreement, offer: Offer) -> Check:
    is_same = offers.digest(offer) == agreement.offer_sha256
    verdict = Verdict.GREEN if is_same else Verdict.RED
    found = offers.digest(offer)
    return Check("offer", verdict, agreement.offer_sha256[:16], found[:16])


def _board(offer: Offer, board: Board | None) -> Check:
    if board is None:
        return Check("board", Verdict.RED, offer.board_name, "")
    is_same = board.name == offer.board_name
    verdict = Verdict.GREEN if is_same else Verdict.AMBER
    return Check("board", verdict, offer.board_name, board.name)


def _schools(offer: Offer, locations: list[Location]) -> Check:
    """Compare the schools; one that came since is amber, for the board may look twice."""
    declared = {line.brin6 for line in offer.schools}
    now = {one.brin6 for one in locations}
    missing = declared - now
    if not declared or not now:
        return Check("schools", Verdict.RED, _listed(declared), _listed(now))
    new = (now - declared) if offer.covers_all_schools else set()
    verdict = Verdict.AMBER if missing or new else Verdict.GREEN
    shown = now if offer.covers_all_schools else now & declared
    return Check("schools", verdict, _listed(declared), _listed(shown))


def _signers(agreement: Agreement, offer: Offer) -> Check:
    declared = ", ".join(f"{one.name} ({one.function})" for one in offer.directors)
    verdict = Verdict.RED if agreement.still_to_sign else Verdict.GREEN
    return Check("signers", verdict, declared, agreement.signatory)


def _evidence(agreement: Agreement) -> Check:
    """Tell how it was signed; a scan proves nothing by itself, only the call-back does."""
    by_itself = agreement.evidence_class in {EvidenceClass.SCREEN, EvidenceClass.PADES}
    verdict = Verdict.GREEN if by_itself else Verdict.AMBER
    return Check("evidence", verdict, "", agreement.evidence_class.value)


def _domain(offer: Offer) -> Check:
    """Compare the hosts: a director writes from the board's, a free mailbox is anybody's."""
    hosts = sorted({one.address.rpartition("@")[2] for one in offer.directors})
    registered = offer.contact_address.rpartition("@")[2]
    is_same = all(host == registered for host in hosts) and not _FREE_MAIL.intersection(hosts)
    verdict = Verdict.GREEN if is_same else Verdict.AMBER
    return Check("domain", verdict, ", ".join(hosts), registered)


def _registered(offer: Offer) -> Check:
    """Ask for two mailboxes: one of who signs, one of who is told."""
    is_other = offer.contact_address not in {one.address for one in offer.directors}
    verdict = Verdict.GREEN if is_other else Verdict.AMBER
    return Check("registered", verdict, "", offer.contact_address)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
