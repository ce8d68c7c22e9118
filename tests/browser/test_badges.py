"""Badges on paper and before a camera."""

import io
import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from infra.local.house import House
from login import home_cards, pupil_store
from schoolpoort import rosters
from tests.browser.test_pages import _check, _sign_in
from tests.login.test_pupils import group_of

pytestmark = pytest.mark.browser


def _choose(page: Page, house: House, kind: str) -> None:
    (who,) = [person for person in house.people if person["role"] == "pupil"]
    school_id = pupil_store.school_of_code(who["address"].rpartition("/")[2])
    assert school_id
    group_id = group_of(school_id, "Groep 4")
    assert rosters.pupils(school_id)
    page.goto(f"/groups/cards?group={group_id}")
    _check(page, "cards-choose")
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Maken").click()
    page.wait_for_url("**/groups/cards")


def test_labels_fit_a_sheet_and_open_the_door(
    screen: BrowserContext, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty-four labels to an A4, and what a QR says signs its pupil in and leaves the address."""
    said: list[str] = []
    draw = home_cards.picture_of

    def remember(text: str) -> str:
        said.append(text)
        return draw(text)

    monkeypatch.setattr(home_cards, "picture_of", remember)
    page = _sign_in(screen, "n.thart@regenboog.example")
    _choose(page, house, "Pasjes op etiketvellen")
    expect(page.locator(".labels .paper")).to_have_count(len(said))
    _check(page, "badges-print")
    sheet = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(sheet.pages) == -(-len(said) // 24)
    width, height = (round(float(side)) for side in sheet.pages[0].mediabox[2:])
    assert (width, height) == (595, 842)
    child = screen.new_page()
    child.goto(said[0])
    child.wait_for_url("**/apps")
    assert said[0].partition("#")[2] not in child.evaluate("document.referrer + location.href")
    name = page.locator(".paper-name").first.inner_text()
    expect(child.get_by_role("heading", name=re.compile(re.escape(name)))).to_be_visible()


@pytest.mark.parametrize(
    ("kind", "shot"),
    [
        ("Kaartjes voor één keer", "once-print"),
        ("Nieuwe pincodes", "pins-print"),
        ("Een klassenlijst", "class-list"),
    ],
)
def test_other_prints_are_whole(screen: BrowserContext, house: House, kind: str, shot: str) -> None:
    """Cards, PINs and the list, on a phone and a desktop."""
    page = _sign_in(screen, "n.thart@regenboog.example")
    _choose(page, house, kind)
    _check(page, shot)
