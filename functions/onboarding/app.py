"""HTTP door of onboarding."""

from collections.abc import Mapping
from typing import Any

from onboarding import (
    abroad_pages,
    aside_pages,
    board_pages,
    helpdesk,
    homes,
    registry_pages,
    request_desk,
    request_pages,
)
from schoolpoort.web import Route, View, dispatch

ROUTES: Mapping[Route, View] = {
    ("GET", "/console"): homes.show_console,
    ("GET", "/board"): board_pages.show,
    ("GET", "/board/evidence"): board_pages.show_evidence,
    ("POST", "/board/evidence"): board_pages.make_evidence,
    ("GET", "/board/evidence/{paper_id}"): board_pages.fetch_evidence,
    ("GET", "/helpdesk"): helpdesk.show_home,
    ("GET", "/request"): request_pages.show_form,
    ("POST", "/request"): request_pages.receive,
    ("GET", "/request/sent"): request_pages.show_sent,
    ("GET", "/request/{token}"): request_pages.show_status,
    ("POST", "/request/{token}"): request_pages.change_status,
    ("GET", "/request/board/{token}"): request_pages.show_question,
    ("POST", "/request/board/{token}"): request_pages.answer_question,
    ("GET", "/helpdesk/requests"): request_desk.show_queue,
    ("GET", "/helpdesk/requests/new"): request_desk.show_new,
    ("POST", "/helpdesk/requests/new"): request_desk.type_in,
    ("GET", "/helpdesk/requests/{request_id}"): request_desk.show_request,
    ("POST", "/helpdesk/requests/{request_id}"): request_desk.act,
    ("GET", "/helpdesk/requests/{request_id}/paper"): request_desk.show_paper,
    ("GET", "/helpdesk/registry"): registry_pages.show_registry,
    ("GET", "/helpdesk/registry/received"): registry_pages.show_received,
    ("GET", "/helpdesk/registry/changes"): registry_pages.show_changes,
    ("POST", "/helpdesk/registry/changes"): registry_pages.decide_changes,
    ("GET", "/helpdesk/registry/abroad"): abroad_pages.show,
    ("POST", "/helpdesk/registry/abroad"): abroad_pages.enter,
    ("POST", "/helpdesk/registry/abroad/{registration_id}"): abroad_pages.decide,
    ("GET", "/helpdesk/registry/aside"): aside_pages.show,
    ("POST", "/helpdesk/registry/aside"): aside_pages.release_list,
    ("POST", "/helpdesk/registry/aside/{aside_id}"): aside_pages.decide,
    ("GET", "/helpdesk/registry/{brin6}"): helpdesk.show_school,
    ("POST", "/helpdesk/registry/{brin6}/coordinator"): helpdesk.invite_coordinator,
    ("POST", "/helpdesk/registry/{brin6}/renumbering"): helpdesk.take_renumbering_back,
    ("GET", "/helpdesk/registry/boards/{board_number}"): helpdesk.show_board,
    ("POST", "/helpdesk/registry/boards/{board_number}/director"): helpdesk.invite_director,
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="onboarding")
