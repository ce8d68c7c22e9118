"""Each role has one work place that shows where it stands, and no other role gets in."""

import pytest

from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import dynamodb, registry
from schoolpoort.settings import require
from tests.onboarding.desk import Desk
from tests.onboarding.lists import boards, locations
from tests.signed_in import signed_in

_AGREEMENT = "Jullie bestuur heeft een overeenkomst met ons"


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Return the desk with two schools of one board."""
    desk.bring(locations(2))
    desk.bring(boards("04002"))
    return desk


def _school_id(brin6: str = "12AB00") -> str:
    found = registry.location(brin6)
    assert found is not None
    return found.school_id


def _person(house: House, scope: str, role: str) -> Visitor:
    named = {"scope_name": "x", "address": "noor@kompas.example", "display_name": "Noor"}
    return signed_in(house, "8123", scope, role, **named)


def _cover(school_id: str, state: str = "covered_board", until: str | None = None) -> None:
    """Let an agreement stand for a school as dpa records it."""
    period = {"state": state, "agreement_id": "7", "since": "2024-08-01", "until": until}
    item = {"school_id": school_id, "board_number": "04002", "periods": [period]}
    dynamodb.put(require("COVERAGE_TABLE"), {**item, "declarations": []})


def _steps(page: str) -> list[str]:
    """Return the states of the steps of the console, in order."""
    return [part.partition('"')[0] for part in page.split("step--")[1:]]


# --- who gets in --------------------------------------------------------------------------------

_HOMES = ("/console", "/board", "/helpdesk")


@pytest.mark.parametrize(
    ("scope", "role", "own"),
    [
        ("school", "ict_coordinator", "/console"),
        ("school", "teacher", None),
        ("board#04002", "board", "/board"),
        ("helpdesk", "helpdesk", "/helpdesk"),
    ],
)
def test_every_role_has_its_own_place(full: Desk, scope: str, role: str, own: str | None) -> None:
    """A person sees the place of the role, and is refused at the others."""
    place = f"school#{_school_id()}" if scope == "school" else scope
    person = _person(full.house, place, role)
    statuses = {path: person.get(path).status for path in _HOMES}
    assert statuses == {path: 200 if path == own else 403 for path in _HOMES}


@pytest.mark.parametrize(
    ("scope", "role", "path"),
    [
        ("helpdesk", "ict_coordinator", "/console"),
        ("board#04002", "ict_coordinator", "/console"),
        ("helpdesk", "board", "/board"),
    ],
)
def test_a_role_without_its_scope_opens_nothing(
    full: Desk, scope: str, role: str, path: str
) -> None:
    """A coordinator is one of a school, a director one of a board."""
    assert _person(full.house, scope, role).get(path).status == 403


@pytest.mark.parametrize("path", _HOMES)
def test_strangers_are_sent_to_the_sign_in_and_back(aws: House, path: str) -> None:
    """The place that was asked for is remembered."""
    answer = Visitor(aws.call).get(path)
    assert answer.status == 303
    assert answer.location.startswith("/login?next=")
    assert path.strip("/") in answer.location


def test_a_role_that_was_taken_away_is_gone_at_once(full: Desk) -> None:
    """The session still runs, but the membership is read at every page."""
    person = _person(full.house, "helpdesk", "helpdesk")
    assert person.get("/helpdesk").status == 200
    key = {"account_id": "8123", "scope": "helpdesk"}
    dynamodb.delete(require("ACCOUNTS_TABLE"), key)
    assert person.get("/helpdesk").status == 403


# --- the coordinator ----------------------------------------------------------------------------


def test_a_new_school_sees_what_comes_first(full: Desk) -> None:
    """The agreement is next, because without it nothing comes in."""
    shown = _person(full.house, f"school#{_school_id()}", "ict_coordinator").get("/console").text
    assert "<h1>School 00</h1>" in shown
    assert _AGREEMENT in shown
    assert "Vraag het je bestuur" in shown or "bestuur" in shown
    assert shown.count('aria-current="step"') == 1


def test_every_step_that_is_done_is_shown_as_done(full: Desk) -> None:
    """Agreement, roster and colleagues, one after the other."""
    school_id = _school_id()
    coordinator = _person(full.house, f"school#{school_id}", "ict_coordinator")
    seen = [coordinator.get("/console").text]
    _cover(school_id)
    seen.append(coordinator.get("/console").text)
    feed = {"school_id": school_id, "item_key": "feed", "counts": {"pupils": 12}, "pupils": 12}
    dynamodb.put(require("ROSTER_TABLE"), feed)
    seen.append(coordinator.get("/console").text)
    teacher = {
        "account_id": "5",
        "scope": f"school#{school_id}",
        "scope_name": "x",
        "roles": ["teacher"],
        "address": "tess@kompas.example",
        "display_name": "Tess",
    }
    dynamodb.put(require("ACCOUNTS_TABLE"), teacher)
    seen.append(coordinator.get("/console").text)
    assert len(set(seen)) == 4
    assert "12 leerlingen" in seen[2]
    assert "leerlingen zijn er" not in seen[1]


def test_a_school_that_is_being_checked_is_not_covered_yet(full: Desk) -> None:
    """An agreement that waits for a second person opens nothing."""
    school_id = _school_id()
    coordinator = _person(full.house, f"school#{school_id}", "ict_coordinator")
    before = coordinator.get("/console").text
    _cover(school_id, "pending")
    assert coordinator.get("/console").text == before


def test_a_school_outside_the_registry_still_has_a_console(full: Desk) -> None:
    """A school that is not in the list yet is called by a general name."""
    shown = _person(full.house, "school#777", "ict_coordinator").get("/console")
    assert (shown.status, "Mijn school" in shown.text) == (200, True)


# --- the board ----------------------------------------------------------------------------------


def test_a_board_sees_its_schools_and_whether_they_are_covered(full: Desk) -> None:
    """Each school has its own word for today."""
    _cover(_school_id("12AB00"))
    shown = _person(full.house, "board#04002", "board").get("/board?sort=name").text
    assert "<h1>Ús Skoalle</h1>" in shown
    first, second = shown.index("School 00"), shown.index("School 01")
    assert "Valt eronder" in shown[first:second]
    assert "Valt er niet onder" in shown[second:]


def test_a_board_sees_no_schools_of_others(full: Desk) -> None:
    """Another board's page has none of them."""
    shown = _person(full.house, "board#90001", "board").get("/board")
    assert (shown.status, "School 00" in shown.text) == (200, False)
    assert "Mijn bestuur" in shown.text


def test_a_school_that_is_being_checked_is_said_to_be(full: Desk) -> None:
    """The director sees that somebody is busy with it."""
    _cover(_school_id("12AB00"), "pending")
    shown = _person(full.house, "board#04002", "board").get("/board").text
    assert "Wordt gecontroleerd" in shown


def test_the_helpdesk_sees_its_two_tasks(full: Desk) -> None:
    """Schools and agreements, with what each is for."""
    shown = full.helpdesk().get("/helpdesk").text
    assert 'href="/helpdesk/registry"' in shown
    assert 'href="/helpdesk/agreements"' in shown


def test_a_known_end_is_said_before_it_comes_with_what_to_do(full: Desk) -> None:
    """To the school whom to ask, to the board where to sign; nothing while no end is known."""
    school_id = _school_id()
    coordinator = _person(full.house, f"school#{school_id}", "ict_coordinator")
    director = signed_in(full.house, "8124", "board#04002", "board")
    _cover(school_id)
    assert "loopt af" not in coordinator.get("/console").text + director.get("/board").text
    _cover(school_id, until="2099-08-01")
    for shown in (coordinator.get("/console").text, coordinator.get("/console/roster").text):
        assert "De overeenkomst van jullie bestuur loopt af" in shown
        assert "01-08-2099" in shown
        assert "Vraag het vandaag nog aan je bestuur" in shown
    shown = director.get("/board").text
    assert "De overeenkomst loopt af voor een van jullie scholen" in shown
    assert 'href="/board/agreements"' in shown
