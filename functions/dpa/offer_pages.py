"""The pages on which an offer is made: the helpdesk's, for any board, and the board's own."""

from collections.abc import Mapping

from dpa import forms, offers
from dpa import offer as offer_values
from dpa.agreement_guards import By
from dpa.agreement_states import Actor as Part
from schoolpoort import authority, clock, registry
from schoolpoort.authority import Actor
from schoolpoort.coverage import amsterdam_day
from schoolpoort.log import logger
from schoolpoort.registry import Board
from schoolpoort.web import Forbidden, Request, Response, page, redirect


def show_at_helpdesk(request: Request) -> Response:
    """GET /helpdesk/agreements/offers, with ?board= once it is known."""
    actor = authority.require_role(request, "helpdesk")
    typed = request.query.get("board", "").strip()
    board = _board(typed)
    errors = {"board_number": "unknown"} if typed and board is None else {}
    return _page(request, actor, board, {"board_number": typed}, errors, 200)


def make_at_helpdesk(request: Request) -> Response:
    """POST /helpdesk/agreements/offers."""
    actor = authority.require_role(request, "helpdesk")
    fields = request.form()
    board = _board(fields.get("board_number", "").strip())
    if board is None:
        return _page(request, actor, None, fields, {"board_number": "unknown"}, 400)
    return _made(request, actor, board, fields, By(Part.HELPDESK, actor.account_id))


def show_at_board(request: Request) -> Response:
    """GET /board/agreements/offer."""
    actor = authority.require_role(request, "board")
    return _page(request, actor, _own_board(actor), {}, {}, 200)


def make_at_board(request: Request) -> Response:
    """POST /board/agreements/offer: the board asks, and the offer goes out at once."""
    actor = authority.require_role(request, "board")
    authority.require_confirmed(request, actor.session, "/board/agreements/offer")
    by = By(Part.BOARD_REVIEWER, actor.account_id)
    return _made(request, actor, _own_board(actor), request.form(), by)


def _made(
    request: Request, actor: Actor, board: Board, fields: Mapping[str, str], by: By
) -> Response:
    made, errors = offers.make(board, fields, by, clock.now_epoch_s())
    if made is None:
        return _page(request, actor, board, fields, errors, 400)
    logger.info("agreement offered", extra={"agreement": made.agreement_id})
    if actor.board_number is not None:
        return redirect("/board/agreements?done=offered")
    place = f"/helpdesk/agreements/{made.agreement_id}?board={board.number}"
    return redirect(f"{place}&done=offered")


def _board(number: str) -> Board | None:
    return registry.board(number) if forms.is_board_number(number) else None


def _own_board(actor: Actor) -> Board:
    board = None if actor.board_number is None else registry.board(actor.board_number)
    if board is None:
        raise Forbidden("not_at_a_board")
    return board


def _page(
    request: Request,
    actor: Actor,
    board: Board | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    locations = [] if board is None else registry.locations_of_board(board.number)
    today = amsterdam_day(clock.now_epoch_s())
    return page(
        request,
        "dpa/offer_form.html",
        status=status,
        session=actor.session,
        is_board=actor.board_number is not None,
        board=board,
        schools=offer_values.overview(locations),
        text=offers.current_text(),
        values={"effective_from": today.isoformat(), **values},
        errors=errors,
        help_article="who-signs",
    )
