"""A real Chromium in front of the worker's own house."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from infra.local.house import House

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the Chromium that this machine has; skip without one, unless it must be there.

    Playwright keeps an event loop running in this thread, in which a seal cannot be set: so it
    ends with the module and not with the session.
    """
    if _CHROMIUM is None:
        if os.environ.get("SCHOOLPOORT_BROWSER") == "required":
            pytest.fail("no Chromium found, and this run may not skip the browser tests")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture(params=["desktop", "phone"])
def screen(
    request: pytest.FixtureRequest, chromium: Browser, house: House
) -> Iterator[BrowserContext]:
    """Open a window of a desktop and one of a narrow phone, both with reduced motion."""
    sizes: dict[str, ViewportSize] = {
        "desktop": {"width": 1280, "height": 860},
        "phone": {"width": 320, "height": 640},
    }
    context = chromium.new_context(
        base_url=house.base_url,
        viewport=sizes[request.param],
        reduced_motion="reduce",
        locale="nl-NL",
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()
