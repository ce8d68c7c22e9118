"""Other ways of an agreement in a real browser: one school, a new model, a transfer, an end.

With SCHOOLPOORT_SCREENSHOTS=1 each step leaves a picture in docs/screenshots, the papers too.
"""

import datetime as dt
import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from infra.local import seed
from infra.local import server as local_server
from infra.local.gateway import HttpRequest
from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, coverage, dynamodb, papers, registry, sessions
from schoolpoort.papers import Kind
from schoolpoort.settings import require
from tests.browser.test_agreement_walk import _newest
from tests.browser.test_pages import _SHOTS, _check, _sign_in
from tests.login.test_groups import _given
from tests.login.test_pupils import group_of
from tests.signed_in import signed_in

pytestmark = pytest.mark.browser

_SINGLE = "90002"
_DIRECTOR = ("Wytske d’Łord", "w.dlord@hogeesch.example")
_SUFFIX = {"nl": "", "en": "-en"}


def _agreements(board_number: str) -> list[dict[str, Any]]:
    found = dynamodb.query(
        require("AGREEMENTS_TABLE"),
        "board_number = :b AND begins_with(item_key, :p)",
        values={":b": board_number, ":p": "agreement#"},
    )
    return sorted(found, key=lambda one: one["recorded_at_epoch_s"])


def _act(
    house: House, account_id: str, agreement: dict[str, Any], name: str, **fields: str
) -> None:
    desk = signed_in(house, account_id, "helpdesk", "helpdesk")
    path = f"/helpdesk/agreements/{agreement['agreement_id']}/{name}"
    assert desk.post(path, {"board_number": agreement["board_number"], **fields}).status == 303


def _browser_of(screen: BrowserContext, visitor: Visitor) -> Page:
    """Open a page in which somebody is signed in already."""
    secret = visitor.cookies[sessions.COOKIE_NAME]
    place = "https://localhost/"
    screen.add_cookies(
        [{"name": sessions.COOKIE_NAME, "value": secret, "url": place, "secure": True}]
    )
    return screen.new_page()


def _offer(house: House, board_number: str) -> None:
    form = {
        "board_number": board_number,
        "scope": "all",
        "director_name": _DIRECTOR[0],
        "director_function": "voorzitter",
        "director_address": _DIRECTOR[1],
        "contact_address": "bestuur@hogeesch.example",
        "effective_from": coverage.amsterdam_day(clock.now_epoch_s()).isoformat(),
    }
    desk = signed_in(house, "8001", "helpdesk", "helpdesk")
    assert desk.post("/helpdesk/agreements/offers", form).status == 303


def _sign(screen: BrowserContext, house: House, name: str) -> Page:
    page = screen.new_page()
    page.goto(_newest(house, _DIRECTOR[1], r"(/agreement/\d+)"))
    page.get_by_role("button", name="Stuur mij een code").click()
    page.fill("#code", _newest(house, _DIRECTOR[1], r"\b(\d{4} \d{4})\b"))
    page.get_by_role("button", name="Open de overeenkomst").click()
    expect(page.get_by_role("heading", name="Teken op het scherm")).to_be_visible()
    _check(page, f"{name}-1-read")
    page.fill("#name", _DIRECTOR[0])
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Tekenen", exact=True).click()
    expect(page.get_by_text("Je hebt getekend")).to_be_visible()
    return page


def _confirm(house: House, agreement: dict[str, Any]) -> None:
    call = {"authority": "extract", "call_back": "Balie, 0599-000002: heeft zelf getekend"}
    _act(house, "8001", agreement, "verify", **call)
    _act(house, "8002", agreement, "confirm")


def _sealed(house: House, agreement: dict[str, Any]) -> bytes:
    """Return the paper that both sides signed; a seal is set apart from Playwright's own loop."""
    house.pump_until_idle()
    known = papers.of_agreement(agreement["board_number"], agreement["agreement_id"])
    [paper] = [one for one in known if one.kind is Kind.COUNTERSIGNED]
    assert paper.state is papers.State.READY
    address = papers.download_address(paper, "paper.pdf")
    target = "/" + address.partition("//")[2].partition("/")[2]
    answer = local_server.answer(house, HttpRequest("GET", target, (), b"", "127.0.0.1"))
    return answer.body


def _pages_of(content: bytes) -> int:
    """Return how many pages a PDF has; the last is the proof of signing."""
    return len(PdfReader(io.BytesIO(content)).pages)


def _picture(content: bytes, name: str, page: int, folder: Path) -> None:
    """Draw a page of a PDF, where there is a program that can, and keep it when asked."""
    program = shutil.which("pdftoppm")
    if program is None:
        return
    source, target = folder / f"{name}.pdf", folder / name
    source.write_bytes(content)
    places = ["-f", str(page), "-l", str(page), "-r", "70", "-png", "-singlefile"]
    subprocess.run([program, *places, str(source), str(target)], check=True)  # noqa: S603 - our own file
    drawn = target.with_suffix(".png")
    assert drawn.stat().st_size > 5_000
    if os.environ.get("SCHOOLPOORT_SCREENSHOTS"):
        shutil.copy(drawn, _SHOTS / f"{name}-page-{page}.png")


def test_a_board_of_one_school_signs(screen: BrowserContext, house: House, tmp_path: Path) -> None:
    """From the offer to the paper with our seal, in the name of the board."""
    _offer(house, _SINGLE)
    director = _sign(screen, house, "single-board")
    [agreement] = _agreements(_SINGLE)
    _confirm(house, agreement)
    content = _sealed(house, agreement)
    director.reload()
    expect(director.get_by_text("De overeenkomst is bevestigd")).to_be_visible()
    _check(director, "single-board-2-confirmed")
    [place] = registry.locations_of_board(_SINGLE)
    assert coverage.of_school(place.school_id).periods[0].state.is_covered
    board = _browser_of(screen, signed_in(house, "9201", f"board#{_SINGLE}", "board"))
    board.goto("/board/papers")
    _check(board, "single-board-3-papers")
    for page in (1, _pages_of(content)):
        _picture(content, "single-board-paper", page, tmp_path)
    assert house.failures == []


def test_a_new_model_takes_the_place_of_the_old(
    screen: BrowserContext, house: House, tmp_path: Path
) -> None:
    """3.0 runs until 4.0 is confirmed, and the board sees both."""
    first, second = (signed_in(house, one, "helpdesk", "helpdesk") for one in ("8001", "8002"))
    form = {**seed.agreement_form(_SINGLE, "2020-08-01"), "model": "3.0"}
    assert first.post("/helpdesk/agreements", form).status == 303
    [old] = _agreements(_SINGLE)
    path = f"/helpdesk/agreements/{old['agreement_id']}/activate"
    assert second.post(path, {"board_number": _SINGLE}).status == 303
    house.move_clock(3600)
    _offer(house, _SINGLE)
    _sign(screen, house, "renewal")
    board = _browser_of(screen, signed_in(house, "9201", f"board#{_SINGLE}", "board"))
    board.goto("/board/agreements")
    _check(board, "renewal-2-signed")
    _confirm(house, _agreements(_SINGLE)[-1])
    content = _sealed(house, _agreements(_SINGLE)[-1])
    board.reload()
    expect(board.get_by_text("Vervangen", exact=True)).to_be_visible()
    _check(board, "renewal-3-replaced")
    before, after = _agreements(_SINGLE)
    assert (before["state"], after["state"]) == ("superseded", "active")
    assert before["ends_on"] == after["effective_from"]
    _picture(content, "renewal-paper", 1, tmp_path)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_end_is_told_beforehand_on_four_pages(
    screen: BrowserContext, house: House, language: str
) -> None:
    """The pages of the school and of the board say from which day nothing works."""
    [agreement] = _agreements(seed.BOARD)
    today = coverage.amsterdam_day(clock.now_epoch_s())
    ends_on = today + dt.timedelta(days=20)
    _act(house, "8001", agreement, "notice", ends_on=ends_on.isoformat())
    house.pump_until_idle()
    words = {"nl": f"{ends_on:%d-%m-%Y}", "en": f"{ends_on:%d-%m-%Y}"}[language]
    for address, paths in (
        ("n.thart@regenboog.example", ("/console", "/console/roster")),
        ("j.vanderwilg@wilgendam.example", ("/board", "/board/agreements")),
    ):
        page = _sign_in(screen, address)
        for path in paths:
            page.goto(f"{path}?lang={language}")
            expect(page.locator("main .notice").filter(has_text=words).first).to_be_visible()
            _check(page, f"{path.strip('/').replace('/', '-')}-ends{_SUFFIX[language]}")
        screen.clear_cookies()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("role", ["teacher", "trainee", "support_staff"])
def test_a_group_is_whole_for_each_who_was_given_it(
    screen: BrowserContext, house: House, role: str, language: str
) -> None:
    """Who only looks on has no button; nobody's page scrolls sideways."""
    place = registry.location("99AA00")
    assert place
    group = group_of(place.school_id, "Groep 3")
    grants = _given(role, group)
    who = signed_in(house, "815", f"school#{place.school_id}", role, grants=grants)
    page = _browser_of(screen, who)
    page.goto(f"/groups/{group}?lang={language}")
    expect(page.locator("#pupils, table").first).to_be_visible()
    _check(page, f"group-of-{role}{_SUFFIX[language]}")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_transfer_and_a_board_that_is_gone_are_looked_into(
    screen: BrowserContext, house: House, language: str
) -> None:
    """A grace for the school that moved; a takeover of the agreement that was left behind."""
    [moved] = [one for one in registry.locations_of_board(seed.BOARD) if one.brin6 == "99AC00"]
    today = coverage.amsterdam_day(clock.now_epoch_s())
    key = {"entry": "location#99AC00"}
    stored = dynamodb.get(require("REGISTRY_TABLE"), key)
    assert stored
    dynamodb.put(require("REGISTRY_TABLE"), {**stored, "board_number": "90004"})
    item: dict[str, object] = {"state": "confirmed", "board_number": seed.BOARD}
    item["meaning"] = "transfer"
    item |= {"effective_on": (today - dt.timedelta(days=1)).isoformat()}
    item |= {"decided_at_epoch_s": clock.now_epoch_s() - 90_000}
    school = {"kind": "M3", "before": seed.BOARD, "after": "90004", "codes": ["99AC00"]}
    gone = {"kind": "M1", "before": "Wilgendam", "after": "", "codes": []}
    for number, said in (("77", school), ("78", gone)):
        entry = {"entry": f"change#{number}", "change_id": number, **item, **said}
        dynamodb.put(require("REGISTRY_TABLE"), entry)
    house.invoke("DpaClockFunction", {"job": "day"})
    house.pump_until_idle()
    assert not coverage.coverage_on(coverage.of_school(moved.school_id), today).is_covered
    desk = _browser_of(screen, signed_in(house, "8001", "helpdesk", "helpdesk"))
    desk.goto(f"/helpdesk/agreements/reviews?lang={language}")
    desk.locator("main a[href*='reviews?change=']").first.click()
    _check(desk, f"transfer-1-review{_SUFFIX[language]}")
    desk.select_option("#brin6", "99AC00")
    desk.fill("#until", (today + dt.timedelta(days=20)).isoformat())
    desk.fill("#legal_basis", "Overdrachtsakte van 20 november")
    desk.locator("#legal_basis").locator("xpath=ancestor::form").locator("button").click()
    expect(desk.locator("main .notice--success")).to_be_visible()
    _check(desk, f"transfer-2-proposed{_SUFFIX[language]}")
    [agreement] = _agreements(seed.BOARD)
    assert agreement["state"] == "transfer_review"
    desk.goto(f"/helpdesk/agreements/{agreement['agreement_id']}?board={seed.BOARD}")
    desk.locator("details:has(#proposal) summary").click()
    desk.select_option("#proposal", "takeover")
    desk.fill("#proposal_reason", "Stichting De Molenwiek neemt alle scholen over.")
    desk.fill("#legal_basis", "Fusieakte van 20 november")
    desk.fill("#ends_on", today.isoformat())
    _check(desk, f"takeover-1-case{_SUFFIX[language]}")
    desk.locator("details:has(#proposal) button").click()
    expect(desk.locator("main .notice--success")).to_be_visible()
    _check(desk, f"takeover-2-proposed{_SUFFIX[language]}")
    assert house.failures == []
