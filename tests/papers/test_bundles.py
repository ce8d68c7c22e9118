"""Everything that a board signed in one file, and nothing of anybody else."""

import hashlib
import io
import json
import zipfile
from typing import Any

from infra.local.house import House
from schoolpoort import papers
from schoolpoort.papers import Kind, Refusal, State
from tests.papers import files
from tests.papers.samples import BOARD, CONFIRMED_AT, OTHER_BOARD, offer
from tests.papers.workshop import Workshop


def _other_offer() -> Any:
    from dataclasses import replace

    usual = offer(agreement_id="77")
    return replace(usual, board=replace(usual.board, board_number=OTHER_BOARD))


def _signed(workshop: Workshop) -> None:
    offered = workshop.offer(offer())
    sheet = workshop.upload(files.scan(2))
    workshop.countersign(offered, sheet)
    workshop.countersign(workshop.offer(_other_offer()))


def _zip_of(workshop: Workshop, board_number: str = BOARD) -> zipfile.ZipFile:
    director = workshop.director(board_number)
    asked = director.post("/board/papers")
    workshop.work()
    page = director.get(asked.location)
    [bundle] = [one for one in papers.of_board(board_number) if one.kind is Kind.BUNDLE]
    assert f"/board/papers/{bundle.paper_id}" in page.text
    sent = director.get(f"/board/papers/{bundle.paper_id}")
    return zipfile.ZipFile(io.BytesIO(workshop.fetch(sent.location).body))


def test_the_zip_holds_the_papers_and_how_they_were_signed(workshop: Workshop) -> None:
    """Each PDF, each sheet, our certificate, and a list with class, signatory, day and hashes."""
    _signed(workshop)
    with _zip_of(workshop) as archive:
        assert set(archive.namelist()) == {
            f"overeenkomst-{offer().agreement_id}.pdf",
            f"tekenblad-{offer().agreement_id}.pdf",
            "zegel-1.cer",
            "overeenkomsten.json",
            "LEESMIJ.txt",
        }
        [listed] = json.loads(archive.read("overeenkomsten.json"))
        for file in listed["files"]:
            assert hashlib.sha256(archive.read(file["name"])).hexdigest() == file["sha256"]
        certificate = hashlib.sha256(archive.read("zegel-1.cer")).hexdigest()
    [signed] = listed["signatures"]
    assert (signed["evidence_class"], signed["name"]) == ("scan", "Bas van ’t Buis-Çelik")
    assert listed["countersigned_at_epoch_s"] == CONFIRMED_AT
    assert listed["seal_certificate_sha256"] == certificate


def test_the_page_waits_and_then_offers_the_zip(workshop: Workshop) -> None:
    """Until the job is done the page says so and renews itself."""
    _signed(workshop)
    director = workshop.director()
    asked = director.post("/board/papers")
    waiting = director.get(asked.location)
    assert "Deze pagina ververst zichzelf" in waiting.text
    assert waiting.headers["refresh"] == "3"
    workshop.work()
    ready = director.get(asked.location)
    assert "Zipbestand downloaden" in ready.text
    assert "refresh" not in ready.headers


def test_pressing_twice_makes_one_zip(workshop: Workshop) -> None:
    """An impatient director has one file, not ten."""
    _signed(workshop)
    director = workshop.director()
    first = director.post("/board/papers").location
    workshop.work()
    assert director.post("/board/papers").location == first
    workshop.work()
    assert len([one for one in papers.of_board(BOARD) if one.kind is Kind.BUNDLE]) == 1


def test_where_nothing_was_signed_there_is_nothing_to_put_together(workshop: Workshop) -> None:
    """The page has no button, and a form sent all the same ends in words."""
    director = workshop.director()
    assert "Alles in één keer" not in director.get("/board/papers").text
    asked = director.post("/board/papers")
    workshop.work()
    [bundle] = papers.of_board(BOARD)
    assert (bundle.state, bundle.refusal) == (State.REFUSED, Refusal.PAPER_MISSING)
    assert "kon niet worden gemaakt" in director.get(asked.location).text


def test_a_board_sees_and_fetches_its_own_papers_only(workshop: Workshop) -> None:
    """Another board's paper is nothing at all, in a list, by address and by form."""
    _signed(workshop)
    director, other = workshop.director(), workshop.director(OTHER_BOARD)
    assert offer().agreement_id in director.get("/board/papers").text
    assert offer().agreement_id not in other.get("/board/papers").text
    asked = director.post("/board/papers").location.partition("?all=")[2]
    workshop.work()
    for paper in papers.of_board(BOARD):
        assert director.get(f"/board/papers/{paper.paper_id}").status == 303
        assert other.get(f"/board/papers/{paper.paper_id}").status == 404
        assert workshop.helpdesk().get(f"/board/papers/{paper.paper_id}").status == 403
    assert "Zipbestand" not in other.get(f"/board/papers?all={asked}").text


def test_an_address_works_for_five_minutes(workshop: Workshop, aws: House) -> None:
    """It is saved under a name that says no person, as the very file, and then it is over."""
    paper = workshop.offer(offer())
    location = workshop.director().get(f"/board/papers/{paper.paper_id}").location
    found = workshop.fetch(location)
    headers = dict(found.headers)
    assert found.body == workshop.content(paper)
    assert headers["Content-Disposition"] == f'attachment; filename="{paper.paper_id}.pdf"'
    assert headers["Cache-Control"] == "no-store"
    aws.move_clock(301)
    assert workshop.fetch(location).status == 403


def test_the_desk_fetches_the_sheet_that_it_checks(workshop: Workshop) -> None:
    """The helpdesk has a door of its own, for any board, and a board has not."""
    workshop.offer(offer())
    sheet = workshop.upload(files.scan())
    address = f"/helpdesk/papers/{BOARD}/{sheet.paper_id}"
    sent = workshop.helpdesk().get(address)
    assert workshop.fetch(sent.location).body == files.scan()
    assert workshop.director().get(address).status == 403


def test_an_address_that_is_none_leads_nowhere(workshop: Workshop) -> None:
    """Ids are held to their form before any of them reaches the table."""
    for odd in ("x", "1-offer-", "seal", "certificate%231", "..%2f..", "1-other-1", "A-offer-1"):
        assert workshop.director().get(f"/board/papers/{odd}").status == 404
    assert workshop.director().get("/board/papers?all=x").status == 404
    assert workshop.helpdesk().get("/helpdesk/papers/seal/1-offer-1").status == 404
    assert workshop.helpdesk().get("/helpdesk/papers/40001/1-offer-1").status == 404
