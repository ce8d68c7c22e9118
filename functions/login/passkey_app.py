"""The passkey function: what a browser answers for a passkey, and the page of one's own.

It is a function of its own because the library that judges brings much along, which a sign-in
with a password would wait for. What goes wrong is told by the pages of the sign-in function.
"""

from typing import Any

from login import passkey_pages
from schoolpoort.web import Route, View, dispatch

ROUTES: dict[Route, View] = {
    ("POST", "/login/passkey"): passkey_pages.receive_sign_in,
    ("POST", "/login/code/passkey"): passkey_pages.receive_code,
    ("POST", "/login/second-factor/passkey"): passkey_pages.receive_enrolment,
    ("POST", "/account/confirm/passkey"): passkey_pages.receive_confirm,
    ("GET", "/account/passkeys"): passkey_pages.show,
    ("POST", "/account/passkeys"): passkey_pages.change,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="passkeys")
