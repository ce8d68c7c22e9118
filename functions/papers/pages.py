"""The board's papers: what there is, one of them, or all that was signed in one file.

A paper is looked for in the partition of the person's own board, so another board's paper is
nothing at all. What is handed out is an address that works for five minutes.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from schoolpoort import authority, clock, paper_requests, papers
from schoolpoort.authority import Actor
from schoolpoort.log import logger
from schoolpoort.papers import Kind, Paper, State
from schoolpoort.web import Forbidden, NotFound, Request, Response, page, redirect

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_PAPER_ID = re.compile(
    r"[a-z0-9]{1,32}-(?:offer|upload|countersigned|export|record|bundle)-[a-z0-9-]{1,48}"
)
_BOARD_NUMBER = re.compile(r"[0-9]{5}")
_LISTED = (Kind.OFFER, Kind.UPLOAD, Kind.COUNTERSIGNED, Kind.RECORD)
_SIGNED = (Kind.COUNTERSIGNED, Kind.RECORD)
_SUFFIXES = {"application/pdf": "pdf", "application/zip": "zip", "image/jpeg": "jpg"}
_RENEW = ("Refresh", "3")


def show(request: Request) -> Response:
    """GET /board/papers: every paper of the board, and the zip that was asked for."""
    actor = authority.require_role(request, "board")
    board_number = _board_number(actor)
    found = papers.of_board(board_number)
    asked = request.query.get("all", "")
    bundle = _paper(board_number, asked) if asked else None
    answer = page(
        request,
        "papers/board.html",
        session=actor.session,
        papers=[
            (paper, _day(paper.made_at_epoch_s))
            for paper in reversed(found)
            if paper.kind in _LISTED and paper.state is State.READY
        ],
        has_signed=any(paper.kind in _SIGNED for paper in found),
        bundle=bundle,
    )
    is_waiting = bundle is not None and bundle.state is State.QUEUED
    return answer.with_header(*_RENEW) if is_waiting else answer


def ask_for_all(request: Request) -> Response:
    """POST /board/papers: have a zip made of all that the board signed."""
    actor = authority.require_role(request, "board")
    request.form()
    board_number = _board_number(actor)
    asked = paper_requests.bundle(board_number, asked_at_epoch_s=clock.now_epoch_s())
    return redirect(f"/board/papers?all={asked}")


def hand_out(request: Request) -> Response:
    """GET /board/papers/{paper_id}: one paper of the person's own board."""
    actor = authority.require_role(request, "board")
    return _handed_out(_board_number(actor), request.path_parameters["paper_id"], "board")


def hand_out_at_helpdesk(request: Request) -> Response:
    """GET /helpdesk/papers/{board_number}/{paper_id}: a paper beside the checks of the desk."""
    authority.require_role(request, "helpdesk")
    asked = request.path_parameters
    if not _BOARD_NUMBER.fullmatch(asked["board_number"]):
        raise NotFound("paper")
    return _handed_out(asked["board_number"], asked["paper_id"], "helpdesk")


def _handed_out(board_number: str, paper_id: str, who: str) -> Response:
    paper = _paper(board_number, paper_id)
    if paper.state is not State.READY:
        raise NotFound("paper_not_ready")
    logger.info("paper handed out", extra={"paper": paper_id, "to": who})
    suffix = _SUFFIXES.get(paper.mime, "png")
    return redirect(papers.download_address(paper, f"{paper_id}.{suffix}"))


def _paper(board_number: str, paper_id: str) -> Paper:
    """Return a paper of a board; raises NotFound for what is no id of one."""
    if not _PAPER_ID.fullmatch(paper_id):
        raise NotFound("paper_id")
    return papers.find(board_number, paper_id)


def _board_number(actor: Actor) -> str:
    if actor.board_number is None:
        raise Forbidden("not_at_a_board")
    return actor.board_number


def _day(epoch_s: int) -> dt.date:
    return dt.datetime.fromtimestamp(epoch_s, _AMSTERDAM).date()
