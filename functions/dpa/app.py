"""HTTP door of dpa."""

from collections.abc import Mapping
from typing import Any

from dpa import board, board_acts, case, export_pages, helpdesk, offer_pages, review_pages, signing
from schoolpoort.web import Route, View, dispatch

ROUTES: Mapping[Route, View] = {
    ("GET", "/helpdesk/agreements"): helpdesk.show,
    ("POST", "/helpdesk/agreements"): helpdesk.record,
    ("GET", "/helpdesk/agreements/offers"): offer_pages.show_at_helpdesk,
    ("POST", "/helpdesk/agreements/offers"): offer_pages.make_at_helpdesk,
    ("GET", "/helpdesk/agreements/exports"): export_pages.show,
    ("GET", "/helpdesk/agreements/reviews"): review_pages.show,
    ("POST", "/helpdesk/agreements/reviews/{change_id}"): review_pages.act,
    ("GET", "/helpdesk/agreements/{agreement_id}"): case.show,
    ("POST", "/helpdesk/agreements/{agreement_id}/activate"): helpdesk.activate,
    ("POST", "/helpdesk/agreements/{agreement_id}/{act}"): case.act,
    ("GET", "/board/agreements"): board.show,
    ("GET", "/board/agreements/offer"): offer_pages.show_at_board,
    ("POST", "/board/agreements/offer"): offer_pages.make_at_board,
    ("POST", "/board/agreements/{agreement_id}/{act}"): board_acts.act,
    ("POST", "/board/declarations"): board.declare,
    ("GET", "/agreement/{invitation_id}"): signing.show,
    ("GET", "/agreement/{invitation_id}/paper"): signing.hand_out,
    ("GET", "/agreement/{invitation_id}/sheet"): signing.show_sheet,
    ("POST", "/agreement/{invitation_id}/code"): signing.ask_code,
    ("POST", "/agreement/{invitation_id}/enter"): signing.enter,
    ("POST", "/agreement/{invitation_id}/{act}"): signing.act,
}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="dpa")
