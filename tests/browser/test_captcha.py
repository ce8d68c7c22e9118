"""The check that a person signs in, in a real browser: Google's late, our own without Google."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from infra.local import seed
from infra.local.house import House
from infra.local.stand_ins import google

pytestmark = pytest.mark.browser

_TEACHER = "esther.postma@school-99aa00.example"


def _is_whole(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def _requested(page: Page) -> list[str]:
    """Return the list that the addresses of Google's come into."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def _type_by_keyboard(page: Page) -> None:
    page.focus("#email")
    page.keyboard.press("Control+A")
    page.keyboard.type(_TEACHER)
    page.keyboard.press("Tab")
    page.keyboard.type(seed.PASSWORD)


def test_google_is_asked_for_nothing_before_the_form_is_touched(screen: BrowserContext) -> None:
    """Looking at the page fetches nothing of Google's; the first focus in the form does."""
    page = screen.new_page()
    seen = _requested(page)
    page.goto("/login")
    page.wait_for_load_state("networkidle")
    assert not [url for url in seen if "recaptcha" in url]
    page.focus("#email")
    expect(page.get_by_role("checkbox")).to_be_visible()
    assert [url for url in seen if "api.js" in url]


def test_without_google_a_teacher_signs_in_by_keyboard(screen: BrowserContext) -> None:
    """Google's script is blocked: the page says so, and our own check leads in."""
    page = screen.new_page()
    page.route("**/_google/**", lambda route: route.abort())
    page.goto("/login")
    _type_by_keyboard(page)
    expect(page.locator(".captcha-failed")).to_be_visible()
    _is_whole(page)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Google is hier niet bereikbaar")
    expect(page.locator("#email")).to_have_value(_TEACHER)
    expect(page.locator(".altcha-state")).to_contain_text("De controle is klaar")
    _is_whole(page)
    _type_by_keyboard(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/apps")


def test_whoever_is_faster_than_the_sum_need_not_press_twice(
    screen: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By choice there is no Google at all, and a form sent too early goes when it can."""
    monkeypatch.setenv("CAPTCHA_PROVIDER", "altcha")
    page = screen.new_page()
    seen = _requested(page)
    page.goto("/login")
    page.evaluate(
        """([email, password]) => {
          document.getElementById("email").value = email;
          document.getElementById("password").value = password;
          document.querySelector("main form").requestSubmit();
        }""",
        [_TEACHER, seed.PASSWORD],
    )
    page.wait_for_url("**/apps")
    assert not [url for url in seen if "google" in url]


def test_a_silent_google_is_waited_for_five_seconds(screen: BrowserContext) -> None:
    """A script that never comes is given up, and the person is told what to do."""
    page = screen.new_page()
    page.route("**/_google/**", lambda _: None)
    page.goto("/login")
    page.focus("#email")
    expect(page.locator(".captcha-failed")).to_be_visible(timeout=9_000)


def test_a_score_is_asked_for_when_the_button_is_pressed(
    screen: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a v3 key there is no box: one press signs in, and a low score gets our own check."""
    monkeypatch.setenv("RECAPTCHA_KIND", "v3")
    page = screen.new_page()
    page.goto("/login")
    google.set_mode("low_score")
    _type_by_keyboard(page)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    _is_whole(page)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Nog één controle")
    _is_whole(page)
    google.set_mode("pass")
    page.goto("/login")
    _type_by_keyboard(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/apps")


def test_without_google_a_score_key_leads_to_our_own_check(
    screen: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A v3 script that does not load is no dead end either."""
    monkeypatch.setenv("RECAPTCHA_KIND", "v3")
    page = screen.new_page()
    page.route("**/_google/**", lambda route: route.abort())
    page.goto("/login")
    _type_by_keyboard(page)
    page.keyboard.press("Enter")
    expect(page.locator(".altcha-state")).to_contain_text("De controle is klaar")
    _type_by_keyboard(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/apps")


def test_without_javascript_the_page_says_what_to_do(house: House, screen: BrowserContext) -> None:
    """The check works with JavaScript only, and says so where it would stand."""
    assert screen.browser is not None
    plain = screen.browser.new_context(base_url=house.base_url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/login")
    expect(page.locator("main .captcha noscript p")).to_be_visible()
    plain.close()
