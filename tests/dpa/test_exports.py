"""A signature made in Kennisnet's service is recorded by the file that the service exported."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from dpa import agreement_moves
from dpa.agreement import EvidenceClass
from dpa.agreement_guards import Refusal
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import State
from infra.local.visitor import Visitor
from schoolpoort import paper_requests, papers
from schoolpoort.paper_requests import Recording
from schoolpoort.papers import Kind, Paper
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, CONFIRMER, NOON, agreement
from tests.dpa.sending import post_file
from tests.dpa.test_signed_papers import fetch
from tests.papers import files

_PLACE = "/helpdesk/agreements/exports"


def _of_kind(kind: Kind, board_number: str = BOARD) -> list[Paper]:
    return [one for one in papers.of_board(board_number) if one.kind is kind]


def _the_agreement(desk: Desk) -> dict[str, Any]:
    (stored,) = desk.agreements()
    return stored


def test_the_export_is_kept_with_the_agreement(desk: Desk) -> None:
    """Its fingerprint stands in the agreement and in the event of the signature."""
    assert desk.record(evidence="central_service").status == 303
    stored, (export,) = _the_agreement(desk), _of_kind(Kind.EXPORT)
    assert export.sha256 == hashlib.sha256(files.scan()).hexdigest()
    assert (stored["export_id"], stored["export_sha256"]) == (export.paper_id, export.sha256)
    assert stored["agreement_id"] == export.agreement_id
    (signed,) = [
        one["event"]["evidence"]
        for one in desk.items(BOARD, "event#")
        if one["event"]["move"] == "A05"
    ]
    assert (signed["paper_id"], signed["paper_sha256"]) == (export.paper_id, export.sha256)
    assert signed["evidence_class"] == "central_service"


def test_the_second_person_opens_the_same_file(desk: Desk) -> None:
    """It stands in the queue with its fingerprint, and again after the confirmation."""
    desk.record(evidence="central_service")
    (export,) = _of_kind(Kind.EXPORT)
    colleague = desk.helpdesk(CONFIRMER)
    address = f"/helpdesk/papers/{BOARD}/{export.paper_id}"
    for _ in range(2):
        shown = colleague.get("/helpdesk/agreements").text
        assert address in shown
        assert export.sha256[:16] in shown
        assert "dienst van Kennisnet" in shown
        case = f"/helpdesk/agreements/{export.agreement_id}?board={BOARD}"
        assert address in colleague.get(case).text
        assert fetch(desk, colleague.get(address).location) == files.scan()
        desk.confirm()


def test_what_two_people_confirmed_cannot_be_removed_for_years(desk: Desk) -> None:
    """The copy is locked; nothing is while only one person has seen it."""
    desk.record(evidence="central_service")
    assert _of_kind(Kind.RECORD) == []
    desk.confirm()
    desk.house.pump_until_idle()
    (kept,) = _of_kind(Kind.RECORD)
    assert kept.sha256 == _the_agreement(desk)["export_sha256"]
    assert (
        kept.locked_until_epoch_s == _the_agreement(desk)["confirmed_at_epoch_s"] + 7 * 366 * 86_400
    )


def test_a_record_that_a_crash_kept_away_comes_with_the_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking again makes no second one."""
    from dpa import ledger

    desk.record(evidence="central_service")
    monkeypatch.setattr(ledger, "seal", lambda _: None)
    desk.confirm()
    monkeypatch.undo()
    desk.house.pump_until_idle()
    assert _of_kind(Kind.RECORD) == []
    for _ in range(2):
        desk.house.invoke("DpaClockFunction", {"job": "day"})
        desk.house.pump_until_idle()
    assert len(_of_kind(Kind.RECORD)) == 1


@pytest.mark.parametrize(
    ("language", "words", "paper_words"),
    [
        (
            "nl",
            "handtekening gezien in de dienst van Kennisnet",
            "Getekend in de dienst van Kennisnet",
        ),
        ("en", "signature seen in Kennisnet's service", "Signed in Kennisnet's service"),
    ],
)
def test_the_board_sees_the_class_and_has_the_file(
    desk: Desk, language: str, words: str, paper_words: str
) -> None:
    """Not flattened to "signed", and with the export to open; another board sees none of it."""
    desk.sign(evidence="central_service")
    desk.house.pump_until_idle()
    (kept,) = _of_kind(Kind.RECORD)
    director = desk.director()
    assert words in director.get(f"/board/agreements?lang={language}").text
    shown = director.get(f"/board/papers?lang={language}").text
    assert paper_words in shown
    address = f"/board/papers/{kept.paper_id}"
    assert address in shown
    assert fetch(desk, director.get(address).location) == files.scan()
    assert desk.director(OTHER_BOARD, "9002").get(address).status == 404


def test_the_zip_of_the_board_has_the_export_and_what_was_seen_on_it(desk: Desk) -> None:
    """With the class of the evidence and the fingerprint in the list."""
    desk.sign(evidence="central_service")
    desk.house.pump_until_idle()
    director = desk.director()
    asked = director.post("/board/papers").location
    desk.house.pump_until_idle()
    bundle = asked.partition("?all=")[2]
    content = fetch(desk, director.get(f"/board/papers/{bundle}").location)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (listed,) = json.loads(archive.read("overeenkomsten.json"))
        name = f"kennisnet-{_the_agreement(desk)['agreement_id']}.pdf"
        assert set(archive.namelist()) == {name, "overeenkomsten.json", "LEESMIJ.txt"}
        assert archive.read(name) == files.scan()
    sha256 = hashlib.sha256(files.scan()).hexdigest()
    assert listed["export_sha256"] == listed["files"][0]["sha256"] == sha256
    (signed,) = listed["signatures"]
    assert (signed["evidence_class"], signed["name"]) == ("central_service", "Bas Buis")
    assert signed["reference"] == "VO-2024-001"


# --- without it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Het exportbestand ontbreekt"), ("en", "The export is missing")],
)
@pytest.mark.parametrize("paper", ["", "1-export-1", "1-upload-1", "onzin", "²-export-1"])
def test_without_the_export_nothing_is_recorded(
    desk: Desk, language: str, words: str, paper: str
) -> None:
    """The page says so and has the form for the file."""
    visitor = desk.helpdesk()
    visitor.get(f"{_PLACE}?lang={language}")
    answer = desk.record(visitor, evidence="central_service", paper=paper)
    assert answer.status == 400
    assert words in answer.text
    assert 'type="file"' in answer.text
    assert desk.items() == desk.items("waiting") == []


def test_the_export_of_another_board_is_none_of_this_board(desk: Desk) -> None:
    """A file counts for the board that it was sent in for."""
    visitor = desk.helpdesk()
    paper = desk.send_export(visitor, OTHER_BOARD)
    assert desk.record(visitor, evidence="central_service", paper=paper).status == 400
    assert visitor.get(f"{_PLACE}?board={BOARD}&paper=onzin").status == 404
    assert desk.items() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (files.with_script(files.scan()), "script"),
        (files.with_file_inside(files.scan()), "ander bestand"),
        (files.with_password(files.scan()), "wachtwoord"),
        (files.with_zip(files.scan()), "tegelijk"),
        (b"MZ geen papier", "geen pdf en geen foto"),
    ],
    ids=["script", "file-inside", "password", "two-kinds", "no-paper"],
)
def test_a_file_that_could_do_harm_is_no_export(desk: Desk, content: bytes, words: str) -> None:
    """The reason stands on the page with the form for another file, and nothing can be recorded."""
    visitor = desk.helpdesk()
    paper = desk.send_export(visitor, BOARD, content)
    shown = visitor.get(f"{_PLACE}?board={BOARD}&paper={paper}").text
    assert words in shown
    assert 'type="file"' in shown
    assert desk.record(visitor, evidence="central_service", paper=paper).status == 400
    assert desk.items() == []


def test_the_page_waits_until_the_file_was_looked_at(desk: Desk) -> None:
    """It renews itself, and then asks what stands in the file."""
    visitor = desk.helpdesk()
    form = visitor.get(f"{_PLACE}?board={BOARD}").text
    landed = post_file(desk.house, form, files.scan())
    here = landed[landed.index(_PLACE) :]
    assert visitor.get(here).headers["refresh"] == "3"
    desk.house.pump_until_idle()
    ready = visitor.get(here)
    assert "refresh" not in ready.headers
    assert 'name="signatory"' in ready.text


def test_a_wrong_field_leaves_the_export_where_it_is(desk: Desk) -> None:
    """What was typed stands beside the file; it need not be sent again."""
    visitor = desk.helpdesk()
    paper = desk.send_export(visitor)
    answer = desk.record(visitor, evidence="central_service", paper=paper, signatory="")
    assert answer.status == 400
    assert paper in answer.text
    assert "naam van de bestuurder" in answer.text
    assert 'value="VO-2024-001"' in answer.text


def test_an_export_is_one_agreement(desk: Desk) -> None:
    """A double click records once, and after the confirmation it is still that one."""
    visitor = desk.helpdesk()
    paper = desk.send_export(visitor)
    for _ in range(2):
        assert desk.record(visitor, evidence="central_service", paper=paper).status == 303
    desk.confirm()
    assert desk.record(visitor, evidence="central_service", paper=paper).status == 303
    assert _the_agreement(desk)["state"] == "active"


def test_a_board_number_is_asked_first(desk: Desk) -> None:
    """And one that DUO does not have is told so."""
    visitor = desk.helpdesk()
    assert 'name="board"' in visitor.get(_PLACE).text
    assert "staat niet in de besturenlijst" in visitor.get(f"{_PLACE}?board=99999").text
    assert Visitor(desk.house.call).get(_PLACE).status == 303


def test_no_move_makes_a_signature_there_count_without_its_export() -> None:
    """Neither the record nor, for one that is older than this rule, the confirmation."""
    central = agreement(evidence_class=EvidenceClass.CENTRAL_SERVICE)
    with pytest.raises(MoveRefused) as at_record:
        agreement_moves.recorded(replace(central, state=State.DRAFT))
    with pytest.raises(MoveRefused) as at_confirmation:
        agreement_moves.confirmed(replace(central, state=State.VERIFYING), CONFIRMER, NOON)
    assert at_record.value.refusal is at_confirmation.value.refusal is Refusal.EVIDENCE_MISSING


def test_only_an_export_of_this_agreement_is_kept_as_its_record(desk: Desk) -> None:
    """A message that names another paper ends in a refusal, not in a locked file."""
    export_id = desk.send_export(desk.helpdesk())
    paper_requests.keep_record(
        Recording(BOARD, "900", export_id, "4.0", "Bas Buis", "central_service", "", "", "", NOON)
    )
    desk.house.pump_until_idle()
    (refused,) = _of_kind(Kind.RECORD)
    assert (refused.state, refused.refusal) == (papers.State.REFUSED, papers.Refusal.PAPER_MISSING)
