"""Why somebody cannot sign in. A function of its own, so that signing in carries none of it."""

from typing import Any

from login import trouble_desk_pages, trouble_pages
from schoolpoort.web import Route, View, dispatch

ROUTES: dict[Route, View] = {
    ("GET", "/trouble"): trouble_pages.show,
    ("POST", "/trouble"): trouble_pages.receive,
    ("GET", "/console/trouble"): trouble_desk_pages.show_console,
    ("POST", "/console/trouble"): trouble_desk_pages.receive_console,
    ("GET", "/helpdesk/trouble"): trouble_desk_pages.show_helpdesk,
    ("POST", "/helpdesk/trouble"): trouble_desk_pages.receive_helpdesk,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="trouble")
