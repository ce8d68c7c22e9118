"""A quarter past eight: from an empty page to the group on a phone, counted in steps."""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infra.local.house import House
from schoolpoort import clock
from tests.browser.test_pages import _TEACHER, _check, _sign_in

pytestmark = pytest.mark.browser

_ZONE = ZoneInfo("Europe/Amsterdam")
_STEPS_OF_THE_TEACHER = 5
"""The button, a name, an address, the button of the form, the code; the group is ticked already."""

_STEPS_OF_THE_SUBSTITUTE = 3
"""The address, the code, the button. With a camera it is one: the picture."""


@dataclass
class Steps:
    """Everything that a person does on a page: opening, tapping, filling in."""

    page: Page
    done: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path)
        self.done.append(path)

    def tap(self, name: str) -> None:
        """Tap a button or a link."""
        self.page.get_by_role("button", name=name).or_(
            self.page.get_by_role("link", name=name)
        ).click()
        self.done.append(name)

    def fill(self, label: str, text: str) -> None:
        """Fill in a field."""
        self.page.get_by_label(label).fill(text)
        self.done.append(label)


@pytest.fixture
def morning(house: House) -> House:
    """Return the house at a quarter past eight tomorrow."""
    now = clock.now_epoch_s()
    day = dt.datetime.fromtimestamp(now, _ZONE).date() + dt.timedelta(days=1)
    then = dt.datetime.combine(day, dt.time(8, 15), _ZONE)
    house.move_clock(int(then.timestamp()) - now)
    return house


def test_from_an_empty_page_to_the_group(
    screen: BrowserContext, chromium: Browser, morning: House
) -> None:
    """Five steps of the teacher, three of the substitute on a phone, and one with a camera."""
    teacher = Steps(_sign_in(screen, _TEACHER))
    teacher.page.goto("/groups")
    _check(teacher.page, "groups-of-teacher")
    group = teacher.page.locator(".card-title a").first.inner_text()
    teacher.tap("Een invaller voor vandaag")
    _check(teacher.page, "substitute")
    teacher.fill("Naam", "Susanne van der Laan")
    teacher.fill("E-mailadres", "susanne.vanderlaan@invalpool.example")
    teacher.tap("De groep geven tot 18:00 uur")
    _check(teacher.page, "substitute-given")
    teacher.tap("Een code laten zien")
    _check(teacher.page, "handover")
    assert len(teacher.done) == _STEPS_OF_THE_TEACHER
    code = teacher.page.locator(".lesson-code").inner_text()

    phone = chromium.new_context(
        base_url=morning.base_url, viewport={"width": 320, "height": 640}, locale="nl-NL"
    )
    substitute = Steps(phone.new_page())
    substitute.open("/login/substitute")
    _check(substitute.page, "handover-entry")
    substitute.fill("Code van je collega", code)
    substitute.tap("Naar de groep")
    substitute.page.wait_for_url("**/groups/*")
    expect(substitute.page.get_by_role("heading", name=group, exact=True)).to_be_visible()
    assert len(substitute.done) == _STEPS_OF_THE_SUBSTITUTE

    teacher.page.go_back()
    teacher.tap("Een code laten zien")
    another = teacher.page.locator(".lesson-code").inner_text()
    scanned = phone.new_page()
    scanned.goto(f"/login/substitute#{another.replace('-', '')}")
    scanned.wait_for_url("**/groups/*")
    assert another not in scanned.url
    phone.close()
