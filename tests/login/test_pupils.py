"""Pupils at school: from the school's address to the apps, and nobody else."""

import datetime as dt
import re
from typing import Any

import pytest

from infra.local import seed
from infra.local.house import House
from infra.local.visitor import Visitor
from login import pupil_sign_in, pupil_store, throttle
from schoolpoort import aws as product_aws
from schoolpoort import clock, dynamodb, rosters, sessions
from schoolpoort.settings import require
from tests.signed_in import signed_in

HOUR_S = 3600
_FORM = re.compile(r'action="(/login/school/[a-z0-9]+/(\d+)/(\d+))"')
_ELSEWHERE = "145.20.30.40"


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Return a child at a computer of the school."""
    return Visitor(house.call)


@pytest.fixture
def address(house: House) -> str:
    """Return the path of the seeded school's pupils."""
    (who,) = [person for person in house.people if person["role"] == "pupil"]
    return str(who["address"]).removeprefix(house.base_url)


@pytest.fixture
def school_id(address: str) -> str:
    """Return the seeded school."""
    found = pupil_store.school_of_code(address.rpartition("/")[2])
    assert found
    return found


def group_of(school_id: str, name: str) -> str:
    """Return the id of a group by its name."""
    return next(group.group_id for group in rosters.groups(school_id) if group.name == name)


def faces(visitor: Visitor, address: str, group_id: str) -> list[str]:
    """Return where the form of each picture of a group leads."""
    return [found[0] for found in _FORM.findall(visitor.get(f"{address}/{group_id}").text)]


def coordinator(house: House, school_id: str) -> Visitor:
    """Return somebody who may do everything at the seeded school."""
    return signed_in(house, "700", f"school#{school_id}", "ict_coordinator", scope_name="S")


def with_pin(house: House, school_id: str, face: str) -> str:
    """Let a group use PINs, give a pupil one, and return it."""
    _, group_id, person_id = face.rsplit("/", 2)
    teacher = coordinator(house, school_id)
    teacher.post(f"/groups/{group_id}", {"action": "use_pins"})
    made = teacher.post(f"/groups/{group_id}", {"action": "new_pin", "person_id": person_id})
    found = re.search(r'<p class="figure">(\d{4})</p>', made.text)
    assert found, made.text
    return found[1]


# --- from the address to the apps -----------------------------------------------------------


def test_a_four_year_old_comes_in(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """Group, picture, apps, the publisher, and "Klaar" leads back for the next child."""
    group_id = group_of(school_id, "Groep 1")
    assert f"{address}/{group_id}" in visitor.get(address).text
    face = faces(visitor, address, group_id)[0]
    assert visitor.post(face).location == "/apps"
    apps = visitor.get("/apps")
    assert apps.status == 200
    assert 'class="animal"' in apps.text
    assert "Klaar" in apps.text
    tile = re.search(r'href="(/apps/[^"]+)"', apps.text)
    assert tile
    assert "/_publisher/" in visitor.get(tile[1]).location
    assert visitor.post("/logout").location == f"{address}/{group_id}"
    assert visitor.get("/apps").location.startswith("/login")
    assert house.failures == []


def test_a_picture_costs_four_calls(visitor: Visitor, address: str, school_id: str) -> None:
    """The school of the code, what it settled, the pupil, the session: and the apps three."""
    face = faces(visitor, address, group_of(school_id, "Groep 2"))[0]
    calls: list[str] = []
    events = product_aws.client("dynamodb").meta.events

    def count(event_name: str = "", **_: Any) -> None:
        calls.append(event_name.rpartition(".")[2])

    events.register("before-send.dynamodb", count, unique_id="pupils")
    try:
        visitor.post(face)
        assert calls == ["GetItem", "Query", "GetItem", "TransactWriteItems"]
        calls.clear()
        visitor.get("/apps")
        assert calls == ["UpdateItem", "BatchGetItem", "Query"]
    finally:
        events.unregister("before-send.dynamodb", unique_id="pupils")


@pytest.mark.parametrize(
    ("group", "names"), [("Groep 1", False), ("Groep 3", False), ("Groep 4", True)]
)
def test_names_stand_there_from_group_four(
    visitor: Visitor,
    address: str,
    school_id: str,
    group: str,
    names: bool,
) -> None:
    """Below group 4 the page holds no name at all; from there on first names, never surnames."""
    group_id = group_of(school_id, group)
    page = visitor.get(f"{address}/{group_id}").text
    pupils = [
        pupil
        for pupil in rosters.pupils(school_id)
        if group_id in {one.group_id for one in pupil.groups}
    ]
    assert pupils
    for pupil in pupils:
        assert (f"<span>{pupil.given_name}</span>" in page) is names
        assert pupil.surname not in page
    assert page.count('class="animal"') == len(pupils)


def test_no_page_of_pupils_asks_for_anything_typed(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """No field for text or passwords, no captcha, and no address but our own in the policy."""
    group_id = group_of(school_id, "Groep 5")
    face = faces(visitor, address, group_id)[0]
    with_pin(house, school_id, face)
    for answer in (visitor.get(address), visitor.get(f"{address}/{group_id}"), visitor.post(face)):
        kinds = set(re.findall(r"<input[^>]*type=\"(\w+)\"", answer.text))
        assert kinds <= {"hidden"}
        assert answer.text.count("<input") == answer.text.count('<input type="hidden"')
        assert "captcha" not in answer.text
        assert "http" not in answer.headers["content-security-policy"]
        assert 'autocomplete="current-password"' not in answer.text


def test_pictures_stay_when_the_page_is_opened_again(
    visitor: Visitor, address: str, school_id: str
) -> None:
    """A picture is kept from the first time that it was shown."""
    group_id = group_of(school_id, "Groep 1")
    before = re.findall(r'aria-label="([^"]+)"', visitor.get(f"{address}/{group_id}").text)
    kept = pupil_store.access_of(school_id)
    chosen = [
        kept.pupil(pupil.person_id).picture
        for pupil in rosters.pupils(school_id)
        if group_id in {group.group_id for group in pupil.groups}
    ]
    assert None not in chosen
    assert len(set(chosen)) == len(chosen)
    again = re.findall(r'aria-label="([^"]+)"', visitor.get(f"{address}/{group_id}").text)
    assert again == before


def test_a_brin_leads_to_the_address(visitor: Visitor, address: str) -> None:
    """A school is found by its BRIN and location as well, in capitals or not."""
    assert visitor.get(f"/login/school/{seed.SCHOOL}").location == address
    assert visitor.get(f"/login/school/{seed.SCHOOL.lower()}").location == address
    assert visitor.get("/login/school/98ZZ00").status == 404


@pytest.mark.parametrize("path", ["/login/school/bbbbbbb", "/login/school/x", "{}/999", "{}/999/1"])
def test_what_does_not_exist_is_told(visitor: Visitor, address: str, path: str) -> None:
    """Unknown codes, groups and pupils give the page for nothing."""
    assert visitor.get(path.format(address)).status == 404


# --- only at school -------------------------------------------------------------------------


def test_elsewhere_no_pupil_is_shown(house: House, address: str, school_id: str) -> None:
    """From an unknown network no page lists a group or a pupil, and no form lets in."""
    at_school = Visitor(house.call)
    group_id = group_of(school_id, "Groep 4")
    face = faces(at_school, address, group_id)[0]
    stranger = Visitor(house.call, source_ip=_ELSEWHERE)
    for answer in (
        stranger.get(address),
        stranger.get(f"{address}/{group_id}"),
        stranger.get(face),
        stranger.post(face),
    ):
        assert answer.status == 403
        assert "Deze deur gaat open op school" in answer.text
        assert "animal" not in answer.text
        assert group_id not in answer.text
    assert sessions.COOKIE_NAME not in stranger.cookies


def test_a_coordinator_adds_the_network_at_once(house: House, address: str, school_id: str) -> None:
    """Who may add it is offered to, on the page that stayed shut."""
    noor = coordinator(house, school_id)
    noor.source_ip = _ELSEWHERE
    assert 'href="/console/networks"' in noor.get(address).text
    assert noor.post("/console/networks", {"action": "add_current"}).status == 303
    assert Visitor(house.call, source_ip=_ELSEWHERE).get(address).status == 200
    noor.post("/console/networks", {"action": "remove", "cidr": f"{_ELSEWHERE}/32"})
    assert Visitor(house.call, source_ip=_ELSEWHERE).get(address).status == 403


def test_an_enrolled_device_opens_anywhere(house: House, address: str, school_id: str) -> None:
    """The browser that a coordinator enrolled, and after its removal no more."""
    noor = coordinator(house, school_id)
    noor.source_ip = _ELSEWHERE
    noor.post("/console/networks", {"action": "enrol", "name": "tablet  3"})
    tablet = Visitor(house.call, _ELSEWHERE, {"__Host-device": noor.cookies["__Host-device"]})
    assert tablet.get(address).status == 200
    page = noor.get("/console/networks").text
    assert "tablet 3" in page
    ref = re.search(r'name="ref" value="([^"]+)"', page)
    assert ref
    assert tablet.cookies["__Host-device"] not in page
    noor.post("/console/networks", {"action": "remove_device", "ref": ref[1]})
    assert tablet.get(address).status == 403


def test_a_network_is_asked_again_after_sixty_days(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """Use keeps it open; unused it closes until the coordinator says that it is still ours."""
    house.move_clock(59 * 24 * HOUR_S)
    assert visitor.get(address).status == 200
    house.move_clock(118 * 24 * HOUR_S)
    assert visitor.get(address).status == 200
    house.move_clock(179 * 24 * HOUR_S)
    assert "zestig dagen" in visitor.get(address).text
    noor = coordinator(house, school_id)
    assert "Dicht: zestig dagen niet gebruikt" in noor.get("/console/networks").text
    noor.post("/console/networks", {"action": "confirm", "cidr": "127.0.0.1/32"})
    assert visitor.get(address).status == 200


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("school", "geen netwerkadres"),
        ("192.168.0.1", "binnen een gebouw"),
        ("145.0.0.0/8", "zo groot"),
        ("178.229.0.9", "mobiele aanbieder"),
    ],
)
def test_an_unfit_network_is_refused_in_words(
    house: House, school_id: str, typed: str, words: str
) -> None:
    """The reason stands there, the field keeps what was typed, and nothing is added."""
    noor = coordinator(house, school_id)
    before = pupil_store.access_of(school_id).networks
    answer = noor.post("/console/networks", {"action": "add", "network": typed})
    assert (answer.status, words in answer.text) == (400, True)
    assert f'value="{typed}"' in answer.text
    assert pupil_store.access_of(school_id).networks == before


# --- a PIN ----------------------------------------------------------------------------------


def tap(visitor: Visitor, face: str, pin: str) -> Any:
    """Press the buttons of the pad one by one, as a browser without script does."""
    answer = visitor.post(face)
    for digit in pin:
        answer = visitor.post(face, {**answer.hidden_fields(), "digit": digit})
    return answer


def test_a_pin_is_asked_where_the_group_uses_one(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """Picture, four presses, in; a pupil of the group without a PIN needs none."""
    first, second = faces(visitor, address, group_of(school_id, "Groep 6"))[:2]
    pin = with_pin(house, school_id, first)
    assert visitor.post(first).status == 200
    assert visitor.get("/apps").location.startswith("/login")
    assert tap(visitor, first, pin).location == "/apps"
    assert visitor.post(second).location == "/apps"


def test_a_press_can_be_taken_back(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """The minus takes the last digit away; other texts than digits are none."""
    face = faces(visitor, address, group_of(school_id, "Groep 6"))[0]
    pin = with_pin(house, school_id, face)
    answer = visitor.post(face, {"so_far": pin[:2] + "9", "digit": "back"})
    assert answer.hidden_fields()["so_far"] == pin[:2]
    assert visitor.post(face, {"so_far": "<b>" + pin[:3], "digit": pin[3]}).location == "/apps"


def test_a_wrong_pin_is_told_gently_and_then_the_teacher_helps(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """Five wrong ones in a minute, then a minute's pause; fifteen in a day, then the teacher."""
    house.move_clock(HOUR_S - clock.now_epoch_s() % HOUR_S)
    face = faces(visitor, address, group_of(school_id, "Groep 6"))[0]
    pin = with_pin(house, school_id, face)
    wrong = f"{(int(pin) + 1) % 10_000:04d}"
    for minute in range(3):
        for _ in range(throttle.PINS[0].failures):
            answer = visitor.post(face, {"so_far": wrong})
            assert (answer.status, "Probeer nog eens" in answer.text) == (401, True)
        assert visitor.post(face, {"so_far": pin}).status == 429
        house.move_clock(house.clock_offset_s + 60)
        assert minute < 3
    answer = visitor.post(face, {"so_far": pin})
    assert (answer.status, "Vraag het je juf of meester" in answer.text) == (429, True)
    _, group_id, person_id = face.rsplit("/", 2)
    released = {"action": "release", "person_id": person_id}
    assert coordinator(house, school_id).post(f"/groups/{group_id}", released).status == 303
    assert visitor.post(face, {"so_far": pin}).location == "/apps"


def test_one_pupils_tries_are_not_anothers(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """A child that hits the pad does not shut out the neighbour."""
    first, second = faces(visitor, address, group_of(school_id, "Groep 6"))[:2]
    with_pin(house, school_id, first)
    pin = with_pin(house, school_id, second)
    for _ in range(throttle.PINS[0].failures + 1):
        visitor.post(first, {"so_far": "9999"})
    assert visitor.post(second, {"so_far": pin}).location == "/apps"


def test_a_pin_is_stored_as_a_hash(
    house: House, visitor: Visitor, address: str, school_id: str
) -> None:
    """The digits stand nowhere."""
    face = faces(visitor, address, group_of(school_id, "Groep 6"))[0]
    with_pin(house, school_id, face)
    stored = pupil_store.access_of(school_id).pupil(face.rpartition("/")[2]).pin_hash
    assert stored
    assert stored.startswith("pepper$1$")


# --- the session ----------------------------------------------------------------------------


@pytest.fixture
def child(visitor: Visitor, address: str, school_id: str) -> Visitor:
    """Return a pupil who is in."""
    face = faces(visitor, address, group_of(school_id, "Groep 7"))[0]
    assert visitor.post(face).status == 303
    return visitor


def test_a_pupil_who_left_the_school_is_out_at_once(
    child: Visitor, school_id: str, address: str
) -> None:
    """Neither the apps nor a publisher opens, in mid-session."""
    face = faces(child, address, group_of(school_id, "Groep 7"))[0]
    key = {"school_id": school_id, "item_key": f"person#{face.rpartition('/')[2]}"}
    dynamodb.update(require("ROSTER_TABLE"), key, "SET active = :no", values={":no": False})
    assert child.get("/apps").status == 403
    assert child.get("/apps/rekenrijk").status == 403
    assert child.post(face).status == 404


def test_a_pupil_of_another_group_is_no_way_in(
    visitor: Visitor, address: str, school_id: str
) -> None:
    """A pupil is reached through the own group only, so that nobody steps around its PIN."""
    face = faces(visitor, address, group_of(school_id, "Groep 7"))[0]
    other = group_of(school_id, "Groep 1")
    bent = "/".join([address, other, face.rpartition("/")[2]])
    assert visitor.post(bent).status == 404


def test_a_member_of_staff_is_no_pupil(visitor: Visitor, address: str, school_id: str) -> None:
    """A teacher's own id behind a picture's address opens nothing."""
    teacher = next(one for one in rosters.staff(school_id) if one.groups)
    bent = f"{address}/{teacher.groups[0].group_id}/{teacher.person_id}"
    assert visitor.post(bent).status == 404


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-24T08:30:00+01:00", 9),
        ("2026-11-24T16:30:00+01:00", 1),
        ("2026-11-24T17:30:00+01:00", 2),
        ("2026-11-24T22:00:00+01:00", 2),
        ("2026-11-24T02:00:00+01:00", 10),
        ("2026-06-24T08:30:00+02:00", 9),
    ],
)
def test_a_session_ends_after_school(now: str, hours: int) -> None:
    """At half past five by the Dutch clock, at most ten hours on; later two hours."""
    at = int(dt.datetime.fromisoformat(now).timestamp())
    assert pupil_sign_in.ends_at("school", at) - at == hours * HOUR_S
    assert pupil_sign_in.ends_at("home", at) - at == 10 * HOUR_S


def test_the_record_says_where_and_not_who(child: Visitor, school_id: str) -> None:
    """Internal ids and "school" for a month; no name, no address."""
    assert child.cookies
    found = dynamodb.query(
        require("SIGN_IN_EVENTS_TABLE"),
        "stream = :stream",
        values={":stream": f"pupils#{school_id}"},
    )
    (event,) = [one for one in found if one["subject_kind"] == "pupil"]
    assert (event["place"], event["reason"], event["outcome"]) == ("school", "picture", "done")
    assert event["expires_at_epoch_s"] - event["at_epoch_s"] == 30 * 24 * HOUR_S
    assert event["account_id"].startswith("pupil-")
