"""Where a person goes on after signing in: only to a page of this house, never elsewhere."""

import re

_LONGEST = 2048
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Printable ASCII without a backslash; a second slash at the start would name another host."""

_LEADING_OUT = ("/oauth2/", "/apps/")
_NOT_AFTERWARDS = ("/login", "/logout", "/password/", "/activate/")


def safe(value: str) -> str | None:
    """Return an address that may be returned to, or None for any other text."""
    if len(value) > _LONGEST or not _PATH.fullmatch(value) or "/../" in f"{value}/":
        return None
    return None if value.startswith(_NOT_AFTERWARDS) else value


def leads_out(path: str) -> bool:
    """Say whether a page answers with a redirect to another site.

    A browser holds a form's redirects against the page's form-action, so such an address is
    reached by a page of our own instead.
    """
    return path.startswith(_LEADING_OUT)


def home_of(scope: str) -> str:
    """Return the start page of a membership."""
    if scope == "helpdesk":
        return "/helpdesk"
    return "/board" if scope.startswith("board#") else "/apps"
