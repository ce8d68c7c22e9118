"""What somebody of the board does on the page of an offer: each a step, or what is wrong."""

from collections.abc import Callable, Mapping

from dpa import forms, offer_flow, offer_papers
from dpa.agreement import EvidenceClass
from dpa.offer_flow import Seen, Step
from dpa.signing_place import Place
from schoolpoort import papers

_LONGEST_MESSAGE = 2000


def _question(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    message = fields.get("message", "").strip()
    if not 0 < len(message) <= _LONGEST_MESSAGE:
        return {"message": "text"}
    return offer_flow.asked(place.agreement, place.invitee, message, seen, now_epoch_s)


def _ready(
    place: Place, _fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    return offer_flow.made_ready(place.agreement, place.offer, place.invitee, seen, now_epoch_s)


def _sign(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    """Sign on screen: the own name in full, and the word that one may sign for the board."""
    errors = {}
    if not same_name(fields.get("name", ""), place.invitee.name):
        errors["name"] = "other_name"
    if fields.get("authority") != "yes":
        errors["authority"] = "tick"
    if errors:
        return errors
    evidence = {
        "name": place.invitee.name,
        "function": place.invitee.function,
        "ip": seen.address_shown,
        "browser": seen.browser,
    }
    return offer_flow.signed(
        place.agreement, place.offer, place.invitee, EvidenceClass.SCREEN, evidence, now_epoch_s
    )


def _sign_by_sheet(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    """Sign by a file that was sent in and found in order; what it is tells the evidence class."""
    paper = offer_papers.upload(place.agreement, fields.get("paper", ""))
    if paper is None or paper.state is not papers.State.READY:
        return {"sheet": "not_ready"}
    kind, told = offer_papers.evidence_of(paper)
    evidence = {"name": place.invitee.name, "ip": seen.address_shown, "browser": seen.browser}
    return offer_flow.signed(
        place.agreement, place.offer, place.invitee, kind, {**evidence, **told}, now_epoch_s
    )


def _refuse(
    place: Place, fields: Mapping[str, str], seen: Seen, now_epoch_s: int
) -> Step | Mapping[str, str]:
    reason = fields.get("reason", "").strip()
    if not forms.is_text(reason):
        return {"reason": "text"}
    return offer_flow.refused(
        place.agreement, place.offer, place.invitee, reason, seen, now_epoch_s
    )


ACTS: Mapping[str, Callable[[Place, Mapping[str, str], Seen, int], Step | Mapping[str, str]]] = {
    "question": _question,
    "ready": _ready,
    "sign": _sign,
    "sign-by-sheet": _sign_by_sheet,
    "refuse": _refuse,
}


def same_name(typed: str, known: str) -> bool:
    """Say whether a name is typed as it is known; case, spaces and apostrophes are free."""
    return _plain(typed) == _plain(known)


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").replace("‘", "'").casefold().split())
