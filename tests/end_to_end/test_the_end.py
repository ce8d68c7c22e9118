"""An agreement ends: until the day everything works, from then on nothing comes in or goes out."""

import datetime as dt
import re

import pytest
from wire import Controls, Person, Seen, wait_for

_DAY_S = 86_400


def _seeded(base_url: str, role: str) -> Person:
    who = Controls(base_url).people(role)[0]
    person = Person(base_url)
    assert person.sign_in(who["address"], who["password"]).status == 303
    return person


def _pupil(base_url: str) -> Person:
    """Choose a group and a picture at the school's own address."""
    pupil = Person(base_url)
    (school,) = Controls(base_url).people("pupil")
    groups = pupil.get(school["address"])
    group = re.search(r'href="(/login/school/[a-z0-9]{7}/\d+)"', groups.text)
    assert group
    picture = re.search(r'action="(/login/school/[^"]+)"', pupil.get(group[1]).text)
    assert picture
    assert pupil.post(picture[1]).location.endswith("/apps")
    return pupil


def _tile(person: Person) -> str:
    found = re.search(r'href="(/apps/[a-z0-9-]+)"', person.get("/apps").text)
    assert found
    return found[1]


def _ended_run(coordinator: Person, started: Seen) -> Seen:
    path = started.location

    def look() -> Seen | None:
        page = coordinator.follow(coordinator.get(path))
        return None if "refresh" in page.headers else page

    found = wait_for(look, "the end of a roster run")
    assert isinstance(found, Seen)
    return found


def _give_notice(base_url: str) -> None:
    """Let the director end the agreement with the day after tomorrow as first day without."""
    director = _seeded(base_url, "board")
    page = director.get("/board/agreements")
    action = re.search(r'action="(/board/agreements/\d+/notice)"', page.text)
    assert action
    end = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    given = director.post(action[1], {"ends_on": end.isoformat()})
    assert given.location.endswith("done=notice")
    for path in ("/board", "/board/agreements"):
        shown = director.get(path).text
        assert "The agreement ends for" in shown
        assert end.strftime("%d-%m-%Y") in shown


@pytest.mark.serve_only
def test_an_agreement_that_ends_stops_tile_and_import(base_url: str, controls: Controls) -> None:
    """Everybody is warned before; after it adults read reason and remedy, children whom to ask."""
    tile = _tile(_seeded(base_url, "teacher"))
    _give_notice(base_url)

    coordinator = _seeded(base_url, "ict_coordinator")
    assert "The agreement of your board ends" in coordinator.get("/console").text
    teacher, pupil = _seeded(base_url, "teacher"), _pupil(base_url)
    assert teacher.follow(teacher.get(tile)).status == 200
    assert _tile(pupil)

    controls.call("clock", {"advance_s": 3 * _DAY_S})
    coordinator, teacher = _seeded(base_url, "ict_coordinator"), _seeded(base_url, "teacher")
    assert "The agreement of your board ends" not in coordinator.get("/console").text
    refused = teacher.get(tile)
    assert refused.status == 403
    assert "no agreement in force today" in refused.text
    assert "signs the agreement" in refused.text, "what to do, and by whom"
    assert "Nothing about you was sent" in refused.text
    run = _ended_run(coordinator, coordinator.post("/console/roster/sync"))
    assert "Your board has no agreement with us" in run.text
    assert "Ask your board to conclude the agreement" in run.text
    assert "no agreement with us" in coordinator.get("/console/roster/file").text

    pupil = _pupil(base_url)
    shown = pupil.get("/apps").text
    assert "Ask your teacher" in shown
    assert 'href="/apps/' not in shown
    assert pupil.get(tile).status == 403
    controls.call("clock", {"advance_s": -3 * _DAY_S})
