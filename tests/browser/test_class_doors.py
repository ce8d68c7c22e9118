"""The door of a class on two screens: the child's tablet and the teacher's."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infra.local.house import House
from login import pupil_store
from schoolpoort import rosters
from tests.browser.test_pages import _check, _sign_in
from tests.login.test_pupils import group_of
from tests.signed_in import signed_in

pytestmark = pytest.mark.browser


@pytest.fixture
def group_path(house: House) -> str:
    """Return the pupils' address of a group that uses PINs, in which the first pupil has one."""
    (who,) = [person for person in house.people if person["role"] == "pupil"]
    address = str(who["address"]).removeprefix(house.base_url)
    school_id = pupil_store.school_of_code(address.rpartition("/")[2])
    assert school_id
    group_id = group_of(school_id, "Groep 6")
    pupil = next(
        one
        for one in rosters.pupils(school_id)
        if group_id in {each.group_id for each in one.groups}
    )
    noor = signed_in(house, "700", f"school#{school_id}", "ict_coordinator")
    noor.post(f"/groups/{group_id}", {"action": "use_pins"})
    noor.post(f"/groups/{group_id}", {"action": "new_pin", "person_id": pupil.person_id})
    return f"{address}/{group_id}"


def _teacher(screen: BrowserContext) -> Page:
    return _sign_in(screen, "n.thart@regenboog.example")


def test_a_child_waits_and_comes_in_by_itself(
    screen: BrowserContext, chromium: Browser, house: House, group_path: str
) -> None:
    """Stuck at the pad, three pictures, seen by the teacher without a reload, and in."""
    tablet = chromium.new_context(base_url=house.base_url, viewport={"width": 320, "height": 640})
    teacher = _teacher(screen)
    teacher.goto(f"/groups/{group_path.rpartition('/')[2]}/door")
    _check(teacher, "class-door")
    child = tablet.new_page()
    child.goto(group_path)
    child.locator(".face").first.click()
    _check(child, "pin-stuck")
    child.get_by_role("button", name="Ik kom er niet in").click()
    expect(child.locator(".signs .animal")).to_have_count(3)
    _check(child, "wait")
    let_in = teacher.get_by_role("button", name=re.compile("binnenlaten"))
    expect(let_in).to_be_visible()
    _check(teacher, "class-door-waiting")
    let_in.click()
    child.wait_for_url("**/apps")
    tablet.close()


def test_a_lesson_elsewhere_by_its_picture(
    screen: BrowserContext, house: House, group_path: str
) -> None:
    """The teacher opens the class; the address of the picture leads in, and loses its code."""
    teacher = _teacher(screen)
    teacher.goto(f"/groups/{group_path.rpartition('/')[2]}/door")
    teacher.get_by_role("button", name="De klas openzetten").click()
    _check(teacher, "class-door-lesson")
    lesson_code = teacher.locator(".lesson-code").inner_text().replace("-", "")
    child = screen.new_page()
    lesson = f"{group_path.rpartition('/')[0]}/lesson"
    child.goto(lesson)
    _check(child, "lesson")
    child.goto("about:blank")
    child.goto(f"{lesson}#{lesson_code}")
    child.wait_for_url(f"**{group_path}")
    assert lesson_code not in child.url
