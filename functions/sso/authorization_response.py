"""The addresses that a person is sent on to: the publisher's, with our answer in the query."""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit

from sso.registration import Publisher


def with_query(address: str, fields: Sequence[tuple[str, str | None]]) -> str:
    """Return an address with fields added to its query; fields without a value are left out."""
    parts = urlsplit(address)
    added = urlencode([(name, value) for name, value in fields if value is not None])
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def granted(redirect_uri: str, *, code: str, state: str | None, issuer: str) -> str:
    """Return the way back with a code; `iss` tells who answers (RFC 9207)."""
    return with_query(redirect_uri, [("code", code), ("state", state), ("iss", issuer)])


def refused(redirect_uri: str, *, error: str, reason: str, state: str | None, issuer: str) -> str:
    """Return the way back with an OAuth error; `reason` helps the publisher's developers."""
    fields = [("error", error), ("error_description", reason), ("state", state), ("iss", issuer)]
    return with_query(redirect_uri, fields)


def start_at_publisher(publisher: Publisher, *, issuer: str) -> str:
    """Return where a publisher starts a sign-on himself (OpenID Connect Core 1.0, 4).

    The code flow then begins and ends in his own session, so nobody can sign another in.
    """
    fields = [("iss", issuer), ("target_link_uri", publisher.target_link_uri)]
    return with_query(publisher.initiate_login_uri, fields)
