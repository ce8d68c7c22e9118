"""The board's own page: what is signed, which schools are covered, and what it declares itself."""

from collections.abc import Mapping

from dpa import effects, forms, parties, store
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
    known = dict(publishers.names())
    form = forms.read_declaration(fields, known, today=coverage.amsterdam_day(now_epoch_s))
    if form.errors or form.signed_on is None:
        return _page(request, actor, values=fields, errors=form.errors, status=400)
    before = store.declaration(board_number, form.party_id)
    declared = Declared(
        party_id=form.party_id,
        party_name=form.party_name,
        since=form.signed_on.isoformat(),
        until=form.valid_until.isoformat() if form.valid_until else None,
        version=before.version if before else 0,
        last_event_hash=before.last_event_hash if before else "",
    )
    if before is not None and before.item() == declared.item():
        effects.settle(board_number, now_epoch_s, declared=before)
        return redirect("/board/agreements?done=declared")
    try:
        stored = store.declare(board_number, declared, actor.account_id, now_epoch_s=now_epoch_s)
    except store.ChangedMeanwhile:
        return _page(request, actor, values=fields, errors={"declare": "meanwhile"}, status=409)
    effects.settle(board_number, now_epoch_s, declared=stored)
    logger.info("declaration", extra={"board": board_number, "declaration": stored.version})
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
    now_epoch_s = clock.now_epoch_s()
    settled = effects.settle(board_number, now_epoch_s)
    today = coverage.amsterdam_day(now_epoch_s)
    declared_today = {
        declared.party_id
        for declared in settled.declarations
        if declared.since <= today.isoformat() < (declared.until or "9999")
    }
    return page(
        request,
        "dpa/board.html",
        status=status,
        session=actor.session,
        board=registry.board(board_number),
        agreements=settled.agreements,
        declarations=settled.declarations,
        schools=[
            (place, coverage.coverage_on(known, today).value, coverage.period_on(known, today))
            for place, known in settled.schools
        ],
        ends=coverage.ends_of((known for _, known in settled.schools), today),
        publishers=publishers.names(),
        las_suppliers=parties.LAS_SUPPLIERS,
        has_las=any(party_id in declared_today for party_id, _ in parties.LAS_SUPPLIERS),
        today=today.isoformat(),
        today_day=today,
        values=values,
        errors=errors,
        done=request.query.get("done", ""),
        problem=request.query.get("problem", ""),
        help_article="agreements-with-others",
    )
