"""HTTP door of papers; imports nothing that makes or reads a PDF."""

from collections.abc import Mapping
from typing import Any

from papers import pages
from schoolpoort.web import Route, View, dispatch

ROUTES: Mapping[Route, View] = {
    ("GET", "/board/papers"): pages.show,
    ("POST", "/board/papers"): pages.ask_for_all,
    ("GET", "/board/papers/{paper_id}"): pages.hand_out,
    ("GET", "/helpdesk/papers/{board_number}/{paper_id}"): pages.hand_out_at_helpdesk,
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="papers")
