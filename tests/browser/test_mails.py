"""Every mail in a real browser: readable on a narrow phone, past axe, and loading nothing."""

import email
import os
from email.policy import SMTP
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Request

import password_reset
from infra.local.house import House
from password_reset import mail_text
from tests.password_reset.post import NOOR, SAID

pytestmark = pytest.mark.browser

_SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
_MAILS = Path(password_reset.__path__[0]) / "templates" / "password_reset" / "mail"
_TEMPLATES = sorted(path.name.partition(".")[0] for path in _MAILS.glob("*.subject.txt"))
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}


def _html(template: str, language: str) -> str:
    raw = mail_text.compose(
        template, language, to=NOOR, sender="deur@schoolpoort.example", now_epoch_s=0, **SAID
    )
    message = email.message_from_bytes(raw, policy=SMTP)
    return str(list(message.iter_parts())[1].get_content())


@pytest.mark.parametrize("template", _TEMPLATES)
def test_a_mail_is_whole_at_320_pixels(chromium: Browser, house: House, template: str) -> None:
    """In Dutch, English and both: no sideways scrolling, contrast, nothing from elsewhere."""
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - playwright reads the signature
    for language in ("nl", "en", ""):
        page.set_content(_html(template, language))
        found = Axe().run(page, options=_RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("html").get_attribute("lang") == (language or "nl")
        if language == "nl" and os.environ.get("SCHOOLPOORT_SCREENSHOTS"):
            page.screenshot(path=_SHOTS / f"mail-{template}-phone-nl.png", full_page=True)
    assert [request.url for request in asked if request.url.startswith("http")] == []
    page.close()
