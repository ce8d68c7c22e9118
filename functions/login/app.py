"""The login function: staff sign in and out, and see their apps."""

from typing import Any

from login import sign_in_pages, start_pages
from schoolpoort.web import Route, View, dispatch

ROUTES: dict[Route, View] = {
    ("GET", "/"): start_pages.show_front_door,
    ("GET", "/health"): start_pages.show_health,
    ("GET", "/login"): sign_in_pages.show_sign_in,
    ("POST", "/login"): sign_in_pages.receive_sign_in,
    ("POST", "/logout"): sign_in_pages.sign_out,
    ("GET", "/apps"): start_pages.show_apps,
    ("GET", "/account"): start_pages.show_account,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="login")
