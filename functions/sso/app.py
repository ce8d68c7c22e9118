"""HTTP door of sso."""

from collections.abc import Mapping
from typing import Any

from schoolpoort.web import Request, Response, Route, View, dispatch
from sso import authorize_pages, discovery, link_pages


def _exchange_code(request: Request) -> Response:
    # Tokens need cryptography, which would slow the start of every tile and page.
    from sso import token_endpoint  # noqa: PLC0415

    return token_endpoint.exchange_code(request)


def _show_userinfo(request: Request) -> Response:
    from sso import token_endpoint  # noqa: PLC0415 - as above

    return token_endpoint.show_userinfo(request)


ROUTES: Mapping[Route, View] = {
    ("GET", "/.well-known/openid-configuration"): discovery.show_configuration,
    ("GET", "/oauth2/jwks"): discovery.show_keys,
    ("GET", "/oauth2/authorize"): authorize_pages.authorize,
    ("POST", "/oauth2/token"): _exchange_code,
    ("GET", "/oauth2/userinfo"): _show_userinfo,
    ("POST", "/oauth2/userinfo"): _show_userinfo,
    ("GET", "/apps/{publisher_id}"): authorize_pages.open_app,
    ("GET", "/console/publishers"): link_pages.show_publishers,
    ("POST", "/console/publishers/{publisher_id}"): link_pages.change_link,
    ("GET", "/console/shared"): link_pages.show_shared,
}

MACHINE_ROUTES = frozenset({("POST", "/oauth2/token"), ("POST", "/oauth2/userinfo")})
"""Publishers' servers post here with proof of their own; no cookie speaks for anybody."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request of API Gateway."""
    return dispatch(event, ROUTES, service="sso", machine_routes=MACHINE_ROUTES)
