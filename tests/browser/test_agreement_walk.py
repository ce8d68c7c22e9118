"""From an offer to an active agreement in a real browser: a board of three schools, on a phone too.

With SCHOOLPOORT_SCREENSHOTS=1 each step leaves a picture in docs/screenshots.
"""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from infra.local.house import House
from schoolpoort import coverage, registry
from tests.browser.test_pages import _check, _sign_in
from tests.signed_in import signed_in

pytestmark = pytest.mark.browser

_BOARD = "90003"
_DIRECTOR = ("Sjoukje van der Łęcka", "s.lecka@zonneveld.example")
_SUFFIX = {"nl": "", "en": "-en"}
_CONTACT = "bestuur@zonneveld.example"


def _newest(house: House, address: str, pattern: str) -> str:
    house.pump_until_idle()
    for mail in house.mails():
        found = re.search(pattern, mail["text"])
        if address in mail["to"] and found:
            return found[1]
    raise AssertionError(address)


def _offer(page: Page) -> str:
    """Make the offer at the helpdesk; return the address of its page."""
    page.goto("/helpdesk/agreements/offers")
    page.fill("#board", _BOARD)
    page.get_by_role("button", name="Zoek dit bestuur").click()
    for name, value in (
        ("director_name", _DIRECTOR[0]),
        ("director_function", "voorzitter college van bestuur"),
        ("director_address", _DIRECTOR[1]),
        ("contact_address", _CONTACT),
    ):
        page.fill(f"#{name}", value)
    _check(page, "agreement-1-offer")
    page.get_by_role("button", name="Verstuur het aanbod").click()
    expect(page.get_by_text("Het aanbod is gedaan")).to_be_visible()
    return page.url


def _sign(screen: BrowserContext, house: House) -> Page:
    """Open the link with its code and sign, as the director does on a phone."""
    page = screen.new_page()
    page.goto(_newest(house, _DIRECTOR[1], r"(/agreement/\d+)"))
    _check(page, "agreement-2-door")
    page.get_by_role("button", name="Stuur mij een code").click()
    _check(page, "agreement-3-code")
    page.fill("#code", _newest(house, _DIRECTOR[1], r"\b(\d{4} \d{4})\b"))
    page.get_by_role("button", name="Open de overeenkomst").click()
    expect(page.get_by_role("heading", name="Teken op het scherm")).to_be_visible()
    _check(page, "agreement-4-read")
    page.fill("#name", _DIRECTOR[0])
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Tekenen", exact=True).click()
    expect(page.get_by_text("Je hebt getekend")).to_be_visible()
    _check(page, "agreement-5-signed")
    return page


def test_a_director_signs_and_three_schools_are_covered(
    screen: BrowserContext, house: House
) -> None:
    """Offered at the helpdesk, signed with a code, checked by one, confirmed by another."""
    desk = _sign_in(screen, "hanna.hulp@schoolpoort.example")
    case = _offer(desk)
    director = _sign(screen, house)
    desk.goto("/helpdesk/agreements")
    _check(desk, "agreement-6-desk")
    desk.goto(case)
    desk.fill("#call_back", "Balie, 0599-000005: mevrouw heeft zelf getekend")
    _check(desk, "agreement-7-checks")
    desk.get_by_role("button", name="Gecontroleerd").click()
    expect(desk.get_by_text("Je controle is vastgelegd")).to_be_visible()
    _check(desk, "agreement-8-second")
    colleague = signed_in(house, "8002", "helpdesk", "helpdesk")
    path = case.partition("?")[0].removeprefix(house.base_url)
    assert colleague.post(f"{path}/confirm", {"board_number": _BOARD}).status == 303
    house.pump_until_idle()
    director.reload()
    expect(director.get_by_text("De overeenkomst is bevestigd")).to_be_visible()
    _check(director, "agreement-9-confirmed")
    places = registry.locations_of_board(_BOARD)
    known = coverage.of_schools(place.school_id for place in places)
    assert len(places) == 3
    assert all(one.periods[0].state.is_covered for one in known.values())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_other_pages_of_agreements_are_whole(
    screen: BrowserContext, house: House, language: str
) -> None:
    """What a board asks for itself, and the changes of boards, in both languages."""
    board = _sign_in(screen, "j.vanderwilg@wilgendam.example")
    board.goto(f"/board/agreements/offer?lang={language}")
    _check(board, f"board-agreements-offer{_SUFFIX[language]}")
    board.context.clear_cookies()
    desk = _sign_in(screen, "hanna.hulp@schoolpoort.example")
    desk.goto(f"/helpdesk/agreements/reviews?lang={language}")
    _check(desk, f"helpdesk-agreements-reviews{_SUFFIX[language]}")
    assert house.failures == []
