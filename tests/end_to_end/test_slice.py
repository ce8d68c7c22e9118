"""One school comes aboard and its teacher learns with it: every step through HTTP and pages."""

import re
import uuid
from pathlib import Path

import pytest
from wire import PASSWORD, Controls, Person, Seen, wait_for

_NEW_BOARD = "90002"
_NEW_SCHOOL = "99BA00"
_REAL_LIST = (
    Path(__file__).parents[3] / "shared/data/duo/alle-schoolvestigingen-basisonderwijs-2026-04.csv"
)
_REAL_EDEXML = Path(__file__).parents[3] / "shared/data/edexml-2.1/EDEXML.Voorbeeld.2.1.xml"


def _signed_in(base_url: str, address: str, password: str) -> Person:
    person = Person(base_url)
    assert person.sign_in(address, password).status == 303
    return person


def _seeded(base_url: str, role: str, number: int = 0) -> Person:
    who = Controls(base_url).people(role)[number]
    return _signed_in(base_url, who["address"], who["password"])


def _activate(base_url: str, address: str) -> Person:
    """Follow the mailed link, set a password by the rules, sign in."""
    somebody = Person(base_url)
    path = somebody.controls.mailed_link(address)
    form = {"password": PASSWORD, "password_again": PASSWORD, **somebody.controls.captcha()}
    assert somebody.post(path, form).status == 303
    return _signed_in(base_url, address, PASSWORD)


def _agreement(board_number: str) -> dict[str, str]:
    return {
        "board_number": board_number,
        "model": "4.0",
        "evidence": "scan",
        "signatory": "Wietske ter Horst",
        "reference": "VO-1",
        "effective_from": "2024-08-01",
    }


def _invited_coordinator(base_url: str, helpdesk: Person) -> Person:
    address = f"coordinator-{uuid.uuid4().hex[:8]}@esch.example"
    form = {"display_name": "Fenna de Boer", "address": address}
    path = f"/helpdesk/registry/{_NEW_SCHOOL}/coordinator"
    assert helpdesk.post(path, form).status == 303
    return _activate(base_url, address)


def _run(coordinator: Person, started: Seen) -> Seen:
    """Wait for a roster run to end and return its page."""
    path = started.location

    def look() -> Seen | None:
        page = coordinator.follow(coordinator.get(path))
        return None if "refresh" in page.headers else page

    found = wait_for(look, "the end of a roster run")
    assert isinstance(found, Seen)
    return found


def _comes_aboard(base_url: str) -> Person:
    """Bring the new school in, from an unknown coordinator to groups on the page."""
    first, second = (_seeded(base_url, "helpdesk", number) for number in (0, 1))
    coordinator = _invited_coordinator(base_url, first)

    key = {"supplier": "parnassys", "authorisation_key": f"sleutel-{_NEW_SCHOOL}"}
    refused = coordinator.post("/console/roster/key", key)
    assert refused.status == 422
    assert "Your board has no agreement with us yet" in refused.text

    assert first.post("/helpdesk/agreements", _agreement(_NEW_BOARD)).status == 303
    waiting = second.get("/helpdesk/agreements")
    action = re.findall(r'action="(/helpdesk/agreements/\d+/activate)"', waiting.text)[-1]
    assert first.post(action, waiting.form(action)).status == 409, "one person is not enough"
    assert second.post(action, waiting.form(action)).status == 303

    wrong = coordinator.post("/console/roster/key", {**key, "authorisation_key": "sleutel-fout"})
    assert wrong.status == 422
    assert "does not accept this key" in wrong.text
    assert coordinator.post("/console/roster/key", key).status == 303

    report = _run(coordinator, coordinator.post("/console/roster/sync"))
    assert report.status == 200
    assert "Groep" in report.text
    shown = coordinator.get("/console/roster")
    assert f"sleutel-{_NEW_SCHOOL}" not in shown.text
    assert "9BA00" in shown.text
    return coordinator


def _teacher_of(base_url: str, coordinator: Person) -> Person:
    """Invite the staff; one of them sets a password by the rules and signs in."""
    people = coordinator.get("/console/people")
    assert "Who is not invited, and why" in people.text
    address = re.findall(r"<td>([^<@]+@[^<]+\.example)</td>", people.text)[0]
    assert coordinator.post("/console/people/invite").status == 303

    somebody = Person(base_url)
    path = somebody.controls.mailed_link(address)
    assert somebody.get(path).status == 200
    captcha = somebody.controls.captcha()
    short = {"password": "kort1", "password_again": "kort1", **captcha}
    assert "too short" in somebody.post(path, short).text
    teacher = _activate(base_url, address)
    assert somebody.get(path).status == 410, "a link works once"
    return teacher


@pytest.mark.stack_walk
def test_a_school_comes_aboard_and_learns(base_url: str) -> None:
    """Agreement, key, roster, invitation, password, groups, tile, publisher: the whole slice."""
    coordinator = _comes_aboard(base_url)
    teacher = _teacher_of(base_url, coordinator)
    publishers = coordinator.get("/console/publishers")
    action = re.search(r'action="(/console/publishers/([a-z0-9-]+))"', publishers.text)
    assert action
    assert coordinator.post(action[1], {"action": "link"}).status == 303
    tile = f"/apps/{action[2]}"
    refused = teacher.get(tile)
    assert refused.status == 403, "the board has not declared its own agreement yet"

    director = _invited_director(base_url)
    declaration = {"party_id": action[2], "signed_on": "2024-08-01", "valid_until": ""}
    assert director.post("/board/declarations", declaration).status == 303

    apps = teacher.get("/apps")
    assert "Groep" in apps.text
    assert f'href="{tile}"' in apps.text
    arrived = teacher.follow(teacher.get(tile))
    assert arrived.status == 200
    assert "/_publisher/" in arrived.url
    assert "@" not in arrived.text, "a publisher learns no address"

    shared = coordinator.get("/console/shared")
    assert shared.status == 200
    assert re.search(r"20\d\d", shared.text), "what left stands there with its date"
    assert teacher.post("/logout").status == 303
    assert teacher.get("/apps").status == 303


def _invited_director(base_url: str) -> Person:
    helpdesk = _seeded(base_url, "helpdesk")
    address = f"director-{uuid.uuid4().hex[:8]}@esch.example"
    form = {"display_name": "Wietske ter Horst", "address": address}
    path = f"/helpdesk/registry/boards/{_NEW_BOARD}/director"
    assert helpdesk.post(path, form).status == 303
    return _activate(base_url, address)


def test_without_an_agreement_nothing_opens(base_url: str) -> None:
    """The coordinator of a school without an agreement is told why and who must act."""
    helpdesk = _seeded(base_url, "helpdesk")
    coordinator = _invited_coordinator(base_url, helpdesk)
    started = coordinator.post("/console/roster/sync")
    page = _run(coordinator, started)
    assert "agreement" in page.text
    publishers = coordinator.get("/console/publishers")
    action = re.search(r'action="(/console/publishers/[a-z0-9-]+)"', publishers.text)
    assert action
    coordinator.post(action[1], {"action": "link"})
    tile = coordinator.get(action[1].replace("/console/publishers/", "/apps/"))
    assert tile.status == 403
    assert "agreement" in tile.text


@pytest.mark.serve_only
def test_the_night_does_what_the_button_does(base_url: str, controls: Controls) -> None:
    """The schedule pulls every linked school; an unchanged one says so."""
    controls.call("night", {})
    coordinator = _seeded(base_url, "ict_coordinator")
    shown = coordinator.get("/console/roster")
    assert re.search(r"[Uu]nchanged|[Nn]othing (has )?changed", shown.text)


@pytest.mark.stack_walk
@pytest.mark.skipif(not _REAL_LIST.exists(), reason="DUO's real list lies beside the checkout only")
def test_the_real_list_of_duo_is_imported(base_url: str) -> None:
    """All 6,107 locations of April 2026 come in, with their apostrophes."""
    helpdesk = _seeded(base_url, "helpdesk")
    page = helpdesk.get("/helpdesk/registry")
    received = helpdesk.send_file(page, _REAL_LIST.read_bytes(), "duo.csv")
    assert received.status == 303
    path = received.location

    def look() -> Seen | None:
        shown = helpdesk.get(path)
        return None if 'http-equiv="refresh"' in shown.text else shown

    shown = wait_for(look, "the import of DUO's list")
    assert "6107 rows" in shown.text.replace(",", "")
    found = helpdesk.get("/helpdesk/registry?q=verwondering+alteveer")
    assert "32JK00" in found.text


@pytest.mark.stack_walk
@pytest.mark.skipif(
    not _REAL_EDEXML.exists(), reason="the official sample lies beside the checkout"
)
def test_the_official_edexml_sample_can_be_uploaded(base_url: str) -> None:
    """A file of another year or school is read whole and refused with the reason."""
    coordinator = _seeded(base_url, "ict_coordinator")
    page = coordinator.get("/console/roster/file")
    received = coordinator.send_file(page, _REAL_EDEXML.read_bytes(), "EDEX.XML")
    assert received.status == 303
    shown = _run(coordinator, received)
    assert "another school" in shown.text


@pytest.mark.stack_walk
def test_help_finds_the_ten_answers(somebody: Person) -> None:
    """/help?q=privacy lists the answers that the product began with."""
    page = somebody.get("/help?q=privacy")
    for slug in (
        "authorisation-key",
        "central-agreement-service",
        "new-school",
        "privacy-policy",
        "eck-id",
        "agreements-with-others",
        "board-or-school",
        "who-signs",
        "password-rules",
        "links-in-mails",
    ):
        assert f"/help/{slug}" in page.text, slug


@pytest.mark.stack_walk
def test_a_pupil_gets_from_picture_to_app(base_url: str) -> None:
    """From the school's address to the publisher and back to the pictures, without typing."""
    pupil = Person(base_url)
    (school,) = Controls(base_url).people("pupil")
    groups = pupil.get(school["address"])
    assert groups.status == 200, groups.text
    group = re.search(r'href="(/login/school/[a-z0-9]{7}/\d+)"', groups.text)
    assert group
    picture = re.search(r'action="(/login/school/[^"]+)"', pupil.get(group[1]).text)
    assert picture
    assert pupil.post(picture[1]).location.endswith("/apps")
    apps = pupil.get("/apps")
    tile = re.search(r'href="(/apps/[^"]+)"', apps.text)
    assert tile, apps.text
    opened = pupil.follow(pupil.get(tile[1]))
    assert opened.status == 200
    assert "/_publisher/" in opened.url
    assert pupil.post("/logout").location.endswith(group[1])


def test_a_mail_that_bounces_is_shown(base_url: str, controls: Controls) -> None:
    """The coordinator sees which mail did not arrive."""
    coordinator = _seeded(base_url, "ict_coordinator")
    teachers = {person["address"] for person in controls.people("teacher")}
    sent = next(
        mail
        for mail in controls.call("mailbox.json")
        if "/activate/" in mail["text"]
        and not teachers.intersection(mail["to"])
        and mail["to"][0] in coordinator.get("/console/people").text
    )
    controls.call("mail-event", {"message_id": sent["message_id"], "type": "bounce"})

    def look() -> bool:
        return "The mail did not arrive" in coordinator.get("/console/people").text

    wait_for(look, "the bounced mail on the page of people")
