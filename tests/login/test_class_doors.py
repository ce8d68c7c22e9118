"""The door of a class: who waits for the teacher, and a lesson outside the school."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from login import class_store, lesson_door, pupil_store, throttle, wait_pages, waiting_pupils
from schoolpoort import clock, ids, sessions
from tests.amounts import often
from tests.login.test_pupils import faces, group_of, with_pin
from tests.signed_in import signed_in

ELSEWHERE = "145.20.30.40"


@pytest.fixture
def face(house: House, address: str, school_id: str, group_id: str) -> str:
    """Return the address of a pupil of the group who has a PIN and forgot it."""
    found = faces(Visitor(house.call), address, group_id)[0]
    with_pin(house, school_id, found)
    return found


def ask(child: Visitor, face: str) -> Answer:
    """Press "I cannot get in" and look at the page that follows."""
    answer = child.post(f"{face}/wait", {"action": "ask"})
    return child.get(answer.location) if answer.location else answer


def refs(teacher: Visitor, group_id: str) -> list[str]:
    """Return the browsers that the teacher sees waiting."""
    return re.findall(r'name="ref" value="([0-9a-f]+)"', teacher.get(f"/groups/{group_id}").text)


def press(teacher: Visitor, group_id: str, **form: str) -> Answer:
    """Press a button of the door."""
    return teacher.post(f"/groups/{group_id}/door", form)


def names(answer: Answer) -> list[str]:
    """Return what the three pictures are called."""
    signs = answer.text.partition('class="signs"')[2]
    return re.findall(r'aria-label="([^"]+)"', signs)[:3]


# --- waiting for the teacher ----------------------------------------------------------------


def test_a_teacher_lets_a_waiting_pupil_in(
    house: House, teacher: Visitor, group_id: str, face: str
) -> None:
    """Asked, seen by the teacher with the same pictures, let in, signed in; told in the record."""
    child = Visitor(house.call)
    assert "Ik kom er niet in" in child.post(face).text
    shown = ask(child, face)
    assert len(set(names(shown))) == 3
    assert "wacht op je" in teacher.get(f"/groups/{group_id}").text
    assert names(teacher.get(f"/groups/{group_id}")) == names(shown)
    assert child.get(f"{face}/wait?state=1").text == '{"state": "waiting"}'
    assert child.post(f"{face}/wait").status == 200
    (ref,) = refs(teacher, group_id)
    assert press(teacher, group_id, action="let_in", ref=ref).location.endswith("done=let_in")
    assert child.get(f"{face}/wait?state=1").text == '{"state": "let_in"}'
    assert child.post(f"{face}/wait").location == "/apps"
    assert child.get("/apps").status == 200
    assert wait_pages.COOKIE not in child.cookies
    assert refs(teacher, group_id) == []
    assert "Liet een wachtende leerling binnen" in record(house, face)


def record(house: House, face: str) -> str:
    """Return the coordinator's page of the record."""
    found = pupil_store.school_of_code(face.split("/")[3])
    noor = signed_in(house, "700", f"school#{found}", "ict_coordinator", scope_name="S")
    return noor.get("/console/events").text


def test_after_blocked_pins_the_page_offers_to_wait(
    house: House, teacher: Visitor, group_id: str, face: str
) -> None:
    """Whoever used up the tries may wait, and comes in without the budget being touched."""
    house.move_clock(3600 - clock.now_epoch_s() % 3600)
    child = Visitor(house.call)
    for _ in range(throttle.PINS[0].failures + 1):
        answer = child.post(face, {"so_far": "0000"})
    assert (answer.status, "Ik wacht op de juf of meester" in answer.text) == (429, True)
    ask(child, face)
    press(teacher, group_id, action="let_in", ref=refs(teacher, group_id)[0])
    assert child.post(f"{face}/wait").location == "/apps"


def test_only_the_browser_that_was_let_in_comes_in(
    house: House, teacher: Visitor, group_id: str, face: str
) -> None:
    """Another browser that waits for the same pupil stays out, and so does one without a cookie."""
    mine, other = Visitor(house.call), Visitor(house.call)
    ask(mine, face)
    before = refs(teacher, group_id)
    ask(other, face)
    press(teacher, group_id, action="let_in", ref=before[0])
    assert other.post(f"{face}/wait").status == 200
    assert Visitor(house.call).post(f"{face}/wait").status == 200
    assert mine.post(f"{face}/wait").location == "/apps"


def test_letting_in_is_for_that_pupil(
    house: House, teacher: Visitor, address: str, group_id: str, face: str
) -> None:
    """A child cannot use it at the picture of another one of the group."""
    child = Visitor(house.call)
    other = faces(child, address, group_id)[1]
    ask(child, face)
    press(teacher, group_id, action="let_in", ref=refs(teacher, group_id)[0])
    assert child.post(f"{other}/wait").status == 200
    assert sessions.COOKIE_NAME not in child.cookies


def test_waiting_and_being_let_in_end(
    house: House, teacher: Visitor, group_id: str, face: str
) -> None:
    """After ten minutes nobody waits; two minutes after the teacher pressed nothing opens."""
    child = Visitor(house.call)
    ask(child, face)
    house.move_clock(waiting_pupils.WAIT_LIFE_S)
    assert refs(teacher, group_id) == []
    assert child.get(f"{face}/wait?state=1").text == '{"state": "over"}'
    assert "Je wacht niet meer" in child.post(f"{face}/wait").text
    ask(child, face)
    press(teacher, group_id, action="let_in", ref=refs(teacher, group_id)[0])
    house.move_clock(waiting_pupils.WAIT_LIFE_S + waiting_pupils.LET_IN_LIFE_S)
    assert child.post(f"{face}/wait").status == 200
    assert sessions.COOKIE_NAME not in child.cookies


def test_a_browser_is_sent_away(house: House, teacher: Visitor, group_id: str, face: str) -> None:
    """It waits no more, and letting it in comes too late."""
    child = Visitor(house.call)
    ask(child, face)
    (ref,) = refs(teacher, group_id)
    assert press(teacher, group_id, action="send_away", ref=ref).status == 303
    assert refs(teacher, group_id) == []
    late = press(teacher, group_id, action="let_in", ref=ref)
    assert late.location.endswith("done=waits_no_more")
    assert "wacht niet meer" in teacher.get(late.location).text


def test_fifty_browsers_with_one_let_in(
    house: House, teacher: Visitor, code: str, group_id: str, face: str
) -> None:
    """A copied cookie wins nothing: of fifty at once exactly one comes in, every round."""
    for _ in range(often(2)):
        child = Visitor(house.call)
        ask(child, face)
        press(teacher, group_id, action="let_in", ref=refs(teacher, group_id)[0])
        copies = [Visitor(house.call, cookies=dict(child.cookies)) for _ in range(50)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: one.post(f"{face}/wait"), copies))
        assert sum(answer.location == "/apps" for answer in answers) == 1


def test_two_teachers_let_in_once(
    house: House, teacher: Visitor, school_id: str, group_id: str, face: str
) -> None:
    """Pressed by two at once, it is done and told once."""
    ask(Visitor(house.call), face)
    (ref,) = refs(teacher, group_id)
    noor = signed_in(house, "821", f"school#{school_id}", "ict_coordinator")
    with ThreadPoolExecutor(2) as pool:
        pressed = [
            pool.submit(press, who, group_id, action="let_in", ref=ref) for who in (teacher, noor)
        ]
    told = sorted(one.result().location.rpartition("=")[2] for one in pressed)
    assert told == ["let_in", "waits_no_more"]


def test_another_group_lets_nobody_in(
    house: House, teacher: Visitor, school_id: str, group_id: str, face: str
) -> None:
    """Neither the teacher of another group nor the door of another group."""
    ask(Visitor(house.call), face)
    (ref,) = refs(teacher, group_id)
    other = group_of(school_id, "Groep 8")
    assert press(teacher, other, action="let_in", ref=ref).status == 403
    noor = signed_in(house, "822", f"school#{school_id}", "ict_coordinator")
    assert press(noor, other, action="let_in", ref=ref).location.endswith("waits_no_more")
    assert len(refs(teacher, group_id)) == 1


def test_elsewhere_nobody_waits(house: House, address: str, group_id: str, face: str) -> None:
    """From an unknown network the page is closed, and no row is written."""
    stranger = Visitor(house.call, source_ip=ELSEWHERE)
    assert ask(stranger, face).status == 403
    assert stranger.get(f"{face}/wait").status == 403
    code = address.rpartition("/")[2]
    assert class_store.waiting_at(code, group_id, now_epoch_s=clock.now_epoch_s()) == []


def test_asking_without_end_is_refused(
    house: House, address: str, group_id: str, face: str
) -> None:
    """Browsers by the hundred fill the teacher's screen no further than the budget."""
    for _ in range(throttle.WAITS.failures):
        assert ask(Visitor(house.call), face).status == 200
    assert ask(Visitor(house.call), face).status == 429


@pytest.mark.parametrize("path", ["/1/wait", "/x/wait"])
def test_nobody_waits_for_who_is_not_there(house: House, face: str, path: str) -> None:
    """An unknown pupil gives the page for nothing."""
    child = Visitor(house.call)
    assert child.post(face.rpartition("/")[0] + path, {"action": "ask"}).status == 404


def test_signs_differ_and_stay() -> None:
    """Three different animals follow from a hash, the same each time."""
    for number in range(200):
        ref = ids.sha256_hex(str(number))
        signs = waiting_pupils.signs_of(ref)
        assert len({one.animal for one in signs}) == 3
        assert signs == waiting_pupils.signs_of(ref)


# --- a lesson elsewhere ---------------------------------------------------------------------


def opened(teacher: Visitor, group_id: str, minutes: int = 60) -> str:
    """Open a lesson and return its code."""
    answer = press(teacher, group_id, action="open", minutes=str(minutes))
    found = re.search(r'lesson-code">([^<]+)<', answer.text)
    assert found, answer.text
    return found[1]


def test_a_lesson_elsewhere(
    house: House, teacher: Visitor, address: str, school_id: str, group_id: str
) -> None:
    """Closed, the code, this group alone, in, and all out with the teacher's one press."""
    child = Visitor(house.call, source_ip=ELSEWHERE)
    assert f"{address}/lesson" in child.get(address).text
    lesson_code = opened(teacher, group_id)
    answer = child.post(f"{address}/lesson", {"lesson": lesson_code.upper()})
    assert answer.location == f"{address}/{group_id}"
    assert child.get(address).location == f"{address}/{group_id}"
    face = faces(child, address, group_id)[0]
    other = group_of(school_id, "Groep 5")
    assert child.get(f"{address}/{other}").status == 404
    other_face = faces(Visitor(house.call), address, other)[0]
    assert child.post(other_face).status == 404
    assert child.post(face).location == "/apps"
    assert child.get("/apps").status == 200
    door = teacher.get(f"/groups/{group_id}/door").text
    assert "1 browser vulde de code in" in door
    assert lesson_code not in door
    assert press(teacher, group_id, action="close").status == 303
    assert child.get("/apps").location.startswith("/login")
    assert child.get(f"{address}/{group_id}").status == 403
    assert child.post(face).status == 403
    assert child.post(f"{address}/lesson", {"lesson": lesson_code}).status == 400


def test_another_browser_sees_nothing(
    house: House, teacher: Visitor, address: str, group_id: str
) -> None:
    """Only who entered the code sees the class; an invented ticket opens nothing."""
    opened(teacher, group_id)
    value = lesson_door.cookie_value(group_id, ids.new_secret())
    for cookies in ({}, {lesson_door.COOKIE: value}, {lesson_door.COOKIE: "x"}):
        stranger = Visitor(house.call, ELSEWHERE, cookies)
        assert stranger.get(f"{address}/{group_id}").status == 403


def test_a_lesson_ends_by_itself(
    house: House, teacher: Visitor, address: str, group_id: str
) -> None:
    """With its time the class is closed and the session over, whatever the school day."""
    house.move_clock(0)
    lesson_code = opened(teacher, group_id, 30)
    child = Visitor(house.call, source_ip=ELSEWHERE)
    child.post(f"{address}/lesson", {"lesson": lesson_code})
    assert child.post(faces(child, address, group_id)[0]).location == "/apps"
    house.move_clock(30 * 60 - 1)
    assert child.get("/apps").status == 200
    house.move_clock(30 * 60)
    assert child.get("/apps").location.startswith("/login")
    assert child.get(f"{address}/{group_id}").status == 403
    late = Visitor(house.call, source_ip=ELSEWHERE)
    assert late.post(f"{address}/lesson", {"lesson": lesson_code}).status == 400
    assert "De klas openzetten" in teacher.get(f"/groups/{group_id}/door").text
    assert opened(teacher, group_id)


def test_another_code_keeps_who_is_in(
    house: House, teacher: Visitor, address: str, group_id: str
) -> None:
    """The old code opens nothing any more; the browser that used it stays."""
    old = opened(teacher, group_id)
    child = Visitor(house.call, source_ip=ELSEWHERE)
    child.post(f"{address}/lesson", {"lesson": old})
    again = press(teacher, group_id, action="another_code").text
    new = re.search(r'lesson-code">([^<]+)<', again)
    assert new
    assert child.get(f"{address}/{group_id}").status == 200
    late = Visitor(house.call, source_ip=ELSEWHERE)
    assert late.post(f"{address}/lesson", {"lesson": old}).status == 400
    assert late.post(f"{address}/lesson", {"lesson": new[1]}).status == 303


def test_a_lesson_of_before_lets_nobody_into_the_next(
    house: House, teacher: Visitor, address: str, group_id: str
) -> None:
    """A browser of this morning's lesson enters this afternoon's code as everybody does."""
    child = Visitor(house.call, source_ip=ELSEWHERE)
    child.post(f"{address}/lesson", {"lesson": opened(teacher, group_id)})
    press(teacher, group_id, action="close")
    opened(teacher, group_id)
    assert child.get(f"{address}/{group_id}").status == 403


def test_guesses_are_throttled(house: House, teacher: Visitor, address: str, group_id: str) -> None:
    """Wrong codes run out, of one network alone; what is no code costs nothing."""
    house.move_clock(300 - clock.now_epoch_s() % 300)
    lesson_code = opened(teacher, group_id)
    guesser = Visitor(house.call, source_ip=ELSEWHERE)
    for _ in range(throttle.LESSON_SOURCE.failures):
        assert guesser.post(f"{address}/lesson", {"lesson": "222-222"}).status == 400
    refused = guesser.post(f"{address}/lesson", {"lesson": lesson_code})
    assert (refused.status, "Wacht vijf minuten" in refused.text) == (429, True)
    for typed in ("", "abc", "x" * 500, "ab cd\x00e"):
        assert guesser.post(f"{address}/lesson", {"lesson": typed}).status == 400
    neighbour = Visitor(house.call, source_ip="145.20.30.41")
    assert neighbour.post(f"{address}/lesson", {"lesson": lesson_code}).status == 303


def test_right_codes_cost_nothing(
    house: House, teacher: Visitor, address: str, group_id: str
) -> None:
    """A whole class behind one address comes in."""
    lesson_code = opened(teacher, group_id)
    for _ in range(throttle.LESSON_SOURCE.failures + 5):
        child = Visitor(house.call, source_ip=ELSEWHERE)
        assert child.post(f"{address}/lesson", {"lesson": lesson_code}).status == 303


@pytest.mark.parametrize(
    "form", [{}, {"action": "open"}, {"action": "open", "minutes": "600"}, {"action": "x"}]
)
def test_a_broken_form_opens_nothing(teacher: Visitor, group_id: str, form: dict[str, str]) -> None:
    """Unknown buttons and lengths are refused."""
    assert press(teacher, group_id, **form).status == 400
    assert "De klas openzetten" in teacher.get(f"/groups/{group_id}/door").text


def test_an_unknown_school_has_no_lesson(house: House) -> None:
    """The page for nothing."""
    assert Visitor(house.call).get("/login/school/bbbbbbb/lesson").status == 404


def test_two_who_open_at_once_open_one_lesson(
    house: House, teacher: Visitor, school_id: str, address: str, group_id: str
) -> None:
    """One of them gets the code; the other is told to look again."""
    noor = signed_in(house, "823", f"school#{school_id}", "ict_coordinator")
    with ThreadPoolExecutor(2) as pool:
        pressed = [
            pool.submit(press, who, group_id, action="open", minutes="45")
            for who in (teacher, noor)
        ]
    answers = [one.result() for one in pressed]
    shown = [found[1] for one in answers if (found := re.search(r'code">([^<]+)<', one.text))]
    works = [
        Visitor(house.call, source_ip=ELSEWHERE).post(f"{address}/lesson", {"lesson": one}).status
        for one in shown
    ]
    assert works.count(303) == 1
