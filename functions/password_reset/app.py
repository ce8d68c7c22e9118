"""HTTP door of password_reset."""

from collections.abc import Mapping
from typing import Any

from password_reset import (
    ask,
    people,
    person_pages,
    roles_pages,
    set_password,
    substitute_pages,
)
from schoolpoort.web import Route, View, dispatch

ROUTES: Mapping[Route, View] = {
    ("GET", "/password/forgotten"): ask.show,
    ("POST", "/password/forgotten"): ask.receive,
    ("GET", "/password/{token}"): set_password.show_reset,
    ("POST", "/password/{token}"): set_password.receive_reset,
    ("GET", "/activate/{token}"): set_password.show_activation,
    ("POST", "/activate/{token}"): set_password.receive_activation,
    ("GET", "/console/people"): people.show,
    ("POST", "/console/people/invite"): people.invite,
    ("GET", "/console/people/roles"): roles_pages.show,
    ("POST", "/console/people/roles"): roles_pages.confirm,
    ("GET", "/console/people/new"): roles_pages.show_form,
    ("POST", "/console/people/new"): roles_pages.appoint,
    ("GET", "/console/people/{account_id}"): person_pages.show,
    ("POST", "/console/people/{account_id}"): person_pages.change,
    ("POST", "/console/people/mail"): people.mail,
    ("POST", "/console/people/stop"): substitute_pages.stop,
    ("GET", "/substitute"): substitute_pages.show,
    ("POST", "/substitute"): substitute_pages.receive,
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="password_reset")
