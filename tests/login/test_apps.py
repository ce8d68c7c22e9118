"""The tiles page and the account page, through HTTP."""

from typing import Any

import pytest

from infra.local.visitor import Visitor
from schoolpoort import dynamodb, settings
from tests.login.door import BAS, NOOR, PASSWORD, Door, put_account


def put_person(**changes: Any) -> None:
    """Write Noor as the roster has her, with two groups."""
    groups = [
        {"group_id": "31", "name": "De Roggen", "year_group": "6"},
        {"group_id": "32", "name": "Plusklas <b>", "year_group": None},
    ]
    person = {
        "school_id": "42",
        "item_key": "person#9",
        "kind": "staff",
        "given_name": "Noor",
        "prefix": "de",
        "surname": "Wit",
        "las_key": "L9",
        "address": NOOR,
        "roles_in_las": ["LER"],
        "groups": groups,
        "active": True,
    }
    dynamodb.put(settings.require("ROSTER_TABLE"), person | changes)


def put_coverage(*declared: str, until: str | None = None) -> None:
    """Write that the board's agreement covers the school, with declarations for parties."""
    period = {
        "state": "covered_board",
        "agreement_id": "1",
        "since": "2020-01-01",
        "until": until,
    }
    declarations = [
        {"party_id": party, "party_name": party, "since": "2020-01-01", "until": None}
        for party in declared
    ]
    item = {
        "school_id": "42",
        "board_number": "40001",
        "periods": [period],
        "declarations": declarations,
    }
    dynamodb.put(settings.require("COVERAGE_TABLE"), item)


def put_link(publisher_id: str, name: str) -> None:
    """Write that the school is linked to a publisher."""
    link = {"school_id": "42", "publisher_id": publisher_id, "publisher_name": name}
    dynamodb.put(settings.require("SCHOOL_LINKS_TABLE"), link)


@pytest.fixture
def noor(door: Door, visitor: Visitor) -> Visitor:
    """Sign a teacher in."""
    door.sign_in(visitor)
    door.calls.clear()
    return visitor


def test_a_teacher_sees_her_groups_and_apps(door: Door, noor: Visitor) -> None:
    """Groups come from the roster, apps from the school's links, in order of name."""
    put_person()
    put_coverage("leesdorp", "rekenrijk")
    put_link("rekenrijk", "Rekenrijk")
    put_link("leesdorp", "Leesdorp")
    page = noor.get("/apps")
    assert page.status == 200
    for part in ("Hallo, Noor de Wit", "De Vlieger", "De Roggen", "Groep 6"):
        assert part in page.text
    assert page.text.index('href="/apps/leesdorp"') < page.text.index('href="/apps/rekenrijk"')
    assert "Wacht op je bestuur" not in page.text
    assert "niet te openen" not in page.text


def test_names_are_text_and_not_markup(door: Door, noor: Visitor) -> None:
    """What a school calls a group cannot write into the page."""
    put_person()
    page = noor.get("/apps")
    assert "Plusklas &lt;b&gt;" in page.text
    assert "Plusklas <b>" not in page.text


def test_the_tiles_cost_three_aws_calls(door: Door, noor: Visitor) -> None:
    """Session, then person with coverage and membership, then links: three calls."""
    put_person()
    put_coverage("leesdorp")
    put_link("leesdorp", "Leesdorp")
    door.calls.clear()
    noor.get("/apps")
    assert door.calls == ["UpdateItem", "BatchGetItem", "Query"]


def test_an_app_without_the_boards_statement_waits(door: Door, noor: Visitor) -> None:
    """A linked app that the board has not declared an agreement with says so."""
    put_coverage("rekenrijk")
    put_link("leesdorp", "Leesdorp")
    assert "Wacht op je bestuur" in noor.get("/apps").text


@pytest.mark.parametrize("until", [None, "2021-01-01"])
def test_without_an_agreement_the_page_gives_the_reason(
    door: Door, noor: Visitor, until: str | None
) -> None:
    """A school without coverage today is told why nothing opens and who arranges it."""
    if until is not None:
        put_coverage("leesdorp", until=until)
    put_link("leesdorp", "Leesdorp")
    assert "De apps zijn nog niet te openen" in noor.get("/apps").text


def test_empty_places_say_what_to_do(door: Door, noor: Visitor) -> None:
    """Without groups and apps the page explains both instead of showing nothing."""
    put_coverage()
    page = noor.get("/apps")
    assert "Nog geen apps" in page.text
    assert "Geen groepen op je naam" in page.text
    assert "Je hebt een account, maar je staat niet in het administratiesysteem" in page.text


def test_who_left_the_school_has_no_groups(door: Door, noor: Visitor) -> None:
    """The groups of an inactive person are not shown."""
    put_person(active=False)
    assert "De Roggen" not in noor.get("/apps").text


def test_a_teacher_has_no_console(door: Door, noor: Visitor) -> None:
    """The way to the console is for coordinators."""
    assert 'href="/console' not in noor.get("/apps").text


def test_a_coordinator_finds_the_console(door: Door, visitor: Visitor) -> None:
    """A coordinator sees the console in the menu and where to link the first app."""
    roles = ["teacher", "ict_coordinator"]
    put_account(NOOR, "7", "school#42", name="Noor de Wit", roles=roles, password=PASSWORD)
    door.enter(visitor)
    page = visitor.get("/apps")
    assert 'href="/console"' in page.text
    assert 'href="/console/publishers"' in page.text


def test_a_lost_membership_closes_the_page_at_once(door: Door, noor: Visitor) -> None:
    """Who was taken off the school sees nothing of it any more, also in mid-session."""
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "7", "scope": "school#42"})
    assert noor.get("/apps").status == 403


def test_a_board_has_no_tiles(door: Door, visitor: Visitor) -> None:
    """A board member who opens the tiles is brought to the board's page."""
    door.enter(visitor, email=BAS)
    answer = visitor.get("/apps")
    assert (answer.status, answer.location) == (303, "/board")


@pytest.mark.parametrize("path", ["/apps", "/account"])
def test_without_a_session_the_way_leads_to_the_door_and_back(
    door: Door, visitor: Visitor, path: str
) -> None:
    """Who is not signed in signs in first and comes back."""
    answer = visitor.get(path)
    assert (answer.status, answer.location) == (303, f"/login?next={path}")
    assert door.calls == []


def test_the_account_page_says_who_and_where(door: Door, noor: Visitor) -> None:
    """Name, work place, role and the way out stand on the account page; three calls."""
    page = noor.get("/account")
    assert page.status == 200
    for part in ("Noor de Wit", "De Vlieger", "leerkracht", 'action="/logout"'):
        assert part in page.text
    assert door.calls == ["UpdateItem", "Query", "Query"]


def test_the_front_door_asks_the_store_nothing(door: Door, visitor: Visitor) -> None:
    """GET / goes to the sign-in page, or to the tiles for who carries a cookie."""
    assert visitor.get("/").location == "/login"
    door.sign_in(visitor)
    door.calls.clear()
    assert visitor.get("/").location == "/apps"
    assert door.calls == []


def test_health_says_nothing_but_ok(door: Door, visitor: Visitor) -> None:
    """GET /health answers without any data and without a call."""
    answer = visitor.get("/health")
    assert (answer.status, answer.text) == (200, '{"status": "ok"}')
    assert door.calls == []


@pytest.mark.parametrize(
    ("moves_s", "status"),
    [
        ([3599], 200),
        ([3600], 303),
        ([3500, 3500], 200),
        ([3500] * 12, 200),
        ([3500] * 12 + [1201], 303),
    ],
)
def test_a_session_ends_idle_after_an_hour_and_in_any_case_after_twelve(
    door: Door, noor: Visitor, moves_s: list[int], status: int
) -> None:
    """Coming by puts the idle end off, never the absolute one."""
    for by_s in moves_s[:-1]:
        door.move_clock(by_s)
        assert noor.get("/apps").status == 200
    door.move_clock(moves_s[-1])
    assert noor.get("/apps").status == status


def test_a_session_of_another_stage_opens_nothing(
    door: Door, noor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie of another stage is no session here."""
    monkeypatch.setenv("STAGE", "acceptance")
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://schoolpoort.example")
    assert noor.get("/apps").status == 303
    assert noor.get("/account").status == 303
