"""Badges, cards and PINs on paper: printed for any selection, worth something at school only."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.local.gateway import HttpRequest
from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from login import badges, cards, home_cards, pins, pupil_store
from schoolpoort import aws as product_aws
from schoolpoort import clock, ids, rosters, sessions
from tests.amounts import often
from tests.login.test_class_doors import ELSEWHERE, opened
from tests.login.test_groups import pupils_of
from tests.login.test_pupils import group_of, tap
from tests.signed_in import signed_in


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the QRs say, in the order in which they are drawn."""
    said: list[str] = []
    draw = home_cards.picture_of

    def remember(text: str) -> str:
        said.append(text)
        return draw(text)

    monkeypatch.setattr(home_cards, "picture_of", remember)
    return said


def make(teacher: Visitor, kind: str, *person_ids: str) -> Answer:
    """Tick pupils and press the button."""
    fields = [("kind", kind), *(("person_id", one) for one in person_ids)]
    jar = "; ".join(f"{name}={value}" for name, value in teacher.cookies.items())
    headers = (
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", jar),
    )
    body = urlencode(fields).encode()
    answered = teacher.answer(
        HttpRequest("POST", "/groups/cards", headers, body, teacher.source_ip)
    )
    return Answer(answered.status, {}, answered.body.decode())


def show(visitor: Visitor, said: str) -> Answer:
    """Scan a QR: the script sends what stands behind the # to the page itself."""
    path, _, secret = said.partition("#")
    return visitor.post("/login" + path.partition("/login")[2], {"badge": secret})


def test_a_badge_lets_in_at_school_again_and_again(
    house: House,
    teacher: Visitor,
    group_id: str,
    school_id: str,
    address: str,
    printed: list[str],
) -> None:
    """With first name and group only, scanned twice, in both times; shown on no other page."""
    pupil = pupils_of(school_id, group_id)[0]
    page = make(teacher, "badges", pupil.person_id)
    assert page.status == 200
    paper = page.text.partition('class="labels"')[2].partition("</ul>")[0]
    assert pupil.given_name in paper
    assert "Groep 6" in paper
    assert pupil.surname not in paper
    (said,) = printed
    child = Visitor(house.call)
    assert "data-badge" in child.get(f"{address}/badge").text
    for _ in range(2):
        answer = show(Visitor(house.call), said)
        assert answer.location == "/apps"
    assert show(child, said).location == "/apps"
    assert pupil.given_name in child.get("/apps").text
    assert said.partition("#")[2] not in teacher.get("/groups/cards").text
    assert "Heeft een pasje" in teacher.get("/groups/cards").text


def test_a_badge_costs_four_calls(
    house: House, teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """The school of the code, what it settled, the pupil, the session."""
    make(teacher, "badges", pupils_of(school_id, group_id)[0].person_id)
    calls: list[str] = []
    events = product_aws.client("dynamodb").meta.events

    def count(event_name: str = "", **_: Any) -> None:
        calls.append(event_name.rpartition(".")[2])

    events.register("before-send.dynamodb", count, unique_id="badges")
    try:
        assert show(Visitor(house.call), printed[0]).location == "/apps"
    finally:
        events.unregister("before-send.dynamodb", unique_id="badges")
    assert calls == ["GetItem", "Query", "GetItem", "TransactWriteItems"]


def test_a_badge_opens_nothing_elsewhere(
    house: House,
    teacher: Visitor,
    group_id: str,
    school_id: str,
    address: str,
    printed: list[str],
) -> None:
    """Outside the school the door stays shut, except in a lesson of the pupil's own group."""
    pupil = pupils_of(school_id, group_id)[0]
    make(teacher, "badges", pupil.person_id)
    child = Visitor(house.call, source_ip=ELSEWHERE)
    assert child.get(f"{address}/badge").status == 403
    assert show(child, printed[0]).status == 403
    noor = signed_in(house, "830", f"school#{school_id}", "ict_coordinator")
    other = group_of(school_id, "Groep 5")
    guest = Visitor(house.call, source_ip=ELSEWHERE)
    guest.post(f"{address}/lesson", {"lesson": opened(noor, other)})
    assert show(guest, printed[0]).status == 400
    child.post(f"{address}/lesson", {"lesson": opened(teacher, group_id)})
    assert show(child, printed[0]).location == "/apps"


def test_a_badge_is_made_anew_or_void(
    house: House, teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """One child's new badge makes its old one void and nobody else's; then the whole class."""
    first, second = (one.person_id for one in pupils_of(school_id, group_id)[:2])
    make(teacher, "badges", first, second)
    make(teacher, "badges", first)
    old, of_second, new = printed
    visitor = Visitor(house.call)
    assert show(visitor, old).status == 400
    assert show(visitor, of_second).location == "/apps"
    assert show(visitor, new).location == "/apps"
    done = make(teacher, "void", *(one.person_id for one in pupils_of(school_id, group_id)))
    assert "ongeldig" in done.text
    for said in (of_second, new):
        refused = show(visitor, said)
        assert (refused.status, "Dit pasje werkt niet" in refused.text) == (400, True)


def test_a_card_works_once(
    house: House, teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """Of fifty clients with one card exactly one comes in, every round."""
    pupil = pupils_of(school_id, group_id)[0]
    for number in range(often(2)):
        make(teacher, "cards", pupil.person_id)
        clients = [Visitor(house.call) for _ in range(50)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(show, clients, [printed[number]] * 50))
        assert sorted(answer.status for answer in answers) == [303] + [400] * 49


def test_a_card_ends(
    house: House, teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """After two weeks it opens nothing; a badge does for a year and a bit."""
    pupil = pupils_of(school_id, group_id)[0]
    make(teacher, "cards", pupil.person_id)
    make(teacher, "badges", pupil.person_id)
    card, badge = printed
    house.move_clock(badges.CARD_LIFE_S)
    assert show(Visitor(house.call), card).status == 400
    assert show(Visitor(house.call), badge).location == "/apps"
    access = pupil_store.access_of(school_id)
    found = badges.read(badge.partition("#")[2])
    assert found
    late = clock.now_epoch_s() + badges.BADGE_LIFE_S
    assert badges.find(access, found, now_epoch_s=late) is None


def test_a_selection_may_be_of_several_groups(
    house: House, school_id: str, printed: list[str]
) -> None:
    """The coordinator ticks a child of each group; each paper names its own group."""
    noor = signed_in(house, "831", f"school#{school_id}", "ict_coordinator")
    chosen = [
        pupils_of(school_id, group_of(school_id, name))[0].person_id
        for name in ("Groep 1", "Groep 4", "Groep 8")
    ]
    page = make(noor, "cards", *chosen)
    assert [name in page.text for name in ("Groep 1", "Groep 4", "Groep 8")] == [True] * 3
    assert len(set(printed)) == 3


def test_pupils_of_others_are_not_printed(
    teacher: Visitor, school_id: str, printed: list[str]
) -> None:
    """A teacher gets nothing for a child of another group, ticked by hand or not."""
    stranger = pupils_of(school_id, group_of(school_id, "Groep 8"))[0].person_id
    for person_id in (stranger, "1", "x"):
        answer = make(teacher, "badges", person_id)
        assert (answer.status, "Er is niemand gekozen" in answer.text) == (400, True)
    assert printed == []


def test_too_many_are_refused_with_the_ticks_kept(
    house: House, school_id: str, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made, and what was ticked stays so."""
    monkeypatch.setattr(badges, "MOST_AT_ONCE", 2)
    noor = signed_in(house, "832", f"school#{school_id}", "ict_coordinator")
    chosen = [one.person_id for one in rosters.pupils(school_id)[:3]]
    answer = make(noor, "badges", *chosen)
    assert (answer.status, answer.text.count(" checked")) == (400, 4)
    assert printed == []
    assert make(noor, "x", *chosen).status == 400


def pins_on(page: Answer) -> list[str]:
    """Return the PINs of a print."""
    return re.findall(r'paper-pin">(\d{4})<', page.text)


def test_pins_are_made_for_a_selection(
    house: House, teacher: Visitor, group_id: str, school_id: str, address: str
) -> None:
    """Each its own; the old one stops."""
    teacher.post(f"/groups/{group_id}", {"action": "use_pins"})
    first, second = (one.person_id for one in pupils_of(school_id, group_id)[:2])
    pins = pins_on(make(teacher, "pins", first, second))
    assert len(pins) == 2
    child = Visitor(house.call)
    assert tap(child, f"{address}/{group_id}/{first}", pins[0]).location == "/apps"
    again = pins_on(make(teacher, "pins", first))
    assert tap(child, f"{address}/{group_id}/{first}", again[0]).location == "/apps"
    if again != pins[:1]:
        assert tap(child, f"{address}/{group_id}/{first}", pins[0]).status == 401


@pytest.mark.parametrize("way", ["print", "button"])
def test_a_pin_for_today(
    house: House, teacher: Visitor, group_id: str, school_id: str, address: str, way: str
) -> None:
    """For eight hours it alone counts; after that the own PIN, which nobody touched."""
    teacher.post(f"/groups/{group_id}", {"action": "use_pins"})
    pupil = pupils_of(school_id, group_id)[0].person_id
    face = f"{address}/{group_id}/{pupil}"
    (own,) = pins_on(make(teacher, "pins", pupil))
    if way == "print":
        (today,) = pins_on(make(teacher, "temporary_pins", pupil))
    else:
        form = {"action": "temporary_pin", "person_id": pupil}
        found = re.search(r'"figure">(\d{4})<', teacher.post(f"/groups/{group_id}", form).text)
        assert found
        today = found[1]
    child = Visitor(house.call)
    assert tap(child, face, today).location == "/apps"
    if own != today:
        assert tap(child, face, own).status == 401
    house.move_clock(pins.TEMPORARY_LIFE_S)
    assert tap(child, face, own).location == "/apps"
    if own != today:
        assert tap(child, face, today).status == 401


def test_a_class_list_changes_nothing(
    teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """Names, pictures and groups; no badge, card or PIN is touched."""
    pupils = pupils_of(school_id, group_id)
    before = pupil_store.access_of(school_id).pupils
    page = make(teacher, "list", *(one.person_id for one in pupils))
    assert page.text.count('class="animal"') == len(pupils)
    after = pupil_store.access_of(school_id).pupils
    assert {one.badge_hash + one.card_hash for one in after.values()} == {""}
    assert [one.pin_hash for one in before.values()] == [
        after[person_id].pin_hash for person_id in before
    ]
    assert printed == []


def test_a_group_is_ticked_at_once(teacher: Visitor, group_id: str, school_id: str) -> None:
    """From the group's page the whole group is ticked, and from the menu nobody."""
    assert f"/groups/cards?group={group_id}" in teacher.get(f"/groups/{group_id}").text
    count = len(pupils_of(school_id, group_id))
    page = teacher.get(f"/groups/cards?group={group_id}").text
    assert len(re.findall(r'type="checkbox"[^>]* checked', page)) == count
    none = teacher.get("/groups/cards").text
    assert re.findall(r'type="checkbox"[^>]* checked', none) == []


@pytest.mark.parametrize("typed", ["", "x", "é" * 22, "A" * 22, "A" * 5000, "\x00" * 22])
def test_what_is_no_badge_opens_nothing(house: House, address: str, typed: str) -> None:
    """Invented and broken secrets are told so in a child's words."""
    answer = Visitor(house.call).post(f"{address}/badge", {"badge": typed})
    assert answer.status == 400
    assert sessions.COOKIE_NAME not in Visitor(house.call).cookies


def test_who_left_has_no_badge(
    house: House,
    teacher: Visitor,
    group_id: str,
    school_id: str,
    printed: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once the roster has a pupil no more, the badge opens nothing."""
    make(teacher, "badges", pupils_of(school_id, group_id)[0].person_id)
    monkeypatch.setattr(rosters, "person", lambda *_: None)
    assert show(Visitor(house.call), printed[0]).status == 400


def test_a_void_badge_loses_the_race(
    house: House,
    teacher: Visitor,
    group_id: str,
    school_id: str,
    printed: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made void between the look and the session, it does not come in."""
    pupil = pupils_of(school_id, group_id)[0]
    make(teacher, "badges", pupil.person_id)
    look = badges.find

    def void_then(*args: Any, **named: Any) -> Any:
        found = look(*args, **named)
        make(teacher, "void", pupil.person_id)
        return found

    monkeypatch.setattr(badges, "find", void_then)
    assert show(Visitor(house.call), printed[0]).status == 400


def test_the_record_tells_of_paper(
    house: House, teacher: Visitor, group_id: str, school_id: str, printed: list[str]
) -> None:
    """Made, used and void stand there, without any secret."""
    pupil = pupils_of(school_id, group_id)[0].person_id
    make(teacher, "cards", pupil)
    show(Visitor(house.call), printed[0])
    make(teacher, "void", pupil)
    noor = signed_in(house, "833", f"school#{school_id}", "ict_coordinator", scope_name="S")
    page = noor.get("/console/events").text
    assert "Maakte een kaartje voor één keer" in page
    assert "Maakte pasje en kaartje van een leerling ongeldig" in page
    assert printed[0].partition("#")[2] not in page


def test_secrets_have_no_easy_pins_and_enough_bits() -> None:
    """128 bits in 22 signs; no PIN that everybody tries."""
    assert len({ids.new_badge_secret() for _ in range(1000)}) == 1000
    assert all(badges.read(ids.new_badge_secret()) for _ in range(100))
    assert "1234" not in {cards.new_pin() for _ in range(2000)}
