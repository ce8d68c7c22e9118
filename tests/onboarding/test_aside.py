"""What was set aside of DUO's lists: let in, merged or rejected by a person, and remembered."""

import re

import pytest

from infra.local.visitor import Answer
from onboarding import aside_store
from schoolpoort import registry
from tests.onboarding.desk import Desk
from tests.onboarding.lists import BOARD, Cells, boards, location, locations, text

PAGE = "/helpdesk/registry/aside"


def _rows(**changed: str) -> list[Cells]:
    """Return twenty schools and a row more, which is changed."""
    return [*(location(number) for number in range(20)), {**location(20), **changed}]


def _bring(desk: Desk, **changed: str) -> int:
    record = desk.bring(text(_rows(**changed)).encode())
    return int(record["aside"])


def _say(desk: Desk, decision: str, note: str = "Gebeld met DUO", **fields: str) -> Answer:
    """Say something of the one row that waits."""
    [row] = aside_store.waiting()
    filled = {name: row.values.get(name) or "" for name in row.fields} | fields
    place = f"{PAGE}/{row.aside_id}"
    return desk.helpdesk().post(place, {**filled, "decision": decision, "note": note})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"VESTIGINGSCODE": "12AV0"}, "geen BRIN met een locatie"),
        ({"VESTIGINGSNAAM": " "}, "De naam ontbreekt"),
        ({"PLAATSNAAM": " "}, "De plaats ontbreekt"),
        ({"BEVOEGD GEZAG NUMMER": "402"}, "bestuursnummer ontbreekt"),
        ({"INSTELLINGSCODE": "12AB", "VESTIGINGSCODE": "12AB00"}, "dezelfde code"),
        ({"INSTELLINGSCODE": "90XA", "VESTIGINGSCODE": "90XA00"}, "een eigen code"),
    ],
)
def test_a_row_is_set_aside_with_the_reason(
    desk: Desk, changed: dict[str, str], words: str
) -> None:
    """The import says how many, and the page why, with what the row says."""
    assert _bring(desk, **changed) == 1
    assert words in desk.helpdesk().get(PAGE).text
    assert "1 regel is apart gezet" in desk.helpdesk().get("/helpdesk/registry").text


def test_a_row_is_let_in_with_what_was_missing(desk: Desk) -> None:
    """At once, with an id of its own that the next list with the same row leaves alone."""
    _bring(desk, PLAATSNAAM=" ")
    assert _say(desk, "release").status == 400
    assert _say(desk, "release", place="VLIEGERDAM").location == f"{PAGE}?done=release"
    found = registry.location("12AV00")
    assert found is not None
    assert (found.place, found.board_number) == ("VLIEGERDAM", "04002")
    assert _bring(desk, PLAATSNAAM=" ") == 0
    assert registry.location("12AV00") == found
    assert desk.record("latest")["missing"] == 0


def test_a_second_row_of_a_code_is_merged(desk: Desk) -> None:
    """What it says stands under the id that the school has, also after the next list."""
    twice = {"INSTELLINGSCODE": "12AB", "VESTIGINGSCODE": "12AB00", "TELEFOONNUMMER": "010"}
    _bring(desk, **twice)
    before = registry.location("12AB00")
    assert "heeft deze code al" in _say(desk, "release").text
    assert _say(desk, "merge").location == f"{PAGE}?done=merge"
    after = registry.location("12AB00")
    assert before is not None
    assert after is not None
    assert (after.phone, after.school_id) == ("010", before.school_id)
    assert _bring(desk, **twice) == 0
    assert registry.location("12AB00") == after


def test_a_rejected_row_stays_out_and_is_not_asked_about_again(desk: Desk) -> None:
    """The reason is kept with who gave it; another row of the same school is asked about."""
    _bring(desk, VESTIGINGSNAAM=" ")
    assert _say(desk, "reject", note=" ").status == 400
    [row] = aside_store.waiting()
    assert _say(desk, "reject").location == f"{PAGE}?done=reject"
    [said] = aside_store.said_of([row])
    assert (said.note, said.account_id, said.decision) == ("Gebeld met DUO", "8001", "reject")
    assert _bring(desk, VESTIGINGSNAAM=" ") == 0
    assert registry.location("12AV00") is None
    assert _bring(desk, VESTIGINGSNAAM=" ", PLAATSNAAM="ELDERS") == 1


def test_what_the_next_list_has_right_is_not_asked_about_any_more(desk: Desk) -> None:
    """The row goes from the desk by itself; that of another list stays."""
    _bring(desk, PLAATSNAAM=" ")
    nameless = {**BOARD, "BEVOEGD GEZAG NUMMER": "40002", "BEVOEGD GEZAG NAAM": " "}
    rows = [{**BOARD, "BEVOEGD GEZAG NUMMER": "40001"}, nameless]
    desk.bring(text(rows, delimiter=",", quoted=True).encode("utf-8-sig"))
    assert len(aside_store.waiting()) == 2
    assert _bring(desk) == 0
    assert _say(desk, "release", board_name="Stichting Elders").location.endswith("release")
    found = registry.board("40002")
    assert found is not None
    assert found.name == "Stichting Elders"


def test_a_short_list_comes_in_when_a_person_says_that_it_is_right(desk: Desk) -> None:
    """Exactly that file, once more; what ends schools still waits for a decision."""
    desk.bring(locations(20))
    short = locations(10)
    assert desk.bring(short)["outcome"] == "refused"
    shown = desk.helpdesk().get(PAGE).text
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', shown)
    assert digest
    form = {"sha256": digest[1], "note": "DUO bevestigt het"}
    assert desk.helpdesk().post(PAGE, {**form, "note": ""}).status == 400
    assert desk.helpdesk().post(PAGE, {**form, "sha256": "0"}).status == 404
    assert desk.helpdesk().post(PAGE, form).location == f"{PAGE}?done=list"
    assert desk.bring(locations(9))["outcome"] == "refused"
    record = desk.bring(short)
    assert (record["outcome"], record["waiting"]) == ("applied", 10)
    assert registry.location("12AT00") is not None


def test_a_row_that_somebody_decided_about_is_gone(desk: Desk) -> None:
    """Who presses second is told, and nothing is written twice."""
    _bring(desk, PLAATSNAAM=" ")
    [row] = aside_store.waiting()
    _say(desk, "reject")
    place = f"{PAGE}/{row.aside_id}"
    form = {"decision": "release", "note": "x", "place": "DAM"}
    assert desk.helpdesk().post(place, form).status == 404
    assert desk.bring(boards("40000"))["aside"] == 0
