"""The proof of signing: one page that is put behind the offer before our seal goes over both.

It says what was signed (by its hash), who signed for the board, when and how each did so, and
when we countersigned. How somebody signed is told as it was, never flattened to "signed".
"""

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from papers import letters
from papers.layout import ACCENT, SOFT, Paper, pdf, style
from papers.letters import ITALIC
from papers.offer_paper import day
from papers.pieces import BODY, Columns, Grid, Text, paragraph
from papers.tags import Tags
from schoolpoort import agreement_texts
from schoolpoort.paper_requests import Countersigning

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Proven:
    """What the proof is about. `sheet_sha256` is empty where the board sent no paper back."""

    asked: Countersigning
    board_name: str
    text_version: str
    offer_sha256: str
    sheet_sha256: str
    certificate_sha256: str


def proof_pdf(proven: Proven) -> bytes:
    """Return the proof as a PDF of its own; raises UnknownCharacter."""
    text = agreement_texts.read(proven.text_version)
    asked = proven.asked
    said = [(one.name, one.function, one.shown_as, one.reference) for one in asked.signatures]
    letters.require_all(word for words in said for word in words)
    line = f"Overeenkomst {asked.agreement_id} · tekst {text.version} · bewijs van ondertekening"
    paper = Paper(
        title=f"Bewijs van ondertekening {asked.agreement_id}",
        subject=line,
        author=text.processor.name,
        line=line,
        dated_on=_moment(asked.confirmed_at_epoch_s).date(),
        is_sample=text.is_sample,
        has_numbers=False,
    )
    content, _ = pdf(paper, lambda tags: list(_story(tags, proven, text.processor.name)))
    return content


def with_proof(writer: IncrementalPdfFileWriter, proof: bytes) -> None:
    """Put the pages of a proof behind a document that is about to be sealed."""
    for kid in PdfFileReader(io.BytesIO(proof)).root["/Pages"]["/Kids"]:
        page = kid.get_object()
        # The tree of another document stays there; its marks mean nothing here.
        for name in ("/Parent", "/StructParents", "/Tabs"):
            page.pop(name, None)
        writer.insert_page(writer.import_object(page))


def _story(tags: Tags, proven: Proven, processor: str) -> Iterator[Flowable]:
    asked = proven.asked
    yield Text(
        tags, "H1", paragraph("Bewijs van ondertekening", style(15, bold=True, color=ACCENT))
    )
    english = paragraph("Proof of signing", style(11, color=SOFT, face=ITALIC))
    yield Text(tags, "P", english, "en-GB")
    yield Spacer(0, 4 * mm)
    rows = [
        ("Overeenkomst", asked.agreement_id),
        ("Bestuur", f"{proven.board_name}, bestuursnummer {asked.board_number}"),
        ("Tekst", proven.text_version),
        ("Vingerafdruk van het aanbod (SHA-256)", _grouped(proven.offer_sha256)),
    ]
    if proven.sheet_sha256:
        rows.append(("Vingerafdruk van het tekenblad (SHA-256)", _grouped(proven.sheet_sha256)))
    yield Grid(tags, Columns((30, 70)), rows)
    yield Spacer(0, 6 * mm)
    yield Text(tags, "H2", paragraph("Namens het bestuur getekend", style(10.5, bold=True)))
    yield Spacer(0, 1 * mm)
    heads = ("Wie", "Functie", "Hoe", "Wanneer", "Kenmerk")
    signed = [
        (one.name, one.function, one.shown_as, _time(one.signed_at_epoch_s), one.reference)
        for one in asked.signatures
    ]
    yield Grid(tags, Columns((24, 20, 26, 17, 13), heads), signed)
    yield Spacer(0, 6 * mm)
    yield Text(tags, "H2", paragraph("Meegetekend", style(10.5, bold=True)))
    yield Spacer(0, 1 * mm)
    said = (
        f"{processor} heeft de ondertekening laten nagaan door twee medewerkers en op"
        f" {_time(asked.confirmed_at_epoch_s)} meegetekend met een elektronisch zegel over dit hele"
        " document. Elke wijziging daarna is zichtbaar: een programma dat PDF’s leest, zegt dan dat"
        " het document is gewijzigd."
    )
    yield Text(tags, "P", paragraph(said, BODY))
    yield Spacer(0, 2 * mm)
    rows = [("Certificaat van het zegel (SHA-256)", _grouped(proven.certificate_sha256))]
    yield Grid(tags, Columns((30, 70)), rows)


def _moment(epoch_s: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch_s, _AMSTERDAM)


def _time(epoch_s: int) -> str:
    moment = _moment(epoch_s)
    return f"{day(moment.date())}, {moment:%H:%M} uur"


def _grouped(digest: str) -> str:
    """Return a hash in groups of eight, as people compare them."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))
