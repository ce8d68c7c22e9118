"""What a board sends back is checked, and the original kept, whatever it is."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import pem
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from papers import trust, upload_check
from papers.offer_paper import offer_pdf
from papers.upload_check import Seen, UploadRefused, check
from schoolpoort.paper_requests import LARGEST_UPLOAD_BYTES
from schoolpoort.papers import Refusal, State
from tests.amounts import often
from tests.papers import files, signing
from tests.papers.samples import AGREEMENT, BOARD, OTHER_BOARD, TEXT, offer
from tests.papers.workshop import Workshop

_OFFERED = offer_pdf(offer())[0]


def _check(content: bytes) -> Seen:
    return check(content, agreement_id=AGREEMENT, text_version=TEXT)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (files.scan(), Seen("application/pdf", 1, "no_text", 0)),
        (files.scan(12), Seen("application/pdf", 12, "no_text", 0)),
        (files.picture("JPEG"), Seen("image/jpeg", 1, "no_text", 0)),
        (files.picture("PNG"), Seen("image/png", 1, "no_text", 0)),
        (_OFFERED, Seen("application/pdf", 8, "yes", 0)),
        (signing.signed(_OFFERED, signing.signer()), Seen("application/pdf", 8, "yes", 1)),
        (
            files.with_action(files.scan(), "/GoTo", where="opening"),
            Seen("application/pdf", 1, "no_text", 0),
        ),
    ],
    ids=["scan", "twelve pages", "jpeg", "png", "the offer itself", "signed", "opens at a page"],
)
def test_what_boards_send_is_accepted(content: bytes, seen: Seen) -> None:
    """Scans, pictures of a phone, the printed offer, the offer with a signature in it."""
    assert _check(content) == seen


_REFUSED: dict[str, tuple[Callable[[], bytes], Refusal]] = {
    "nothing": (lambda: b"", Refusal.EMPTY),
    "40 MB": (lambda: b"%PDF-1.7\n" + b"0" * 40_000_000, Refusal.TOO_LARGE),
    "a text": (lambda: b"Beste helpdesk, hierbij", Refusal.NOT_A_PAPER),
    "a program": (lambda: b"MZ" + b"\0" * 200, Refusal.NOT_A_PAPER),
    "a PDF behind something else": (lambda: b"GIF89a" + _OFFERED, Refusal.NOT_A_PAPER),
    "a broken PDF": (lambda: _OFFERED[:3000], Refusal.DAMAGED),
    "only the name of a PDF": (lambda: b"%PDF-1.7\n%%EOF", Refusal.DAMAGED),
    "a broken picture": (lambda: files.picture("PNG")[:40], Refusal.TWO_KINDS),
    "a picture with a wrong checksum": (files.picture_with_wrong_checksum, Refusal.DAMAGED),
    "a picture of impossible size": (files.picture_of_impossible_size, Refusal.TOO_LARGE),
    "a password": (lambda: files.with_password(_OFFERED), Refusal.PASSWORD),
    "300 pages": (lambda: files.scan(300), Refusal.TOO_MANY_PAGES),
    "a script": (lambda: files.with_script(_OFFERED), Refusal.ACTIVE_CONTENT),
    "a file inside": (lambda: files.with_file_inside(_OFFERED), Refusal.ACTIVE_CONTENT),
    "a program to start": (
        lambda: files.with_action(_OFFERED, "/Launch", where="opening"),
        Refusal.ACTIVE_CONTENT,
    ),
    "a form to send": (
        lambda: files.with_action(_OFFERED, "/SubmitForm", where="link"),
        Refusal.ACTIVE_CONTENT,
    ),
    "an action of a page": (
        lambda: files.with_action(_OFFERED, "/GoTo", where="page"),
        Refusal.ACTIVE_CONTENT,
    ),
    "a zip too": (lambda: files.with_zip(_OFFERED), Refusal.TWO_KINDS),
    "a picture that is a zip too": (
        lambda: files.with_zip(files.picture("JPEG")),
        Refusal.TWO_KINDS,
    ),
    "a page of the web too": (lambda: files.with_page_of_the_web(_OFFERED), Refusal.TWO_KINDS),
    "more behind the end": (lambda: _OFFERED + b"\nMZ program", Refusal.TWO_KINDS),
    "another agreement": (
        lambda: offer_pdf(offer(agreement_id="77"))[0],
        Refusal.OTHER_AGREEMENT,
    ),
}


@pytest.mark.parametrize("what", _REFUSED)
def test_what_boards_should_not_send_is_refused(what: str) -> None:
    """Each with its own reason, which a page has a sentence for."""
    make, refusal = _REFUSED[what]
    with pytest.raises(UploadRefused) as refused:
        _check(make())
    assert refused.value.reason is refusal


def test_another_version_of_the_text_is_refused() -> None:
    """A sheet of the text before this one signs the text before this one."""
    with pytest.raises(UploadRefused) as refused:
        check(_OFFERED, agreement_id=AGREEMENT, text_version="sample-4.0-1.0.1")
    assert refused.value.reason is Refusal.OTHER_AGREEMENT


def test_a_script_hidden_in_an_object_stream_is_found() -> None:
    """What is compressed is looked into as well."""
    reader = PdfFileReader(io.BytesIO(files.with_script(_OFFERED)))
    target = io.BytesIO()
    copy_into_new_writer(reader, writer_kwargs={"stream_xrefs": True}).write(target)
    with pytest.raises(UploadRefused) as refused:
        _check(target.getvalue())
    assert refused.value.reason is Refusal.ACTIVE_CONTENT


@pytest.mark.soak
@settings(max_examples=often(10))
@given(st.integers(0, len(_OFFERED) - 1), st.integers(0, 7))
def test_a_damaged_file_never_crashes_the_check(at: int, bit: int) -> None:
    """Any flipped bit ends in a verdict."""
    try:
        seen = _check(signing.flipped(_OFFERED, at, bit))
    except UploadRefused:
        return
    assert seen.mime == "application/pdf"


@pytest.mark.soak
@settings(max_examples=often(10))
@given(st.sampled_from(["PNG", "JPEG"]), st.integers(0, 10_000), st.integers(0, 7))
def test_a_damaged_picture_never_crashes_the_check(kind: str, at: int, bit: int) -> None:
    """Pillow raises what no other library does, such as a SyntaxError for a wrong checksum."""
    content = files.picture(kind)
    try:
        seen = _check(signing.flipped(content, at % len(content), bit))
    except UploadRefused:
        return
    assert seen.mime in {"image/png", "image/jpeg"}


@pytest.mark.parametrize("kind", upload_check._BROKEN, ids=lambda kind: kind.__name__)
def test_each_kind_of_exception_means_damaged(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pypdf raises on broken files is a reason, never a crash."""

    def raise_it(*_: object, **__: object) -> None:
        raise kind.__new__(kind)

    monkeypatch.setattr(upload_check, "PdfReader", raise_it)
    with pytest.raises(UploadRefused) as refused:
        _check(_OFFERED)
    assert refused.value.reason is Refusal.DAMAGED


def test_a_scan_is_ready_and_its_original_kept(workshop: Workshop) -> None:
    """The very bytes that were sent, with what was seen in them; the upload itself is gone."""
    workshop.offer(offer())
    paper = workshop.upload(files.scan(2))
    assert (paper.state, paper.pages, paper.mime) == (State.READY, 2, "application/pdf")
    assert workshop.content(paper) == files.scan(2)
    assert paper.findings["names_agreement"] == "no_text"
    assert workshop.uploads_left() == []


def test_a_refused_file_is_kept_too_and_handed_to_nobody(workshop: Workshop) -> None:
    """The desk can be shown it by who guards the bucket; no page offers it to open."""
    content = files.with_script(_OFFERED)
    paper = workshop.upload(content)
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.ACTIVE_CONTENT)
    assert paper.sha256 == hashlib.sha256(content).hexdigest()
    assert workshop.content(paper) == content
    answer = workshop.helpdesk().get(f"/helpdesk/papers/{BOARD}/{paper.paper_id}")
    assert answer.status == 404


def test_a_signature_of_somebody_unknown_is_refused(workshop: Workshop) -> None:
    """Nobody is trusted until the operator says whom."""
    assert trust.roots() == ()
    workshop.offer(offer())
    paper = workshop.upload(signing.signed(_OFFERED, signing.signer()))
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.UNKNOWN_SIGNER)


def test_a_signature_without_an_offer_signs_nothing_of_ours(workshop: Workshop) -> None:
    """There must be an offer to compare with."""
    paper = workshop.upload(signing.signed(_OFFERED, signing.signer()))
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.OTHER_TEXT)


def test_s3_takes_no_file_above_ten_megabytes(workshop: Workshop) -> None:
    """The form says so, and S3 holds it to that: such a file never comes in."""
    paper_id, answer = workshop.send(b"%PDF-1.7\n" + b"0" * LARGEST_UPLOAD_BYTES)
    assert answer.status == 403
    assert workshop.of_board() == []
    assert paper_id.startswith(f"{AGREEMENT}-upload-")


def test_a_sheet_belongs_to_the_board_of_its_form(workshop: Workshop) -> None:
    """The key is fixed when the form is made: nobody sends a file into another board's folder."""
    paper = workshop.upload(files.scan(), board_number=OTHER_BOARD)
    assert paper.board_number == OTHER_BOARD
    assert workshop.of_board(BOARD) == []


def test_the_operators_roots_are_read_from_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root in PEM in the folder is one that signers are accepted under."""
    root = signing.signer().root
    (tmp_path / "voorbeeld.pem").write_bytes(pem.armor("CERTIFICATE", root.dump()))
    monkeypatch.setattr(trust, "FOLDER", tmp_path)
    assert [one.dump() for one in trust.roots()] == [root.dump()]


def test_a_signature_under_a_root_of_the_operator_is_accepted(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the form to the row: whole, counted, and with the list by which it was judged."""
    signer = signing.signer()
    (tmp_path / "voorbeeld.pem").write_bytes(pem.armor("CERTIFICATE", signer.root.dump()))
    monkeypatch.setattr(trust, "FOLDER", tmp_path)
    workshop.offer(offer())
    content = signing.signed(_OFFERED, signer)
    paper = workshop.upload(content)
    assert (paper.state, paper.findings["signatures"]) == (State.READY, 1)
    assert workshop.content(paper) == content
    assert paper.findings["signature_report"][0]["trusted"] is True
    assert paper.findings["judged_with"] == trust.judged_with()
    listed = trust.judged_with()["roots_sha256"]
    (tmp_path / "voorbeeld.pem").unlink()
    assert trust.judged_with()["roots_sha256"] != listed
