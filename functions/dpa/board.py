"""The board's own page: what is signed, which schools are covered, and what it declares itself."""

from collections.abc import Mapping

from dpa import forms, store
from dpa.coverage_rules import Declared
from schoolpoort import authority, clock, coverage, publishers, registry
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.web import Forbidden, Request, Response, page, redirect


def show(request: Request) -> Response:
    """GET /board/agreements."""
    actor = authority.require_role(request, "board")
    return _page(request, actor, values={}, errors={}, status=200)


def declare(request: Request) -> Response:
    """POST /board/declarations: state an agreement of the board with another party."""
    actor = authority.require_role(request, "board")
    board_number = _board_number(actor)
    now_epoch_s = clock.now_epoch_s()
    fields = request.form()
    parties = dict(publishers.names())
    form = forms.read_declaration(fields, parties, today=coverage.amsterdam_day(now_epoch_s))
    if form.errors or form.signed_on is None:
        return _page(request, actor, values=fields, errors=form.errors, status=400)
    declared = Declared(
        party_id=form.party_id,
        party_name=parties[form.party_id],
        since=form.signed_on.isoformat(),
        until=form.valid_until.isoformat() if form.valid_until else None,
    )
    store.declare(board_number, declared, actor.account_id, now_epoch_s=now_epoch_s)
    store.materialise(board_number)
    logger.info("declaration", extra={"board": board_number, "party": declared.party_id})
    return redirect("/board/agreements?done=declared")


def _board_number(actor: Actor) -> str:
    if actor.board_number is None:
        raise Forbidden("not_at_a_board")
    return actor.board_number


def _page(
    request: Request,
    actor: Actor,
    *,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    board_number = _board_number(actor)
    # The registry may have given the board a school since; this makes its coverage right.
    store.materialise(board_number)
    agreements, declarations = store.of_board(board_number)
    today = coverage.amsterdam_day(clock.now_epoch_s())
    schools = [
        (place, coverage.coverage_on(coverage.of_school(place.school_id), today).value)
        for place in registry.locations_of_board(board_number)
    ]
    return page(
        request,
        "dpa/board.html",
        status=status,
        session=actor.session,
        board=registry.board(board_number),
        agreements=agreements,
        declarations=declarations,
        schools=schools,
        parties=publishers.names(),
        today=today.isoformat(),
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        help_article="board-or-school",
    )
