"""The coordinator's page of the record, its file, and what stands in it."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.house import House
from infra.local.visitor import Visitor
from login import audit, event_export, event_pages, seal_store, sealer
from schoolpoort import clock, dynamodb
from schoolpoort.settings import require
from tests.signed_in import signed_in

PLACE = "/console/events"
FILE = "/console/events/file?from=2026-01-01&to=2037-01-01&format="
SCHOOL = "school#4242"


@pytest.fixture
def coordinator(house: House) -> Visitor:
    """Somebody who looks after who gets in at an invented school."""
    return signed_in(house, "902", SCHOOL, "ict_coordinator")


def write(house: House, count: int = 1, **values: Any) -> list[dict[str, Any]]:
    """Let staff of the school sign in some time ago."""
    made = []
    for number in range(count):
        said: dict[str, Any] = {
            "action": "sign_in",
            "outcome": "done",
            "reason": "signed_in",
            "account_id": "902",
            "scope": SCHOOL,
            "at_epoch_s": clock.now_epoch_s() - 1000 + number,
        }
        made.append(audit.event(nonce=f"{number}-{values}", **(said | values)))
        dynamodb.put(require("SIGN_IN_EVENTS_TABLE"), audit.stored(made[-1]))
        address = audit.address_row(made[-1])
        if address:
            dynamodb.put(require("SIGN_IN_ADDRESSES_TABLE"), address)
    return made


def seal() -> None:
    """Seal both streams of the school."""
    for stream in (audit.staff_stream("4242"), audit.pupils_stream("4242")):
        sealer.seal_stream(stream, now_epoch_s=clock.now_epoch_s())


def test_the_page_says_in_words_what_happened(house: House, coordinator: Visitor) -> None:
    """Names instead of numbers, refusals with why, in both languages."""
    write(house, outcome="refused", reason="wrong")
    page = coordinator.get(PLACE)
    assert page.status == 200
    for part in ("Hanna Hulp", "Ingelogd", "Geweigerd", "niet juist"):
        assert part in page.text
    assert "Record of sign-ins" in coordinator.get(f"{PLACE}?lang=en").text


def test_an_empty_record_says_so(coordinator: Visitor) -> None:
    """And it is whole."""
    assert "Er is nog niets gebeurd" in coordinator.get(PLACE).text
    assert "Het logboek is heel" in coordinator.get(f"{PLACE}?check=1").text


def test_a_school_sees_its_own_record_only(house: House, coordinator: Visitor) -> None:
    """Neither the page nor the file shows another school's events."""
    write(house, scope="school#77", account_id="9077")
    assert "9077" not in coordinator.get(PLACE).text
    assert "9077" not in coordinator.get(f"{FILE}csv").text
    assert "9077" not in coordinator.get(f"{FILE}json").text


def test_a_check_says_that_the_record_is_whole_and_when_not(
    house: House, coordinator: Visitor
) -> None:
    """One event that is gone, and the page says what to do."""
    made = write(house, 3)
    write(house, 2, account_id="pupil-3", pupil_at="school", reason="picture")
    seal()
    page = coordinator.get(f"{PLACE}?check=1").text
    assert "Het logboek is heel" in page
    assert "5 gebeurtenissen zijn verzegeld" in page
    key = {"stream": made[1]["stream"], "event_id": made[1]["event_id"]}
    dynamodb.delete(require("SIGN_IN_EVENTS_TABLE"), key)
    page = coordinator.get(f"{PLACE}?check=1").text
    assert "Het logboek is niet heel" in page
    assert "Op één plek" in page


def test_the_file_for_a_spreadsheet(house: House, coordinator: Visitor) -> None:
    """A row an event, with where staff came from, and of a pupil only the kind of place."""
    write(house, source_ip="192.0.2.7")
    write(house, account_id="pupil-3", pupil_at="home", source_ip="192.0.2.8", reason="picture")
    answer = coordinator.get(f"{FILE}csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    found = {row["who"]: (row["address"], row["place"], row["reason"]) for row in rows}
    assert found == {
        "902": ("192.0.2.7", "", "signed_in"),
        "pupil-3": ("", "home", "picture"),
    }
    assert "192.0.2.8" not in answer.text


def test_what_expired_is_neither_shown_nor_exported(house: House, coordinator: Visitor) -> None:
    """Before the store takes it away it is gone already for every reader."""
    write(house, account_id="9055")
    house.move_clock(audit.KEEP_S)
    late = signed_in(house, "902", SCHOOL, "ict_coordinator")
    assert "9055" not in late.get(f"{FILE}csv").text
    assert "Er is nog niets gebeurd" in late.get(PLACE).text


@pytest.mark.parametrize("query", ["", "?from=x&to=y", "?from=2026-02-02&to=2026-02-01", "?from="])
def test_a_period_that_is_none_is_asked_again(coordinator: Visitor, query: str) -> None:
    """The page says which days are wanted."""
    answer = coordinator.get(f"/console/events/file{query}")
    assert answer.status == 400
    assert "Welke dagen?" in answer.text


def test_far_days_do_no_harm(coordinator: Visitor) -> None:
    """The first and last days that exist, and a format that does not."""
    assert coordinator.get("/console/events/file?from=0001-01-01&to=9998-12-31").status == 200
    assert coordinator.get("/console/events/file?from=0001-01-01&to=9999-12-31").status == 400
    assert coordinator.get(f"{FILE}pdf").status == 400


def test_more_than_fits_is_told(
    house: House, coordinator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut off unseen."""
    monkeypatch.setattr(event_pages, "MOST_IN_A_FILE", 2)
    write(house, 3)
    answer = coordinator.get(f"{FILE}csv")
    assert answer.status == 400
    assert "Kies minder dagen" in answer.text


def test_the_file_is_for_who_showed_lately_who_he_is(house: House) -> None:
    """Taking the record away is a sensitive act."""
    visitor = signed_in(house, "902", SCHOOL, "ict_coordinator")
    house.move_clock(1000)
    assert visitor.get(f"{FILE}csv").location.startswith("/account/confirm")


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    """Whatever stands in a cell, a spreadsheet shows it."""
    cell = event_export.harmless(text)
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
    assert cell.removeprefix("'") == text.removeprefix("'")


def _documented() -> dict[str, Any]:
    """Return what the program of the document defines."""
    text = Path(__file__).parents[2].joinpath("docs/record.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found
    program: dict[str, Any] = {"__name__": "checked"}
    exec(compile(found[1], "docs/record.md", "exec"), program)  # noqa: S102 - our own document
    return program


def test_a_file_can_be_checked_with_the_document_alone(house: House, coordinator: Visitor) -> None:
    """The program in docs/record.md finds a whole file whole, and every harm in it."""
    check = _documented()["check"]
    write(house, 4)
    write(house, 2, account_id="pupil-3", pupil_at="school", reason="picture")
    seal()
    exported = coordinator.get(f"{FILE}json").text
    assert check(json.loads(exported)) == []
    assert len(json.loads(exported)["streams"][0]["events"]) >= 4
    for harm in _HARMS:
        found = json.loads(exported)
        harm(found["streams"][0])
        assert check(found) != []


_HARMS: tuple[Callable[[Any], object], ...] = (
    lambda one: one["events"].pop(0),
    lambda one: one["events"][0].update(outcome="refused"),
    lambda one: one["seals"][0]["entries"].pop(0),
    lambda one: one["seals"].pop(),
    lambda one: one["head"].update(hash="0" * 64),
)


# --- every attempt and every change ----------------------------------------------------------


def latest(scope: str) -> dict[str, Any]:
    """Return the latest event of a school's staff."""
    return seal_store.latest_events(scope, 1)[0]


@pytest.mark.parametrize(
    ("form", "action"),
    [
        ({"action": "add", "network": "145.20.30.0/28"}, "network_added"),
        ({"action": "confirm", "cidr": "145.20.30.0/28"}, "network_confirmed"),
        ({"action": "remove", "cidr": "145.20.30.0/28"}, "network_removed"),
        ({"action": "enrol", "name": "tablet"}, "device_enrolled"),
        ({"action": "remove_device", "ref": "f" * 64}, "device_removed"),
    ],
)
def test_a_change_of_places_stands_in_the_record(
    house: House, form: dict[str, str], action: str
) -> None:
    """Who changed where pupils come in, without the network's address."""
    visitor = signed_in(house, "902", SCHOOL, "ict_coordinator")
    visitor.post("/console/networks", {"action": "add", "network": "145.20.30.0/28"})
    house.move_clock(5)
    assert visitor.post("/console/networks", form).status == 303
    event = latest(SCHOOL)
    assert (event["action"], event["outcome"], event["account_id"]) == (action, "done", "902")
    assert "145.20.30" not in str(event)


def test_what_was_never_there_is_no_change(house: House, coordinator: Visitor) -> None:
    """Removing a network twice, or one that is none, records nothing."""
    for action in ("remove", "confirm"):
        form = {"action": action, "cidr": "145.20.30.0/28"}
        assert coordinator.post("/console/networks", form).status == 303
    assert seal_store.latest_events(SCHOOL, 1) == []
