"""The offer as a PDF: the agreement, its annexes, the school overview and the signature sheet."""

import datetime as dt
from collections.abc import Iterator, Mapping

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Spacer

from papers import letters
from papers.layout import ACCENT, SOFT, Paper, pdf, style
from papers.letters import ITALIC
from papers.pieces import (
    BODY,
    BODY_ENGLISH,
    SMALL,
    Columns,
    Grid,
    Line,
    Pair,
    Text,
    paragraph,
)
from papers.tags import Tags
from schoolpoort import agreement_texts
from schoolpoort.agreement_texts import AgreementText, Block, BlockKind
from schoolpoort.paper_requests import Offer

_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_TITLE = style(21, bold=True, color=ACCENT)
_TITLE_ENGLISH = style(12, color=SOFT, face=ITALIC)
_LOOKS = {
    BlockKind.TITLE: (
        "H1",
        style(15, bold=True, color=ACCENT),
        style(11, color=SOFT, face=ITALIC),
        0,
    ),
    BlockKind.HEADING: ("H2", style(10.5, bold=True), style(9, color=SOFT, face=ITALIC), 5),
    BlockKind.CLAUSE: ("P", BODY, BODY_ENGLISH, 2),
    BlockKind.ITEM: (
        "P",
        style(9, leftIndent=10, bulletIndent=0),
        style(8, color=SOFT, face=ITALIC, leftIndent=10),
        1.2,
    ),
}


def offer_pdf(offer: Offer) -> tuple[bytes, int]:
    """Return the bytes of an offer and its pages; the same offer always gives the same bytes.

    Raises UnknownText for a version that this house lacks, and UnknownCharacter.
    """
    text = agreement_texts.read(offer.text_version)
    letters.require_all(_names(offer))
    line = f"Overeenkomst {offer.agreement_id} · tekst {text.version}"
    paper = Paper(
        title=f"{text.title_dutch} {offer.board.name}",
        subject=f"Model {text.model}, {line}",
        author=text.processor.name,
        line=line,
        dated_on=offer.dated_on,
        is_sample=text.is_sample,
    )
    return pdf(paper, lambda tags: list(_story(tags, text, offer)))


def day(date: dt.date) -> str:
    """Return a day as a Dutch letter has it."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def _names(offer: Offer) -> list[str]:
    board = offer.board
    return [
        *(board.name, board.legal_form, board.address, board.place),
        *(text for signatory in offer.signatories for text in (signatory.name, signatory.function)),
        *(text for school in offer.schools for text in (school.brin6, school.name, school.place)),
    ]


def _story(tags: Tags, text: AgreementText, offer: Offer) -> Iterator[Flowable]:
    dutch = _values(text, offer, "alle scholen van het bestuur")
    english = _values(text, offer, "all schools of the board")
    yield from _cover(tags, text, offer)
    for number, part in enumerate(text.parts):
        if number:
            yield PageBreak()
        for block in part[0 if number else 1 :]:
            yield _block(tags, agreement_texts.filled(block, dutch, english))
    yield PageBreak()
    yield from _overview(tags, offer)
    yield PageBreak()
    yield from _sheet(tags, text, offer)


def _values(text: AgreementText, offer: Offer, all_schools: str) -> Mapping[str, str]:
    listed = ", ".join(school.name for school in offer.schools)
    return {
        "agreement_id": offer.agreement_id,
        "board_name": offer.board.name,
        "board_number": offer.board.board_number,
        "board_place": offer.board.place,
        "dated_on": f"{offer.dated_on:%d-%m-%Y}",
        "effective_from": f"{offer.effective_from:%d-%m-%Y}",
        "processor_name": text.processor.name,
        "processor_place": text.processor.place,
        "schools": all_schools if offer.covers_all_schools else listed,
        "signatories": ", ".join(signatory.name for signatory in offer.signatories),
    }


def _block(tags: Tags, block: Block) -> Flowable:
    role, look, look_english, above = _LOOKS[block.kind]
    mark = "• " if block.kind is BlockKind.ITEM else ""
    return Pair(
        tags,
        role,
        paragraph(mark + block.dutch, look),
        paragraph(mark + block.english, look_english),
        above,
    )


def _cover(tags: Tags, text: AgreementText, offer: Offer) -> Iterator[Flowable]:
    yield Text(tags, "H1", paragraph(text.title_dutch, _TITLE))
    yield Text(tags, "P", paragraph(text.title_english, _TITLE_ENGLISH), "en-GB")
    yield Spacer(0, 4 * mm)
    board, processor = offer.board, text.processor
    number = f"bestuursnummer {board.board_number}"
    signatories = "\n".join(f"{one.name}, {one.function}" for one in offer.signatories)
    rows = (
        (
            "Verwerkingsverantwoordelijke",
            _lines(
                board.name,
                _joined(board.legal_form, number, _chamber(board.chamber_number)),
                _joined(board.address, board.place),
            ),
        ),
        ("vertegenwoordigd door", signatories),
        (
            "Verwerker",
            _lines(
                processor.name,
                _joined(processor.legal_form, _chamber(processor.chamber_number)),
                _joined(processor.address, processor.place),
            ),
        ),
        ("vertegenwoordigd door", f"{processor.represented_by}, {processor.function}"),
        ("Model en tekst", f"model {text.model}, tekst {text.version}"),
        ("Aangeboden op", day(offer.dated_on)),
        ("Van kracht vanaf", day(offer.effective_from)),
        ("Kenmerk", offer.agreement_id),
    )
    yield Grid(tags, Columns((30, 70)), rows)
    yield Spacer(0, 3 * mm)


def _overview(tags: Tags, offer: Offer) -> Iterator[Flowable]:
    yield Text(tags, "H1", paragraph("Scholenoverzicht", _LOOKS[BlockKind.TITLE][1]))
    yield Text(tags, "P", paragraph("School overview", _LOOKS[BlockKind.TITLE][2]), "en-GB")
    yield Spacer(0, 3 * mm)
    board = f"{offer.board.name}, bestuursnummer {offer.board.board_number}"
    on = day(offer.dated_on)
    if offer.covers_all_schools:
        said = (
            f"De overeenkomst geldt voor alle scholen van {board}, ook voor scholen die er later"
            f" bij komen. Volgens het register waren dat op {on}:"
        )
    else:
        said = (
            f"De overeenkomst van {board} geldt voor deze scholen, zoals het register ze had op"
            f" {on}:"
        )
    yield Text(tags, "P", paragraph(said, BODY))
    yield Spacer(0, 2 * mm)
    rows = [
        (str(number), school.brin6[:4], school.brin6[4:], school.name, school.place)
        for number, school in enumerate(offer.schools, 1)
    ]
    heads = ("", "BRIN", "Vestiging", "School", "Plaats")
    yield Grid(tags, Columns((5, 9, 11, 50, 25), heads), rows)
    yield Spacer(0, 2 * mm)
    count = "1 locatie" if len(rows) == 1 else f"{len(rows)} locaties"
    yield Text(tags, "P", paragraph(f"Samen {count}.", SMALL))


def _sheet(tags: Tags, text: AgreementText, offer: Offer) -> Iterator[Flowable]:
    yield Text(tags, "H1", paragraph("Tekenblad", _LOOKS[BlockKind.TITLE][1]))
    yield Text(tags, "P", paragraph("Signature sheet", _LOOKS[BlockKind.TITLE][2]), "en-GB")
    yield Spacer(0, 3 * mm)
    rows = (
        ("Overeenkomst", f"{text.title_dutch}, model {text.model}"),
        ("Tekst", text.version),
        ("Kenmerk", offer.agreement_id),
        ("Bestuur", f"{offer.board.name}, bestuursnummer {offer.board.board_number}"),
        (
            "Geldt voor",
            "alle scholen van het bestuur"
            if offer.covers_all_schools
            else "de scholen in het scholenoverzicht",
        ),
    )
    yield Grid(tags, Columns((30, 70)), rows)
    yield Spacer(0, 4 * mm)
    said = (
        "Wie hieronder tekent, mag dat namens het bestuur volgens de inschrijving in het"
        " Handelsregister of een besluit van het bestuur, en heeft de overeenkomst, de bijlagen en"
        " het scholenoverzicht gelezen."
    )
    yield Text(tags, "P", paragraph(said, BODY))
    english = (
        "Whoever signs below is authorised to do so for the board, and has read the agreement, its"
        " annexes and the school overview."
    )
    yield Text(tags, "P", paragraph(english, BODY_ENGLISH), "en-GB")
    for signatory in offer.signatories:
        yield Spacer(0, 6 * mm)
        yield Text(
            tags,
            "H2",
            paragraph(f"Namens het bestuur: {signatory.name}", _LOOKS[BlockKind.HEADING][1]),
        )
        yield Text(tags, "P", paragraph(signatory.function, SMALL))
        yield Line(tags, (("Plaats", 3), ("Datum", 2)), 11)
        yield Line(tags, (("Handtekening", 5),), 20)
    yield Spacer(0, 4 * mm)
    processor = text.processor
    closing = f"{processor.name} tekent daarna mee met een elektronisch zegel op dit hele document."
    yield Text(tags, "P", paragraph(closing, SMALL))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _chamber(number: str) -> str:
    return f"KvK {number}" if number else ""
