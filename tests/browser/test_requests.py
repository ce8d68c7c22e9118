"""A request in a real browser: who asks, two of the helpdesk, and the board that says no."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from infra.local import seed
from infra.local.house import House
from tests.browser.test_pages import _check, _sign_in
from tests.onboarding.office import CONTACT, FORM, PAPER, Office

pytestmark = pytest.mark.browser


def _ask(screen: BrowserContext, house: House, paper: Path) -> Page:
    """Fill in the form, follow the mail, and add the paper."""
    page = screen.new_page()
    page.goto("/request")
    for name, value in FORM.items():
        if name != "variant":
            page.fill(f"#{name}", value)
    page.fill("#brin", "9")
    page.get_by_role("checkbox").last.click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button.btn--primary").click()
    expect(page.locator("#brin-error")).to_be_visible()
    _check(page, "request-wrong")
    page.fill("#brin", FORM["brin"])
    page.get_by_role("checkbox").last.click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button.btn--primary").click()
    page.wait_for_url("**/request/sent")
    page.goto(Office(house).link_to(FORM["address"]))
    _check(page, "request-status")
    page.set_input_files("input[type=file]", paper)
    page.get_by_role("button", name="Voeg de pdf toe").click()
    page.wait_for_url("**key=**")
    house.pump_until_idle()
    expect(page.locator("main")).to_contain_text("vóór 15.00 uur")
    _check(page, "request-status-complete")
    return page


def test_a_school_comes_in_and_its_board_can_stop_it(
    screen: BrowserContext, house: House, tmp_path: Path
) -> None:
    """Every page of the way, as each of the four sees it."""
    paper = tmp_path / "aanvraag.pdf"
    paper.write_bytes(PAPER)
    _ask(screen, house, paper)
    page = _sign_in(screen, seed.HELPDESK[0])
    page.goto("/helpdesk/requests")
    _check(page, "helpdesk-requests-one")
    page.locator("main table a").first.click()
    _check(page, "helpdesk-request-first")
    place = page.url
    page.fill("#address", CONTACT)
    page.select_option("#source", "rio")
    page.get_by_role("button", name="Bewaar het adres").click()
    page.get_by_label("De bestuurder bevestigde de aanvraag").check()
    page.get_by_role("button", name="Bewaar het telefoontje").click()
    page.get_by_label("hem toe te kennen", exact=True).check()
    page.fill("#note", "Gebeld met het nummer van DUO: klopt.")
    page.get_by_role("button", name="Stel voor").click()
    expect(page.locator("main")).to_contain_text("Een andere collega")
    _check(page, "helpdesk-request-proposed")
    page.get_by_role("button", name="Uitloggen").click()
    second = _sign_in(screen, seed.HELPDESK[1])
    second.goto(place)
    _check(second, "helpdesk-request-second")
    second.fill("#note", "Akkoord.")
    second.get_by_role("button", name="Akkoord: ken hem toe").click()
    expect(second.locator("main")).to_contain_text("Uitgenodigd")
    board = screen.new_page()
    board.goto(Office(house).link_to(CONTACT))
    _check(board, "request-board")
    board.get_by_role("button", name="Dit klopt niet").click()
    expect(board.locator("main")).to_contain_text("Niemand heeft door deze aanvraag nog toegang")
    _check(board, "request-board-stopped")
    second.goto(place)
    _check(second, "helpdesk-request-stopped")
