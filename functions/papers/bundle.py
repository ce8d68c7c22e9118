"""The job that puts together all that a board signed: a zip with the papers and a list of them.

The list is for the board's own records and for whoever checks the papers without us: who signed,
how, when, and the fingerprint of each file. The same papers give the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from papers import store
from papers.jobs import accept, refuse
from schoolpoort import papers
from schoolpoort.papers import Kind, Paper, Refusal, State

_SIGNED = frozenset({Kind.COUNTERSIGNED, Kind.RECORD})
"""What a board signed here, or in Kennisnet's service."""
_ZIP = "application/zip"
_NO_DATE = (2026, 1, 1, 0, 0, 0)
_SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_README = """\
Alles wat uw bestuur heeft getekend / Everything that your board signed

overeenkomsten.json   wie tekende, wanneer en hoe, en de vingerafdruk (SHA-256) van elk bestand
                      who signed, when and how, and the fingerprint (SHA-256) of each file
zegel-*.cer           het certificaat van ons zegel, om de documenten mee te controleren
                      the certificate of our seal, to check the papers with

Nagaan dat een bestand niet is gewijzigd / See that a file was not changed:
    sha256sum overeenkomst-*.pdf
Het zegel nagaan / Check the seal (poppler-utils):
    pdfsig overeenkomst-*.pdf

kennisnet-*           wat in de dienst van Kennisnet is getekend, zoals die het uitgaf; zonder zegel
                      what was signed in Kennisnet's service, as that gave it; without our seal
"""


def make_bundle(message: Mapping[str, Any]) -> None:
    """Make the zip of a board; refused with PAPER_MISSING where nothing was signed."""
    paper = papers.queued(message["board_number"], message["paper_id"])
    found = papers.of_board(paper.board_number)
    signed = [one for one in found if one.kind in _SIGNED and one.state is State.READY]
    if not signed:
        refuse(paper, Refusal.PAPER_MISSING)
        return
    content = _zip(dict(_files(signed, {one.paper_id: one for one in found})))
    kept = store.keep(Kind.BUNDLE, paper.board_number, paper.paper_id, content, _ZIP)
    accept(paper, kept, _ZIP)


def _files(signed: list[Paper], known: Mapping[str, Paper]) -> Iterator[tuple[str, bytes]]:
    """Yield (name in the zip, content) of every paper, the certificates and the list."""
    listed = []
    for paper in signed:
        files = _files_of(paper, known)
        for name, one in files:
            yield name, store.content_of(one)
        listed.append(_entry(paper, files))
    yield from _certificates(one for one in signed if one.kind is Kind.COUNTERSIGNED)
    yield "overeenkomsten.json", json.dumps(listed, indent=2, ensure_ascii=False).encode()
    yield "LEESMIJ.txt", _README.encode()


def _files_of(paper: Paper, known: Mapping[str, Paper]) -> list[tuple[str, Paper]]:
    if paper.kind is Kind.RECORD:
        return [(f"kennisnet-{paper.agreement_id}.{_SUFFIXES[paper.mime]}", paper)]
    files = [(f"overeenkomst-{paper.agreement_id}.pdf", paper)]
    if sheet := known.get(paper.findings["upload_id"]):
        files.append((f"tekenblad-{sheet.agreement_id}.{_SUFFIXES[sheet.mime]}", sheet))
    return files


def _entry(paper: Paper, files: list[tuple[str, Paper]]) -> dict[str, Any]:
    said = paper.findings
    return {
        "agreement": paper.agreement_id,
        "board_number": paper.board_number,
        **(_of_record(said) if paper.kind is Kind.RECORD else _of_countersigned(said)),
        "signatures": said["signatures"],
        "kept_until_epoch_s": paper.locked_until_epoch_s,
        "files": [
            {"name": name, "sha256": one.sha256, "bytes": one.size_bytes, "pages": one.pages}
            for name, one in files
        ],
    }


def _of_countersigned(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "text": said["text_version"],
        "offer_sha256": said["offer_sha256"],
        "countersigned_at_epoch_s": said["confirmed_at_epoch_s"],
        "seal_certificate_sha256": said["certificate_sha256"],
    }


def _of_record(said: Mapping[str, Any]) -> dict[str, Any]:
    names = ("model", "effective_from", "confirmed_at_epoch_s", "export_sha256")
    return {name: said[name] for name in names}


def _certificates(signed: Iterable[Paper]) -> Iterator[tuple[str, bytes]]:
    wanted = {paper.findings["certificate_number"] for paper in signed}
    for number in sorted(wanted):
        if certificate := store.certificate(number):
            yield f"zegel-{number}.cer", certificate.encoded


def _zip(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
