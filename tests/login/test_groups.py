"""The group overview: a teacher sees and helps the pupils of the own groups."""

import re
from typing import Any

import pytest
from markupsafe import escape

from infra.local.house import House
from infra.local.visitor import Visitor
from login import audit, pupil_store
from schoolpoort import dynamodb, rosters
from schoolpoort.errors import StoreUnavailable
from schoolpoort.rosters import Person
from schoolpoort.settings import require
from tests.login.test_pupils import group_of
from tests.signed_in import signed_in


@pytest.fixture
def group_id(school_id: str) -> str:
    """Return a group of the school."""
    return group_of(school_id, "Groep 5")


def pupils_of(school_id: str, group_id: str) -> list[Person]:
    """Return the pupils of a group."""
    everybody = rosters.pupils(school_id)
    return [one for one in everybody if group_id in {each.group_id for each in one.groups}]


def test_a_teacher_sees_the_own_groups(teacher: Visitor, school_id: str, group_id: str) -> None:
    """The own group is listed and opens; another one of the school does neither."""
    page = teacher.get("/groups").text
    assert f"/groups/{group_id}" in page
    other = group_of(school_id, "Groep 8")
    assert f"/groups/{other}" not in page
    assert teacher.get(f"/groups/{group_id}").status == 200
    assert teacher.get(f"/groups/{other}").status == 403
    assert teacher.post(f"/groups/{other}", {"action": "use_pins"}).status == 403


def test_a_coordinator_sees_all_groups(house: House, school_id: str) -> None:
    """Every base group with pupils, whoever teaches it."""
    noor = signed_in(house, "811", f"school#{school_id}", "ict_coordinator")
    page = noor.get("/groups").text
    for name in ("Groep 1", "Groep 8"):
        assert f"/groups/{group_of(school_id, name)}" in page


def test_a_teacher_without_a_roster_entry_has_no_groups(house: House, school_id: str) -> None:
    """Who is not in the administration, or left it, sees no pupil."""
    for person_id in (None, "1"):
        who = signed_in(house, "812", f"school#{school_id}", "teacher", person_id=person_id)
        page = who.get("/groups")
        assert (page.status, "/groups/" in page.text) == (200, False)


def test_the_overview_tells_of_each_pupil(teacher: Visitor, school_id: str, group_id: str) -> None:
    """Name, picture, PIN and the last day at school."""
    page = teacher.get(f"/groups/{group_id}").text
    pupils = pupils_of(school_id, group_id)
    assert page.count('class="animal"') == len(pupils)
    assert all(str(escape(one.display_name)) in page for one in pupils)
    assert page.count("Nog niet ingelogd op school") == len(pupils)
    code = pupil_store.access_of(school_id).code
    face = f"/login/school/{code}/{group_id}/{pupils[0].person_id}"
    assert Visitor(teacher.answer).post(face).status == 303
    assert teacher.get(f"/groups/{group_id}").text.count("Laatst ingelogd op school:") == 1


def test_names_can_be_hidden_for_the_board(teacher: Visitor, school_id: str, group_id: str) -> None:
    """On the digital board the pictures stand there without a single name."""
    page = teacher.get(f"/groups/{group_id}?names=0").text
    pupils = pupils_of(school_id, group_id)
    assert page.count('class="animal"') == len(pupils)
    assert not any(f">{one.given_name}" in page or one.surname in page for one in pupils)


def test_another_picture_is_given(teacher: Visitor, school_id: str, group_id: str) -> None:
    """One press, another picture, and all in the group still differ."""
    teacher.get(f"/groups/{group_id}")
    pupil = pupils_of(school_id, group_id)[0].person_id
    before = pupil_store.access_of(school_id).pupil(pupil).picture
    form = {"action": "another_picture", "person_id": pupil}
    assert teacher.post(f"/groups/{group_id}", form).status == 303
    access = pupil_store.access_of(school_id)
    group = [one.person_id for one in pupils_of(school_id, group_id)]
    assert access.pupil(pupil).picture != before
    assert len({access.pupil(one).picture for one in group}) == len(group)


def test_a_new_pin_is_shown_once(teacher: Visitor, school_id: str, group_id: str) -> None:
    """Four digits on the page that answers, and on no page after it."""
    pupil = pupils_of(school_id, group_id)[0]
    form = {"action": "new_pin", "person_id": pupil.person_id}
    made = teacher.post(f"/groups/{group_id}", form)
    found = re.search(r'<p class="figure">(\d{4})</p>', made.text)
    assert found
    assert pupil.given_name in made.text
    again = teacher.get(f"/groups/{group_id}").text
    assert f">{found[1]}<" not in again
    assert again.count("Heeft een pincode") == 1
    teacher.post(f"/groups/{group_id}", {**form, "action": "no_pin"})
    assert pupil_store.access_of(school_id).pupil(pupil.person_id).pin_hash is None


def test_a_group_turns_pins_on_and_off(teacher: Visitor, school_id: str, group_id: str) -> None:
    """The setting is the group's alone."""
    teacher.post(f"/groups/{group_id}", {"action": "use_pins"})
    assert pupil_store.access_of(school_id).pin_groups == {group_id}
    teacher.post(f"/groups/{group_id}", {"action": "no_pins"})
    assert pupil_store.access_of(school_id).pin_groups == frozenset()


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "new_pin", "person_id": "1"}, 404),
        ({"action": "new_pin"}, 404),
        ({"action": "erase"}, 404),
        ({}, 404),
    ],
)
def test_a_form_about_nobody_changes_nothing(
    teacher: Visitor, school_id: str, group_id: str, form: dict[str, str], status: int
) -> None:
    """A pupil of another group, or none, gives the page for nothing."""
    before = pupil_store.access_of(school_id)
    assert teacher.post(f"/groups/{group_id}", form).status == status
    assert pupil_store.access_of(school_id) == before


def test_an_unknown_button_changes_nothing(teacher: Visitor, school_id: str, group_id: str) -> None:
    """A form that no page of ours sends is refused."""
    pupil = pupils_of(school_id, group_id)[0].person_id
    form = {"action": "erase", "person_id": pupil}
    assert teacher.post(f"/groups/{group_id}", form).status == 400


def _given(role: str, *group_ids: str) -> dict[str, dict[str, object]]:
    return {
        role: {
            "until": "",
            "group_ids": list(group_ids),
            "confirmed_on": "2026-11-24",
            "given_by": "9",
        }
    }


@pytest.mark.parametrize("role", ["support_staff", "trainee", "substitute", "teacher"])
def test_who_was_given_groups_sees_exactly_those(
    house: House, school_id: str, group_id: str, role: str
) -> None:
    """The tiles page and the list of groups name the given group and no other; nor opens one."""
    grants = _given(role, group_id)
    who = signed_in(house, "815", f"school#{school_id}", role, grants=grants)
    other = group_of(school_id, "Groep 8")
    for path in ("/apps", "/groups"):
        page = who.get(path).text
        assert f'href="/groups/{group_id}"' in page
        assert f'href="/groups/{other}"' not in page
    assert who.get(f"/groups/{group_id}").status == 200
    assert who.get(f"/groups/{other}").status == 403


_CHANGES = (
    "use_pins",
    "no_pins",
    "another_picture",
    "new_pin",
    "no_pin",
    "release",
    "add_home",
    "add_home_again",
    "remove_home",
    "home_card",
    "void_card",
    "home_cards",
)


@pytest.mark.parametrize("role", ["support_staff", "trainee"])
def test_who_helps_in_a_group_changes_nothing_in_it(
    house: House, teacher: Visitor, school_id: str, group_id: str, role: str
) -> None:
    """Support staff and trainees see names and pictures, but no address, no button and no card."""
    pupil = pupils_of(school_id, group_id)[0].person_id
    address = "ouder.vandenberg@example.nl"
    form = {"person_id": pupil, "address": address}
    assert teacher.post(f"/groups/{group_id}", {**form, "action": "add_home"}).status == 303
    who = signed_in(house, "818", f"school#{school_id}", role, grants=_given(role, group_id))
    page = who.get(f"/groups/{group_id}").text
    assert "Ander plaatje" in teacher.get(f"/groups/{group_id}").text
    assert "Ander plaatje" not in page
    assert address not in page
    assert f'action="/groups/{group_id}"' not in page
    before = pupil_store.access_of(school_id)
    for action in _CHANGES:
        answer = who.post(f"/groups/{group_id}", {**form, "action": action})
        assert (action, answer.status) == (action, 403)
    assert pupil_store.access_of(school_id) == before


@pytest.mark.parametrize(
    "role", ["substitute", "teacher", "internal_support", "school_head", "ict_coordinator"]
)
def test_who_answers_for_a_group_changes_what_is_settled(
    house: House, school_id: str, group_id: str, role: str
) -> None:
    """Whoever stands before the group, and those whose work is all groups."""
    grants = _given(role, group_id) if role in {"substitute", "teacher"} else {}
    who = signed_in(house, "819", f"school#{school_id}", role, grants=grants)
    assert "Ander plaatje" in who.get(f"/groups/{group_id}").text
    pupil = pupils_of(school_id, group_id)[0].person_id
    form = {"action": "new_pin", "person_id": pupil}
    assert who.post(f"/groups/{group_id}", form).status == 200
    assert pupil_store.access_of(school_id).pupil(pupil).pin_hash


def test_a_second_role_adds_nothing_to_the_group_of_the_first(
    house: House, school_id: str, group_id: str
) -> None:
    """A trainee of one group who stands in for another changes that other one alone."""
    other = group_of(school_id, "Groep 8")
    grants = _given("trainee", group_id) | _given("substitute", other)
    who = signed_in(house, "820", f"school#{school_id}", "trainee", "substitute", grants=grants)
    assert who.post(f"/groups/{group_id}", {"action": "use_pins"}).status == 403
    assert who.post(f"/groups/{other}", {"action": "use_pins"}).status == 303
    assert pupil_store.access_of(school_id).pin_groups == {other}


def _events(school_id: str) -> list[dict[str, Any]]:
    """Return what the record of the school's staff says, oldest first."""
    stream = audit.staff_stream(school_id)
    table = require("SIGN_IN_EVENTS_TABLE")
    return dynamodb.query(table, "stream = :stream", values={":stream": stream})


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("use_pins", "pins_used"),
        ("another_picture", "picture_changed"),
        ("new_pin", "pin_set"),
        ("no_pin", "pin_removed"),
        ("release", "pupil_released"),
        ("add_home", "home_address_added"),
        ("home_card", "home_card_made"),
        ("void_card", "home_card_void"),
        ("remove_home", "home_address_removed"),
    ],
)
def test_a_change_and_its_event_are_one_write(
    teacher: Visitor,
    school_id: str,
    group_id: str,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    told: str,
) -> None:
    """The record names the button, who pressed it and about whom; a write that fails does neither.

    The transaction of the change is the only write to the two tables.
    """
    pupil = pupils_of(school_id, group_id)[0].person_id
    form = {"person_id": pupil, "address": "ouder.elalaoui@example.nl"}
    for before in {"add_home": (), "home_card": ("add_home",)}.get(
        action, ("add_home", "home_card")
    ):
        teacher.post(f"/groups/{group_id}", {**form, "action": before})
    state, events = pupil_store.access_of(school_id), _events(school_id)

    def fail(_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(dynamodb, "transact", fail)
        assert teacher.post(f"/groups/{group_id}", {**form, "action": action}).status == 503
    assert (pupil_store.access_of(school_id), _events(school_id)) == (state, events)
    assert teacher.post(f"/groups/{group_id}", {**form, "action": action}).status < 400
    assert pupil_store.access_of(school_id) != state
    new = [one for one in _events(school_id) if one not in events]
    subject = group_id if action == "use_pins" else f"pupil-{pupil}"
    assert [(one["action"], one["outcome"], one["reason"], one["subject"]) for one in new] == [
        (told, "done", action, subject)
    ]
    assert new[0]["account_id"] == "820"


def test_an_address_that_is_none_is_recorded_as_refused(
    teacher: Visitor, school_id: str, group_id: str
) -> None:
    """The attempt stands in the record, without the address."""
    pupil = pupils_of(school_id, group_id)[0].person_id
    form = {"action": "add_home", "person_id": pupil, "address": "geen adres"}
    assert teacher.post(f"/groups/{group_id}", form).status == 400
    event = _events(school_id)[-1]
    assert (event["action"], event["outcome"]) == ("home_address_added", "refused")
    assert "geen adres" not in repr(event)


def test_two_roles_are_the_groups_of_both(house: House, school_id: str, group_id: str) -> None:
    """A trainee of one group who stands in for another sees the two."""
    other = group_of(school_id, "Groep 8")
    grants = _given("trainee", group_id) | _given("substitute", other)
    roles = ("trainee", "substitute")
    who = signed_in(house, "816", f"school#{school_id}", *roles, grants=grants)
    page = who.get("/groups").text
    assert {group_id, other} == set(re.findall(r'href="/groups/([0-9]+)"', page))


@pytest.mark.parametrize("role", ["internal_support", "school_head"])
def test_roles_about_all_groups_see_all(house: House, school_id: str, role: str) -> None:
    """The tiles page leads to all groups of the school, and each opens."""
    who = signed_in(house, "817", f"school#{school_id}", role)
    assert 'href="/groups"' in who.get("/apps").text
    found = re.findall(r'href="/groups/([0-9]+)"', who.get("/groups").text)
    assert len(found) > 5
    assert who.get(f"/groups/{found[0]}").status == 200
