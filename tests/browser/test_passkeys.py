"""Passkeys in a real browser, with a device that Chromium plays: made, shown alone and after all.

With SCHOOLPOORT_SCREENSHOTS=1 the pictures of docs/screenshots are taken anew.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from infra.local import app_codes, seed
from infra.local.house import House

pytestmark = pytest.mark.browser

_SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
_TEACHER = "esther.postma@school-99aa00.example"
_DIRECTOR = "j.vanderwilg@wilgendam.example"
_NO_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
"""A browser that offers nothing by itself: the device that is played would take it at once."""

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """What Chromium lets a test do with the device that it plays."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        self._id: str = made["authenticatorId"]

    def keys(self) -> int:
        """Return how many passkeys the device holds."""
        found = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return len(found["credentials"])

    def verify(self, *, is_right: bool) -> None:
        """Let the finger be the right one, or not."""
        values = {"authenticatorId": self._id, "isUserVerified": is_right}
        self._session.send("WebAuthn.setUserVerified", values)


@pytest.fixture
def page(screen: BrowserContext) -> Iterator[Page]:
    """Open a page, and hear of every word that its scripts say wrong."""
    opened = screen.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield opened
    assert [one for one in errors if "Content Security Policy" in one] == []


def _check(page: Page, name: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    size = page.viewport_size or {"width": 0}
    if os.environ.get("SCHOOLPOORT_SCREENSHOTS"):
        kind = "phone" if size["width"] < 500 else "desktop"
        page.screenshot(path=_SHOTS / f"{name}-{kind}-nl.png", full_page=kind == "phone")


def _give_password(page: Page, address: str) -> None:
    page.goto("/login")
    page.fill("#email", address)
    page.fill("#password", seed.PASSWORD)
    page.get_by_role("checkbox").click()
    expect(page.locator("[name=g-recaptcha-response]")).not_to_have_value("")
    page.get_by_role("button", name="Inloggen").click()


def _add(page: Page, name: str = "Laptop op school") -> None:
    page.goto("/account/passkeys")
    _check(page, "account-passkeys")
    page.fill("#name", name)
    page.get_by_role("button", name="Een passkey toevoegen").click()


def _sign_out(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Uitloggen").first.click()
    page.wait_for_url("**/login")


def test_a_teacher_makes_a_passkey_and_signs_in_with_it_alone(page: Page) -> None:
    """Made on her page, then in without address and password; the list says when it was used."""
    page.add_init_script(_NO_OFFER)
    device = Device(page)
    _give_password(page, _TEACHER)
    page.wait_for_url("**/apps")
    _add(page)
    expect(page.locator("h1")).to_have_text("Je codes op papier")
    assert device.keys() == 1
    page.get_by_role("link", name="Ik heb ze bewaard, verder").click()
    expect(page.locator("#passkeys")).to_contain_text("Laptop op school")
    _check(page, "account-passkeys-added")
    _sign_out(page)
    page.get_by_role("button", name="Passkey gebruiken").click()
    page.wait_for_url("**/apps")
    page.goto("/account/passkeys")
    expect(page.locator("#passkeys")).to_contain_text("laatst gebruikt op")


def test_the_browser_offers_the_passkey_by_itself(page: Page) -> None:
    """Among the addresses it knows: who chooses it there is in without pressing anything here."""
    Device(page)
    _give_password(page, _TEACHER)
    page.wait_for_url("**/apps")
    _add(page)
    expect(page.locator("h1")).to_have_text("Je codes op papier")
    page.goto("/account")
    page.get_by_role("button", name="Uitloggen").first.click()
    page.wait_for_url("**/apps")


def test_a_passkey_is_the_second_step(page: Page, house: House) -> None:
    """A director adds one beside the app, and touches it after the password from then on."""
    page.add_init_script(_NO_OFFER)
    Device(page)
    _give_password(page, _DIRECTOR)
    page.wait_for_url("**/login/code")
    page.fill("#code", app_codes.next_code(_DIRECTOR))
    page.get_by_role("button", name="Verder").click()
    page.wait_for_url("**/board")
    _add(page)
    page.wait_for_url("**/account/passkeys?done=added")
    _sign_out(page)
    _give_password(page, _DIRECTOR)
    page.wait_for_url("**/login/code")
    _check(page, "login-code-passkey")
    page.get_by_role("button", name="Je passkey gebruiken").click()
    page.wait_for_url("**/board")
    house.move_clock(16 * 60)
    page.goto("/account/passkeys")
    page.wait_for_url("**/account/confirm**")
    _check(page, "account-confirm-passkey")
    page.get_by_role("button", name="Je passkey gebruiken").click()
    page.wait_for_url("**/account/passkeys")
    page.get_by_role("button", name="Haal weg: Laptop op school").click()
    page.wait_for_url("**/account/passkeys?done=removed")


def test_the_wrong_finger_and_a_key_that_is_gone_lead_to_other_ways(page: Page) -> None:
    """The page says what to do, and the password still works."""
    page.add_init_script(_NO_OFFER)
    device = Device(page)
    _give_password(page, _TEACHER)
    page.wait_for_url("**/apps")
    _add(page)
    expect(page.locator("h1")).to_have_text("Je codes op papier")
    _add(page)
    expect(page.locator(".passkey-state")).to_contain_text("Dit apparaat heeft al een passkey")
    page.goto("/account/passkeys")
    page.get_by_role("button", name="Haal weg: Laptop op school").click()
    page.wait_for_url("**/account/passkeys?done=removed")
    _sign_out(page)
    device.verify(is_right=False)
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.locator(".passkey-state")).to_contain_text("Er is niets gebeurd")
    device.verify(is_right=True)
    page.get_by_role("button", name="Passkey gebruiken").click()
    expect(page.locator("main")).to_contain_text("Deze passkey werkt hier niet")
    _check(page, "login-passkey-refused")


def test_without_javascript_the_other_way_is_named(house: House, screen: BrowserContext) -> None:
    """The button is not there, and a sentence says why."""
    assert screen.browser is not None
    plain = screen.browser.new_context(base_url=house.base_url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/login")
    expect(page.locator("main .passkey noscript p")).to_be_visible()
    expect(page.locator("main .passkey button")).to_be_hidden()
    plain.close()
