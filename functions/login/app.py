"""The login function: staff and pupils sign in and out, and see their apps."""

import importlib
from typing import Any

from login import (
    access_pages,
    password_pages,
    pupil_pages,
    sign_in_pages,
    start_pages,
    way_in_pages,
)
from schoolpoort.web import Request, Response, Route, View, dispatch


def _late(module: str, name: str) -> View:
    """Return a view whose module is imported when it is first asked for: no sign-in needs it."""

    def view(request: Request) -> Response:
        found: View = getattr(importlib.import_module(f"login.{module}"), name)
        return found(request)

    return view


ROUTES: dict[Route, View] = {
    ("GET", "/"): start_pages.show_front_door,
    ("GET", "/health"): start_pages.show_health,
    ("GET", "/.well-known/passkey-endpoints"): start_pages.show_passkey_endpoints,
    ("GET", "/login"): sign_in_pages.show_sign_in,
    ("POST", "/login"): sign_in_pages.receive_sign_in,
    ("POST", "/login/elsewhere"): access_pages.end_elsewhere,
    ("GET", "/login/code"): way_in_pages.show_code,
    ("POST", "/login/code"): way_in_pages.receive_code,
    ("GET", "/login/second-factor"): way_in_pages.show_enrolment,
    ("POST", "/login/second-factor"): way_in_pages.receive_enrolment,
    ("GET", "/login/choice"): way_in_pages.show_choice,
    ("POST", "/login/choice"): way_in_pages.receive_choice,
    ("POST", "/login/passkey/question"): _late("passkey_questions", "ask_sign_in"),
    ("GET", "/login/home"): _late("home_pages", "show_home"),
    ("POST", "/login/home"): _late("home_pages", "receive_home"),
    ("POST", "/login/home/leave"): _late("home_pages", "leave"),
    ("GET", "/login/home/card"): _late("home_card_pages", "show_card"),
    ("POST", "/login/home/card"): _late("home_card_pages", "receive_card"),
    ("GET", "/login/home/children"): _late("home_pages", "show_children"),
    ("GET", "/login/home/children/{school_id}/{person_id}"): _late("home_pages", "show_child"),
    ("POST", "/login/home/children/{school_id}/{person_id}"): _late("home_pages", "receive_child"),
    ("GET", "/login/school/{code}"): pupil_pages.show_groups,
    ("GET", "/login/school/{code}/{group_id}"): pupil_pages.show_pupils,
    ("GET", "/login/school/{code}/{group_id}/{person_id}"): pupil_pages.show_pin,
    ("POST", "/login/school/{code}/{group_id}/{person_id}"): pupil_pages.receive_pupil,
    ("GET", "/login/school/{code}/lesson"): _late("lesson_pages", "show_lesson"),
    ("POST", "/login/school/{code}/lesson"): _late("lesson_pages", "receive_lesson"),
    ("GET", "/login/school/{code}/badge"): _late("badge_pages", "show_badge"),
    ("POST", "/login/school/{code}/badge"): _late("badge_pages", "receive_badge"),
    ("GET", "/login/school/{code}/{group_id}/{person_id}/wait"): _late("wait_pages", "show_wait"),
    ("POST", "/login/school/{code}/{group_id}/{person_id}/wait"): _late(
        "wait_pages", "receive_wait"
    ),
    ("GET", "/groups"): _late("group_pages", "show_groups"),
    ("GET", "/groups/{group_id}"): _late("group_pages", "show_group"),
    ("POST", "/groups/{group_id}"): _late("group_pages", "change_group"),
    ("POST", "/groups/handover"): _late("handover_pages", "make_code"),
    ("GET", "/login/substitute"): _late("handover_pages", "show_entry"),
    ("POST", "/login/substitute"): _late("handover_pages", "receive_entry"),
    ("GET", "/groups/cards"): _late("card_pages", "show_cards"),
    ("POST", "/groups/cards"): _late("card_pages", "make_cards"),
    ("GET", "/groups/{group_id}/door"): _late("class_door_pages", "show_door"),
    ("POST", "/groups/{group_id}/door"): _late("class_door_pages", "change_door"),
    ("GET", "/console/events"): _late("event_pages", "show"),
    ("GET", "/console/events/file"): _late("event_pages", "download"),
    ("GET", "/console/networks"): _late("network_pages", "show"),
    ("POST", "/console/networks"): _late("network_pages", "receive"),
    ("POST", "/logout"): sign_in_pages.sign_out,
    ("GET", "/apps"): start_pages.show_apps,
    ("GET", "/account"): start_pages.show_account,
    ("POST", "/account/sessions"): access_pages.end_sessions,
    ("GET", "/console/access"): access_pages.show_console,
    ("POST", "/console/access"): access_pages.receive_console,
    ("GET", "/helpdesk/access"): access_pages.show_helpdesk,
    ("POST", "/helpdesk/access"): access_pages.receive_helpdesk,
    ("GET", "/account/password"): password_pages.show_password,
    ("POST", "/account/password"): password_pages.change_password,
    ("GET", "/account/confirm"): _late("own_security_pages", "show_confirm"),
    ("POST", "/account/confirm"): _late("own_security_pages", "receive_confirm"),
    ("GET", "/account/second-factor"): _late("own_security_pages", "show_second_factor"),
    ("POST", "/account/second-factor"): _late("own_security_pages", "change_second_factor"),
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="login")
