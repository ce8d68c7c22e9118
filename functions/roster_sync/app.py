"""The roster function: a coordinator sees a school's roster, the helpdesk sees the night."""

from typing import Any

from roster_sync import (
    helpdesk_keys,
    helpdesk_pages,
    key_pages,
    nights_pages,
    number_pages,
    pages,
    waiting_pages,
)
from schoolpoort.web import Route, View, dispatch

ROUTES: dict[Route, View] = {
    ("GET", "/console/roster"): pages.show_roster,
    ("GET", "/console/roster/key"): key_pages.show_key,
    ("POST", "/console/roster/key"): key_pages.receive_key,
    ("POST", "/console/roster/sync"): pages.start_sync,
    ("GET", "/console/roster/runs/{run_id}"): pages.show_run,
    ("POST", "/console/roster/runs/{run_id}/restore"): waiting_pages.restore_run,
    ("GET", "/console/roster/waiting"): waiting_pages.show_waiting,
    ("POST", "/console/roster/waiting"): waiting_pages.receive_word,
    ("GET", "/console/roster/numbers"): number_pages.show_numbers,
    ("POST", "/console/roster/numbers"): number_pages.receive_pairs,
    ("GET", "/console/roster/file"): pages.show_file_form,
    ("GET", "/console/roster/file/received"): pages.show_file_received,
    ("GET", "/helpdesk/roster"): helpdesk_pages.show,
    ("POST", "/helpdesk/roster/again"): helpdesk_pages.receive_again,
    ("GET", "/helpdesk/roster/nights"): nights_pages.show,
    ("POST", "/helpdesk/roster/nights"): nights_pages.receive_count,
    ("GET", "/helpdesk/roster/keys"): helpdesk_keys.show,
    ("POST", "/helpdesk/roster/keys/day"): helpdesk_keys.receive_day,
    ("POST", "/helpdesk/roster/keys/withdraw"): helpdesk_keys.receive_list,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="roster_sync")
