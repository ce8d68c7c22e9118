"""At the helpdesk: a signature that was made in Kennisnet's service, by the file that shows it.

First the file, which is checked while one waits; then what stands in it, typed beside it.
"""

from collections.abc import Mapping

from dpa import exports, forms
from schoolpoort import authority, papers, registry
from schoolpoort.authority import Actor
from schoolpoort.web import NotFound, Request, Response, page


def show(request: Request) -> Response:
    """GET /helpdesk/agreements/exports?board=&paper=."""
    actor = authority.require_role(request, "helpdesk")
    board_number = request.query.get("board", "").strip()
    paper_id = request.query.get("paper", "")
    return answer(request, actor, board_number, paper_id, values={}, errors={}, status=200)


def answer(
    request: Request,
    actor: Actor,
    board_number: str,
    paper_id: str,
    *,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    """Return the page of an export as far as it is; raises NotFound for what is no export."""
    board = registry.board(board_number) if forms.is_board_number(board_number) else None
    paper = exports.find(board_number, paper_id) if board and paper_id else None
    if board and paper_id and paper is None:
        raise NotFound("no_export")
    wants_file = board and (paper is None or paper.state is papers.State.REFUSED)
    upload = exports.upload_form(board_number) if wants_file else None
    shown = page(
        request,
        "dpa/export.html",
        status=status,
        session=actor.session,
        csp_form_action=(upload.origin,) if upload else (),
        board=board,
        asked=board_number,
        paper=paper,
        upload=upload,
        values=values,
        errors=errors,
        help_article="central-agreement-service",
    )
    is_waiting = paper is not None and paper.state is papers.State.QUEUED
    return shown.with_header("Refresh", "3") if is_waiting else shown
