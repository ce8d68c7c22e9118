"""Signing on paper, and the paper that both sides signed; the PDFs are made for real."""

import re
import struct
import zlib
from typing import Any

import pytest

from infra.local import server as local_server
from infra.local.gateway import HttpRequest
from infra.local.visitor import Visitor
from schoolpoort import papers
from schoolpoort.papers import Kind
from tests.dpa.desk import Desk
from tests.dpa.samples import BOARD, CONFIRMER
from tests.dpa.sending import post_file
from tests.dpa.test_signing_pages import (
    FORM,
    SECOND,
    act,
    offer,
    reader,
    sign,
    the_agreement,
    verify,
)


def _png() -> bytes:
    """Return a photo of one pixel, as small as a photo can be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        told = kind + data
        return struct.pack(">I", len(data)) + told + struct.pack(">I", zlib.crc32(told))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    drawn = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + drawn


def _papers(desk: Desk, kind: Kind) -> list[Any]:
    found = papers.of_agreement(BOARD, the_agreement(desk)["agreement_id"])
    return [paper for paper in found if paper.kind is kind]


def send_sheet(desk: Desk, visitor: Visitor, path: str, content: bytes) -> str:
    """Send a file by the form on the page; return where S3 sends the browser."""
    location = post_file(desk.house, visitor.get(path).text, content)
    found = re.search(r"/agreement/\d+/sheet\?paper=[a-z0-9-]+", location)
    assert found
    return found[0]


def fetch(desk: Desk, address: str) -> bytes:
    """Return what an address of S3 gives."""
    _, _, rest = address.partition("//")
    target = "/" + rest.partition("/")[2]
    request = HttpRequest("GET", target, (), b"", "127.0.0.1")
    return local_server.answer(desk.house, request).body


def test_the_offer_is_a_pdf_for_who_answered_the_code(desk: Desk) -> None:
    """With the sheet to print; somebody with the link alone gets the door."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    answer = visitor.get(f"{path}/paper")
    assert answer.status == 303
    assert Visitor(desk.house.call).get(f"{path}/paper").status == 403
    (paper,) = _papers(desk, Kind.OFFER)
    assert paper.paper_id in answer.location


def test_a_photo_of_the_sheet_signs_after_it_was_looked_at(desk: Desk) -> None:
    """What it proves is shown as what it is: a scan, that wants a call."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    place = send_sheet(desk, visitor, path, _png())
    waiting = visitor.get(place)
    assert waiting.headers["refresh"] == "3"
    paper_id = place.rpartition("=")[2]
    assert visitor.post(f"{path}/sign-by-sheet", {"paper": paper_id}).status == 400
    desk.house.pump_until_idle()
    assert "Je bestand is bruikbaar" in visitor.get(place).text
    assert visitor.post(f"{path}/sign-by-sheet", {"paper": paper_id}).status == 303
    stored = the_agreement(desk)
    assert (stored["state"], stored["evidence_class"]) == ("verifying", "scan")
    assert (
        "Kijk hiernaar"
        in desk.helpdesk().get(f"/helpdesk/agreements/{stored['agreement_id']}?board={BOARD}").text
    )


def test_a_file_that_is_no_paper_signs_nothing(desk: Desk) -> None:
    """The reason stands on the page, and the original is kept."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    place = send_sheet(desk, visitor, path, b"PK\x03\x04 geen papier")
    desk.house.pump_until_idle()
    assert "geen pdf en geen foto" in visitor.get(place).text
    paper_id = place.rpartition("=")[2]
    assert visitor.post(f"{path}/sign-by-sheet", {"paper": paper_id}).status == 400
    assert the_agreement(desk)["state"] == "in_review"
    (kept,) = _papers(desk, Kind.UPLOAD)
    assert kept.state is papers.State.REFUSED


@pytest.mark.parametrize("wrong", ["1-upload-1", "nonsense", ""])
def test_a_paper_of_another_agreement_does_not_sign_this_one(desk: Desk, wrong: str) -> None:
    """An id that is none of this agreement's is nothing at all."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    visitor.get(path)
    assert visitor.get(f"{path}/sheet?paper={wrong}").status == 404
    assert visitor.post(f"{path}/sign-by-sheet", {"paper": wrong}).status == 400


def test_what_two_people_confirm_is_sealed_by_us(desk: Desk) -> None:
    """The paper extends the very bytes of the offer, and can be had by the director."""
    offer(desk, None, **SECOND)
    sign(desk, FORM["director_address"], FORM["director_name"])
    sign(desk, SECOND["second_address"], SECOND["second_name"])
    verify(desk)
    assert _papers(desk, Kind.COUNTERSIGNED) == []
    act(desk, "confirm", CONFIRMER)
    (sealed,) = _papers(desk, Kind.COUNTERSIGNED)
    assert sealed.state is papers.State.READY
    visitor, path = reader(desk, FORM["director_address"])
    assert sealed.paper_id in visitor.get(f"{path}/paper").location


def test_a_seal_that_a_crash_kept_away_comes_with_the_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking again makes no second paper."""
    from dpa import ledger

    offer(desk)
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    monkeypatch.setattr(ledger, "seal", lambda _: None)
    act(desk, "confirm", CONFIRMER)
    monkeypatch.undo()
    assert _papers(desk, Kind.COUNTERSIGNED) == []
    for _ in range(2):
        desk.house.invoke("DpaClockFunction", {"job": "day"})
        desk.house.pump_until_idle()
    assert len(_papers(desk, Kind.COUNTERSIGNED)) == 1
