"""What a signed-in person may do, read freshly."""

from dataclasses import replace
from typing import Any

import pytest

from infra.local.house import House
from schoolpoort import authority, clock, dynamodb, ids, sessions, settings
from schoolpoort.web import (
    ConfirmationRequired,
    Forbidden,
    HttpProblem,
    Request,
    SecondFactorRequired,
    SignInRequired,
)

NOW = 1_800_000_000
SECRET = "s" * 43


def request(cookie: str = SECRET) -> Request:
    """Return a request of somebody who carries a cookie."""
    return Request(
        method="GET",
        resource="/console",
        path="/console",
        path_parameters={},
        query={},
        headers={},
        cookies={sessions.COOKIE_NAME: cookie},
        body=b"",
        source_ip="192.0.2.7",
        language="nl",
        reference="abcdef12",
    )


def sign_in(scope: str, roles: list[str] | None, *, proved: bool = True) -> None:
    """Write a session in a scope, and the membership unless there is none."""
    dynamodb.put(
        settings.require("SESSIONS_TABLE"),
        {
            "session_hash": ids.sha256_hex(SECRET),
            "stage": "local",
            "kind": "staff",
            "account_id": "7",
            "display_name": "Noor de Wit",
            "scope": scope,
            **({"school_id": scope.removeprefix("school#")} if "school" in scope else {}),
            "person_id": None,
            "language": "nl",
            "authenticated_at_epoch_s": NOW,
            "proved_at_epoch_s": NOW if proved else None,
            "idle_ends_at_epoch_s": NOW + 100,
            "expires_at_epoch_s": NOW + 100,
        },
    )
    if roles is not None:
        item = {"account_id": "7", "scope": scope, "roles": roles}
        dynamodb.put(settings.require("ACCOUNTS_TABLE"), item)


@pytest.fixture(autouse=True)
def stopped_clock(aws: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock on an empty cloud."""
    monkeypatch.setattr(clock, "_source", lambda: float(NOW))


def test_a_role_at_the_own_school_opens() -> None:
    """A coordinator is let in, with the school of the session."""
    sign_in("school#42", ["ict_coordinator"])
    actor = authority.require_school_role(request(), "ict_coordinator")
    assert (actor.school_id, actor.board_number, actor.account_id) == ("42", None, "7")


def test_several_roles_are_a_union() -> None:
    """Who has two roles may do what either may, and the actor knows both."""
    sign_in("school#42", ["teacher", "ict_coordinator"])
    for role in ("teacher", "ict_coordinator"):
        actor = authority.require_school_role(request(), role)
        assert actor.roles == {"teacher", "ict_coordinator"}


def test_one_of_several_wanted_roles_is_enough() -> None:
    """A page open to two roles opens to who has one of them."""
    sign_in("helpdesk", ["helpdesk"])
    assert authority.require_role(request(), "board", "helpdesk").scope == "helpdesk"


def test_a_board_is_known_by_its_number() -> None:
    """The actor of a board carries the board's number and no school."""
    sign_in("board#40001", ["board"])
    actor = authority.require_role(request(), "board")
    assert (actor.board_number, actor.school_id) == ("40001", None)


@pytest.mark.parametrize(
    ("scope", "roles", "code"),
    [
        ("school#42", ["teacher"], "role_missing"),
        ("school#42", [], "no_membership"),
        ("school#42", None, "no_membership"),
        ("board#40001", ["ict_coordinator"], "not_at_a_school"),
        ("helpdesk", ["ict_coordinator"], "not_at_a_school"),
    ],
)
def test_everybody_else_is_refused(scope: str, roles: list[str] | None, code: str) -> None:
    """Without the role, the membership or the school the answer is 403, with a code for the log."""
    sign_in(scope, roles)
    with pytest.raises(Forbidden) as caught:
        authority.require_school_role(request(), "ict_coordinator")
    problem: HttpProblem = caught.value
    assert (problem.status, problem.code) == (403, code)


def test_a_role_taken_away_stops_at_once() -> None:
    """The next request after a change of roles is judged by the new roles."""
    sign_in("school#42", ["ict_coordinator"])
    authority.require_school_role(request(), "ict_coordinator")
    sign_in("school#42", ["teacher"])
    with pytest.raises(Forbidden):
        authority.require_school_role(request(), "ict_coordinator")


def test_a_role_at_another_school_does_not_count() -> None:
    """Only the membership of the session's own scope is read."""
    sign_in("school#42", ["teacher"])
    other = {"account_id": "7", "scope": "school#43", "roles": ["ict_coordinator"]}
    dynamodb.put(settings.require("ACCOUNTS_TABLE"), other)
    with pytest.raises(Forbidden):
        authority.require_school_role(request(), "ict_coordinator")


@pytest.mark.parametrize("role", ["ict_coordinator", "board", "helpdesk"])
def test_a_strong_role_needs_a_second_factor(role: authority.Role) -> None:
    """A session without one is sent to set one up, and then back to the page."""
    sign_in("school#42", ["teacher", role], proved=False)
    with pytest.raises(SecondFactorRequired) as raised:
        authority.require_role(request(), "teacher", role)
    assert raised.value.address == "/account/second-factor"
    assert raised.value.return_to == request().path
    assert authority.require_role(request(), "teacher").roles == {"teacher", role}


@pytest.mark.parametrize(("age_s", "passes"), [(0, True), (899, True), (900, False)])
def test_who_one_is_counts_for_a_quarter(age_s: int, passes: bool) -> None:
    """A sensitive act asks again a quarter after the person last showed who he is."""
    sign_in("school#42", ["teacher"])
    session = replace(sessions.require(request()), confirmed_at_epoch_s=NOW - age_s)
    if passes:
        authority.require_confirmed(request(), session, "/x")
        return
    with pytest.raises(ConfirmationRequired) as raised:
        authority.require_confirmed(request(), session, "/x")
    assert raised.value.address == "/account/confirm"


def test_nobody_is_asked_to_sign_in() -> None:
    """Without a session there is no role to judge."""
    with pytest.raises(SignInRequired):
        authority.require_role(request("t" * 43), "teacher")


def test_two_reads_and_the_membership_consistently(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authority costs the session and one consistent read of the membership."""
    sign_in("school#42", ["teacher"])
    reads: list[tuple[frozenset[str], bool]] = []
    read = dynamodb.get

    def get(table: str, key: dict[str, Any], *, consistent: bool = False) -> Any:
        reads.append((frozenset(key), consistent))
        return read(table, key, consistent=consistent)

    monkeypatch.setattr(dynamodb, "get", get)
    authority.require_role(request(), "teacher")
    assert reads == [
        (frozenset({"session_hash"}), False),
        (frozenset({"account_id", "scope"}), True),
    ]
