"""The pages of the slice in a real browser: usable by keyboard, at 320 px, without axe's wrath.

With SCHOOLPOORT_SCREENSHOTS=1 the pictures of docs/screenshots are taken anew.
"""

import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from infra.local import app_codes, seed
from infra.local.house import House
from infra.local.stand_ins import las
from schoolpoort import paper_requests, papers
from tests.papers import files, samples
from tests.papers.workshop import Workshop

pytestmark = pytest.mark.browser

_SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
_RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
_TEACHER = "esther.postma@school-99aa00.example"
_PAGES = {
    "teacher": (
        _TEACHER,
        (
            "/apps",
            "/account",
            "/account/password",
            "/account/second-factor",
            "/account/passkeys",
            "/account/confirm",
        ),
    ),
    "coordinator": (
        "n.thart@regenboog.example",
        (
            "/console",
            "/console/roster",
            "/console/roster/key",
            "/console/roster/file",
            "/console/roster/waiting",
            "/console/roster/numbers",
            "/console/people",
            "/console/people/roles",
            "/console/people/new",
            "/console/people/new?role=substitute",
            "/console/publishers",
            "/console/shared",
            "/console/access",
            "/console/events",
            "/console/trouble",
            "/console/networks",
            "/groups",
            "/groups/cards",
            "/substitute",
            "/account/second-factor",
        ),
    ),
    "board": (
        "j.vanderwilg@wilgendam.example",
        ("/board?show=attention&sort=name", "/board", "/board/evidence", "/board/agreements"),
    ),
    "helpdesk": (
        "hanna.hulp@schoolpoort.example",
        (
            "/helpdesk",
            "/helpdesk/registry?q=wilgendam",
            "/helpdesk/registry/changes",
            "/helpdesk/registry/abroad",
            "/helpdesk/registry/aside",
            "/helpdesk/requests",
            "/helpdesk/requests/new",
            "/helpdesk/registry/99AA00",
            "/helpdesk/registry/boards/90001",
            "/helpdesk/agreements",
            "/helpdesk/agreements/exports",
            "/helpdesk/agreements/exports?board=90001",
            "/helpdesk/roster/nights",
            "/helpdesk/roster/keys",
            "/helpdesk/roster",
            "/helpdesk/access",
            "/helpdesk/trouble",
            "/helpdesk/questions",
            "/helpdesk/notices",
        ),
    ),
}
_PUBLIC = (
    "/login",
    "/login/substitute",
    "/trouble",
    "/status",
    "/request?where=abroad",
    "/request",
    "/request/sent",
    "/password/forgotten",
    "/help",
    "/help?q=privacy",
    "/help/ask",
    "/no/such/page",
)


def _check(page: Page, name: str) -> None:
    """Hold a page against axe and its width, and keep a picture when asked."""
    found = Axe().run(page, options=_RULES)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, f"{page.url} scrolls sideways"
    size = page.viewport_size or {"width": 0}
    if os.environ.get("SCHOOLPOORT_SCREENSHOTS"):
        kind = "phone" if size["width"] < 500 else "desktop"
        page.screenshot(path=_SHOTS / f"{name}-{kind}-nl.png", full_page=kind == "phone")


def _sign_in(screen: BrowserContext, address: str) -> Page:
    page = screen.new_page()
    page.goto("/login")
    page.fill("#email", address)
    page.fill("#password", seed.PASSWORD)
    page.get_by_role("checkbox").click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.get_by_role("button", name="Inloggen").click()
    if app_codes.secret_of(address):
        page.wait_for_url("**/login/code")
        _check(page, "login-code")
        page.fill("#code", app_codes.next_code(address))
        page.get_by_role("button", name="Verder").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _name_of(path: str) -> str:
    return path.strip("/").partition("?")[0].replace("/", "-") or "start"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_for_everybody_are_whole(screen: BrowserContext, language: str) -> None:
    """Sign-in, forgotten password, help and the page for nothing, in both languages."""
    page = screen.new_page()
    for path in _PUBLIC:
        mark = "&" if "?" in path else "?"
        page.goto(f"{path}{mark}lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        _check(page, _name_of(path) if language == "nl" else f"{_name_of(path)}-en")


@pytest.mark.parametrize("who", _PAGES)
def test_work_places_are_whole(screen: BrowserContext, who: str) -> None:
    """Every page of every work place of the slice, behind the real sign-in form."""
    address, paths = _PAGES[who]
    page = _sign_in(screen, address)
    for path in paths:
        page.goto(path)
        _check(page, _name_of(path))


def test_a_teacher_opens_an_app_with_the_keyboard_only(screen: BrowserContext) -> None:
    """From the empty form to the publisher without touching a mouse."""
    page = screen.new_page()
    page.goto("/login")
    page.focus("#email")
    page.keyboard.type(_TEACHER)
    page.keyboard.press("Tab")
    page.keyboard.type(seed.PASSWORD)
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.focus("#password")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apps")
    page.locator("a.tile").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/_publisher/**")
    assert _TEACHER not in page.content()


def _signed_papers(workshop: Workshop) -> None:
    """Let the house's own worker make the papers of a signed agreement."""
    usual = samples.offer()
    board = replace(usual.board, name="Stichting Wilgendam Onderwijs", board_number=seed.BOARD)
    offer_id = paper_requests.render_offer(replace(usual, board=board))
    sheet_id, _ = workshop.send(files.scan(), board_number=seed.BOARD)
    asked = paper_requests.Countersigning(
        board_number=seed.BOARD,
        agreement_id=usual.agreement_id,
        offer_id=offer_id,
        upload_id=sheet_id,
        signatures=(samples.signature(),),
        confirmed_at_epoch_s=samples.CONFIRMED_AT,
    )
    made_id = paper_requests.countersign(asked)
    end = time.monotonic() + 30
    while papers.find(seed.BOARD, made_id).state is papers.State.QUEUED:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_director_takes_all_that_the_board_signed(screen: BrowserContext, house: House) -> None:
    """The papers of a signed agreement, and one button for a zip with all of them."""
    _signed_papers(Workshop(house))
    page = _sign_in(screen, "j.vanderwilg@wilgendam.example")
    page.goto("/board/papers")
    page.get_by_role("button", name="Alles bij elkaar zetten").click()
    expect(page.get_by_role("link", name="Zipbestand downloaden")).to_be_visible(timeout=20_000)
    _check(page, "board-papers")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Zipbestand downloaden").click()
    assert taken.value.suggested_filename.endswith(".zip")


def _school_door(house: House) -> str:
    """Return the address of the seeded school's pupils."""
    return str(house.people[-1]["address"])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_four_year_old_gets_from_group_to_app(
    screen: BrowserContext, house: House, language: str
) -> None:
    """Group, picture, app, back, "Klaar": by taps alone, with nothing loaded from elsewhere."""
    asked: list[str] = []
    page = screen.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{_school_door(house)}?lang={language}")
    shot = "" if language == "nl" else "-en"
    _check(page, f"school-groups{shot}")
    page.get_by_role("link", name="Groep 1").click()
    expect(page.locator(".face")).to_have_count(8)
    _check(page, f"school-pictures{shot}")
    own = page.locator(".face").first.get_attribute("aria-label")
    page.locator(".face").first.click()
    page.wait_for_url("**/apps")
    expect(page.get_by_role("img", name=own or "")).to_be_visible()
    _check(page, f"apps-pupil{shot}")
    assert all(url.startswith(house.base_url) for url in asked)
    page.get_by_role("link", name="Rekenrijk").click()
    page.wait_for_url("**/_publisher/**")
    page.goto("/apps")
    page.get_by_role("button", name="Klaar" if language == "nl" else "Done").click()
    expect(page.locator(".face")).to_have_count(8)


def test_a_pupil_taps_a_pin_and_a_teacher_helps(screen: BrowserContext, house: House) -> None:
    """Keys alone reach every button of the pad; the page has nothing to type in."""
    teacher = _sign_in(screen, "n.thart@regenboog.example")
    teacher.goto("/groups")
    teacher.get_by_role("link", name="Groep 4").click()
    teacher.get_by_role("button", name="Deze groep gebruikt een pincode").click()
    teacher.locator("button[value=new_pin]").first.click()
    pin = teacher.locator(".figure").inner_text()
    _check(teacher, "group-new-pin")
    child = screen.new_page()
    child.goto(_school_door(house))
    child.get_by_role("link", name="Groep 4").click()
    _check(child, "school-pictures-names")
    child.locator(".face").first.click()
    expect(child.locator(".pin-pad button")).to_have_count(11)
    assert child.locator("input:not([type=hidden])").count() == 0
    for digit in "0000":
        child.locator(f".pin-pad button[value='{digit}']").press("Enter")
    expect(child.locator(".kids-help")).to_be_visible()
    _check(child, "school-pin-wrong")
    for digit in pin:
        child.locator(f".pin-pad button[value='{digit}']").press("Enter")
    child.wait_for_url("**/apps")


def test_elsewhere_the_door_of_a_school_stays_shut(screen: BrowserContext, house: House) -> None:
    """A kind page, and no picture on it."""
    page = screen.new_page()
    page.request.post("/_local/network", data={"ip": "145.20.30.40"})
    try:
        page.goto(_school_door(house))
        _check(page, "school-closed")
        assert page.locator(".animal").count() == 0
    finally:
        page.request.post("/_local/network", data={"ip": "127.0.0.1"})


def test_a_teacher_sets_up_an_app_with_the_keyboard_only(screen: BrowserContext) -> None:
    """The picture and its letters, a wrong code, the right one, and ten codes for paper."""
    page = _sign_in(screen, _TEACHER)
    page.goto("/account/second-factor")
    page.locator("details summary").focus()
    page.keyboard.press("Enter")
    letters = page.locator("code.secret").inner_text().replace(" ", "")
    page.focus("#code")
    page.keyboard.type("123")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_be_visible()
    _check(page, "account-second-factor-wrong")
    app_codes.remember(_TEACHER, letters)
    page.focus("#code")
    page.keyboard.type(app_codes.next_code(_TEACHER))
    page.keyboard.press("Enter")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    _check(page, "account-recovery-codes")
    page.goto("/account/second-factor")
    _check(page, "account-second-factor-set")


def test_a_link_of_a_mail_sets_a_password(screen: BrowserContext, house: House) -> None:
    """The rules tick off while typing, a guessable password is warned of, another one is kept."""
    page = screen.new_page()
    page.goto("/password/forgotten")
    page.fill("#email", _TEACHER)
    page.get_by_role("checkbox").click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/password/forgotten")
    expect(page.locator("main")).to_contain_text(_TEACHER)
    house.pump_until_idle()
    page.goto(seed.link_for(house, _TEACHER))
    expect(page.locator("[data-rule=length]")).to_be_visible()
    _check(page, "password-set")
    page.fill("#password", "Welkom2026")
    page.fill("#password_again", "Welkom2026")
    page.get_by_role("checkbox").last.click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button.btn--primary").click()
    expect(page.locator("#insist")).to_be_visible()
    expect(page.locator("#password-error")).to_be_visible()
    _check(page, "password-guessable")
    page.fill("#password", "Waterlelie9")
    page.fill("#password_again", "Waterlelie9")
    page.get_by_role("checkbox").last.click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button.btn--primary").click()
    page.wait_for_url("**/login?welcome=1")
    _check(page, "login-welcome")


def test_a_parent_fills_in_the_code_of_a_card(screen: BrowserContext, house: House) -> None:
    """Address, card and mail at school; a short password refused, a code, and the child at home."""
    teacher = _sign_in(screen, "n.thart@regenboog.example")
    teacher.goto("/groups")
    teacher.get_by_role("link", name="Groep 2").click()
    row = teacher.locator("#pupils tbody tr").first
    row.locator("summary").click()
    row.locator("input[type=email]").fill("opa.van-dijk@thuis.example")
    row.locator("button[value=add_home]").click()
    expect(teacher.locator(".notice--success")).to_be_visible()
    _check(teacher, "group-home-asked")
    teacher.locator("button[value=home_cards]").click()
    code = teacher.locator("code.secret").first.inner_text()
    _check(teacher, "home-cards")
    house.pump_until_idle()
    parent = screen.new_page()
    parent.goto(seed.link_for(house, "opa.van-dijk@thuis.example"))
    _fill_new_password(parent, "korter1")
    expect(parent.locator("#password-error")).to_be_visible()
    _check(parent, "password-too-short")
    _fill_new_password(parent, "Waterlelie9")
    parent.wait_for_url("**/login/home?welcome=1")
    parent.fill("#email", "opa.van-dijk@thuis.example")
    parent.fill("#password", "Waterlelie9")
    parent.get_by_role("checkbox").last.click()
    expect(parent.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    parent.locator("main button.btn--primary").click()
    parent.wait_for_url("**/login/home/card")
    _check(parent, "home-card")
    parent.fill("#code", "00000-00000")
    parent.locator("main button.btn--primary").click()
    expect(parent.locator("#code-error")).to_be_visible()
    _check(parent, "home-card-wrong")
    parent.fill("#code", code.lower())
    parent.locator("main button.btn--primary").click()
    parent.wait_for_url("**/login/home/children?new=1")
    expect(parent.locator(".face")).to_have_count(1)
    _check(parent, "home-children-new")


def _fill_new_password(page: Page, password: str) -> None:
    page.fill("#password", password)
    page.fill("#password_again", password)
    page.get_by_role("checkbox").last.click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button.btn--primary").click()


def test_an_old_link_is_renewed_in_one_tap(screen: BrowserContext, house: House) -> None:
    """The page of an expired link has one button, and the next page says where to look."""
    page = screen.new_page()
    page.goto("/password/forgotten")
    page.fill("#email", _TEACHER)
    page.get_by_role("checkbox").click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(_TEACHER)
    _check(page, "password-asked")
    house.pump_until_idle()
    link = seed.link_for(house, _TEACHER)
    house.move_clock(3601)
    page.goto(link)
    _check(page, "password-link-expired")
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text(_TEACHER)


def test_dark_pages_keep_their_contrast(chromium_dark: Page) -> None:
    """Who prefers dark reads as well."""
    chromium_dark.goto("/login")
    _check(chromium_dark, "login-dark")


@pytest.fixture
def chromium_dark(screen: BrowserContext) -> Page:
    """Return a page of somebody who prefers dark."""
    page = screen.new_page()
    page.emulate_media(color_scheme="dark")
    return page


def test_what_waits_for_a_coordinator_is_whole(house: House, screen: BrowserContext) -> None:
    """Eight pupils vanish from the data: the notice, the page person by person, and the report."""
    las.set_fixture(seed.SCHOOL, "many_left")
    house.run_schedules()
    house.pump_until_idle()
    las.clear_fixtures()
    page = _sign_in(screen, "n.thart@regenboog.example")
    page.goto("/console/roster")
    _check(page, "console-roster-something-waits")
    page.get_by_role("link", name="Bekijk om wie het gaat en beslis").first.click()
    _check(page, "console-roster-waiting-leavers")
    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Alleen de aangevinkte weigeren").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Wat je hebt geweigerd")).to_be_visible()
    _check(page, "console-roster-waiting-refused")
    page.get_by_role("button", name="Alle 7 goedkeuren").click()
    page.wait_for_url("**/runs/**")
    _check(page, "console-roster-waiting-accepted")


def _sync(house: House, page: Page) -> None:
    page.goto("/console/roster")
    page.get_by_role("button", name="Nu bijwerken").click()
    page.wait_for_url("**/runs/**")
    house.pump_until_idle()
    page.reload()


def test_who_is_who_is_whole(house: House, screen: BrowserContext) -> None:
    """Everybody has another number: the run that says so, and the page that links them."""
    las.clear_fixtures()
    page = _sign_in(screen, "n.thart@regenboog.example")
    _sync(house, page)
    las.set_fixture(seed.SCHOOL, "other_numbers")
    _sync(house, page)
    las.clear_fixtures()
    page.get_by_role("link", name="Zeg wie wie is").click()
    _check(page, "console-roster-numbers")
    page.get_by_role("button", name=re.compile(r"Alle \d+ koppelen")).click()
    expect(page.get_by_text("Deze mensen zijn nog over")).to_be_visible()
    _check(page, "console-roster-numbers-left")
