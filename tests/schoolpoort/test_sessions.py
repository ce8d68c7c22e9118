"""Reading sessions: which cookie is somebody, for how long, at what cost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.house import House
from schoolpoort import clock, dynamodb, ids, sessions, settings
from schoolpoort.web import Request, SignInRequired

NOW = 1_800_000_000
SECRET = "s" * 43


def request(cookie: str | None = SECRET, method: str = "GET", **query: str) -> Request:
    """Return a request for a page, with a session cookie or without."""
    return Request(
        method=method,
        resource="/console/roster",
        path="/console/roster",
        path_parameters={},
        query=query,
        headers={},
        cookies={} if cookie is None else {sessions.COOKIE_NAME: cookie},
        body=b"",
        source_ip="192.0.2.7",
        language="nl",
        reference="abcdef12",
    )


def item(**changes: Any) -> dict[str, Any]:
    """Return a stored session that holds."""
    return {
        "session_hash": ids.sha256_hex(SECRET),
        "stage": "local",
        "kind": "staff",
        "account_id": "7",
        "display_name": "Noor de Wit",
        "scope": "school#42",
        "school_id": "42",
        "person_id": None,
        "language": "nl",
        "authenticated_at_epoch_s": NOW,
        "idle_ends_at_epoch_s": NOW + 100,
        "expires_at_epoch_s": NOW + 200,
        "schema_version": 1,
        **changes,
    }


@pytest.fixture
def calls(aws: House, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stop the clock and record every read of the store."""
    monkeypatch.setattr(clock, "_source", lambda: float(NOW))
    recorded: list[dict[str, Any]] = []
    read = dynamodb.get

    def get(table: str, key: dict[str, Any], **options: Any) -> Any:
        recorded.append(key)
        return read(table, key, **options)

    monkeypatch.setattr(dynamodb, "get", get)
    return recorded


def store(**changes: Any) -> None:
    """Write a session."""
    dynamodb.put(settings.require("SESSIONS_TABLE"), item(**changes))


def test_a_session_is_read_with_one_call_by_its_hash(calls: list[dict[str, Any]]) -> None:
    """The store is asked once, for the hash of the cookie."""
    store()
    session = sessions.require(request())
    assert (session.account_id, session.school_id) == ("7", "42")
    assert calls == [{"session_hash": ids.sha256_hex(SECRET)}]


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "acceptance"},
        {"stage": None},
        {"kind": "pupil"},
        {"expires_at_epoch_s": NOW},
        {"idle_ends_at_epoch_s": NOW},
        {"expires_at_epoch_s": NOW - 1, "idle_ends_at_epoch_s": NOW + 1},
    ],
)
def test_what_does_not_hold_is_nobody(calls: list[dict[str, Any]], changes: dict[str, Any]) -> None:
    """Another stage, another kind or a passed end is no session, though the item is there."""
    store(**changes)
    assert sessions.optional(request()) is None


def test_a_session_holds_until_the_second_it_ends(calls: list[dict[str, Any]]) -> None:
    """The last second before an end still counts."""
    store(expires_at_epoch_s=NOW + 1, idle_ends_at_epoch_s=NOW + 1)
    assert sessions.optional(request()) is not None


def test_an_unknown_cookie_is_nobody(calls: list[dict[str, Any]]) -> None:
    """A well-formed secret that is not in the store is no session."""
    store()
    assert sessions.optional(request("t" * 43)) is None


@given(st.one_of(st.none(), st.text(max_size=60)))
def test_what_cannot_be_a_secret_is_never_looked_up(cookie: str | None) -> None:
    """Only 43 base64url characters are hashed and asked for."""
    looks_right = (
        cookie is not None
        and len(cookie) == 43
        and all(c.isascii() and (c.isalnum() or c in "-_") for c in cookie)
    )
    assert (sessions.hash_of_cookie(request(cookie)) is not None) == looks_right


def test_a_cookie_that_cannot_be_ours_costs_no_call(calls: list[dict[str, Any]]) -> None:
    """Garbage is refused before the store."""
    assert sessions.optional(request("garbage")) is None
    assert sessions.optional(request(None)) is None
    assert calls == []


@pytest.mark.parametrize(
    ("method", "query", "return_to"),
    [
        ("GET", {}, "/console/roster"),
        ("GET", {"page": "2", "q": "a&b"}, "/console/roster?page=2&q=a%26b"),
        ("POST", {}, ""),
    ],
)
def test_who_must_sign_in_comes_back_to_the_page(
    method: str, query: dict[str, str], return_to: str
) -> None:
    """A page is returned to with its query; a form that was sent cannot be."""
    with pytest.raises(SignInRequired) as caught:
        sessions.require(request(None, method, **query))
    assert caught.value.return_to == return_to


def test_the_cookie_is_bound_to_this_host() -> None:
    """The prefix makes browsers insist on Secure, Path=/ and no Domain."""
    assert sessions.COOKIE_NAME.startswith("__Host-")
