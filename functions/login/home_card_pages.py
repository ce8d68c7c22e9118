"""The page where a parent fills in the code on the card that the child took home."""

from login import home_cards, home_pages, home_store
from login.home_cards import Proof
from login.home_store import HomeSession
from schoolpoort import clock
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page, redirect

_STATUS = {Proof.NO_CODE: 400, Proof.WRONG: 400, Proof.WAIT: 429}


def show_card(request: Request) -> Response:
    """GET /login/home/card: one field, for who gave the parent's password."""
    home = home_pages.opened(request)
    return redirect("/login/home") if home is None else _page(request, home, None)


def receive_card(request: Request) -> Response:
    """POST /login/home/card: from now on the child belongs to this address, or why not."""
    home = home_pages.opened(request)
    if home is None:
        return redirect("/login/home")
    typed = request.form().get("code", "")[:100]
    proof = home_cards.prove(home, typed, now_epoch_s=clock.now_epoch_s())
    logger.info("home card", extra={"outcome": proof.value})
    if proof is not Proof.DONE:
        return _page(request, home, proof, typed)
    return redirect("/login/home/children?new=1")


def _page(request: Request, home: HomeSession, proof: Proof | None, typed: str = "") -> Response:
    return page(
        request,
        "login/home_card.html",
        status=200 if proof is None else _STATUS[proof],
        problem=proof.value if proof else "",
        typed=typed,
        has_children=bool(home_store.children_of(home.address_key)),
    )
