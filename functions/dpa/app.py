"""HTTP door of dpa."""

from collections.abc import Mapping
from typing import Any

from dpa import board, helpdesk
from schoolpoort.web import Route, View, dispatch

ROUTES: Mapping[Route, View] = {
    ("GET", "/helpdesk/agreements"): helpdesk.show,
    ("POST", "/helpdesk/agreements"): helpdesk.record,
    ("POST", "/helpdesk/agreements/{agreement_id}/activate"): helpdesk.activate,
    ("GET", "/board/agreements"): board.show,
    ("POST", "/board/declarations"): board.declare,
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="dpa")
