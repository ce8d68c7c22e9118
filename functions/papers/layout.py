"""What every paper of ours looks like: A4, our letters, a line at the foot, and what stands in it.

The same story gives the same bytes: the creation date is given, the identifier of the file is made
of its content, and nothing reads a clock. Pieces draw themselves through `tags`, so that a paper
can be read aloud in its own language.
"""

import calendar
import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from papers import letters
from papers.tags import Tags, artifact

WIDTH, HEIGHT = A4
MARGIN = 20 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN
INK = HexColor("#16202b")
SOFT = HexColor("#5b6670")
RULE = HexColor("#c9d1d8")
ACCENT = HexColor("#0f4c5c")
_WARNING_BACK = HexColor("#fff1d6")
_WARNING_INK = HexColor("#7a4b00")


def style(size: float, *, bold: bool = False, color: Color = INK, **more: Any) -> ParagraphStyle:
    """Return a style of our letters; the leading follows the size."""
    face = letters.BOLD if bold else more.pop("face", letters.REGULAR)
    return ParagraphStyle(
        f"s{size}{face}", fontName=face, fontSize=size, leading=size * 1.42, textColor=color, **more
    )


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands in a paper besides its story.

    `line` is the left of the foot on every page: which agreement and which text. A sample says so
    in a band at the head of every page.
    """

    title: str
    subject: str
    author: str
    line: str
    dated_on: dt.date
    is_sample: bool
    has_numbers: bool = True


Story = Callable[[Tags], Sequence[Flowable]]


def pdf(paper: Paper, story: Story) -> tuple[bytes, int]:
    """Return the bytes of a paper and how many pages it has; drawn twice, to know that number."""
    letters.register()
    _, pages = _drawn(paper, story, total=0)
    return _drawn(paper, story, total=pages)


class _Canvas(Canvas):
    """A page to draw on, which writes the tree of tags when it is done."""

    tags: Tags
    _doc: Any
    _code: list[str]

    def save(self) -> None:
        """Close the last page, write the tree, and then the file."""
        if len(self._code):
            self.showPage()
        self.tags.write(self._doc)
        # An empty form, so that a signature only adds to one: what else was added shows.
        self._doc.Catalog.AcroForm = PDFDictionary({"Fields": PDFArray([])})
        super().save()


def _drawn(paper: Paper, story: Story, total: int) -> tuple[bytes, int]:
    tags, target = Tags(), io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        invariant=1,
        lang="nl-NL",
        title=paper.title,
        subject=paper.subject,
        author=paper.author,
        keywords=[paper.line],
        creator="Schoolpoort",
    )

    def canvas(*given: Any, **named: Any) -> _Canvas:
        made = _Canvas(*given, **named)
        made.tags = tags
        made._doc._timeStamp = _moment(paper.dated_on)  # noqa: SLF001 - reportlab has no other way
        tags.watch(made._doc)  # noqa: SLF001 - the same
        made.setViewerPreference("DisplayDocTitle", "true")
        return made

    frame = Frame(MARGIN, 22 * mm, TEXT_WIDTH, HEIGHT - 47 * mm, 0, 0, 0, 0)
    template = PageTemplate(
        frames=[frame], onPage=lambda drawn, _: _around(drawn, paper, total), pagesize=A4
    )
    document.addPageTemplates([template])
    document.build(list(story(tags)), canvasmaker=cast("Any", canvas))
    return target.getvalue(), document.page


def _moment(day: dt.date) -> TimeStamp:
    """Return noon of a day in UTC as reportlab keeps its moments."""
    stamp = TimeStamp(invariant=1)
    noon = (day.year, day.month, day.day, 12, 0, 0, 0, 0, 0)
    stamp.t, stamp.lt, stamp.YMDhms = float(calendar.timegm(noon)), noon, noon[:6]
    return stamp


def _around(canvas: Any, paper: Paper, total: int) -> None:
    """Draw head and foot, which are no part of what is read aloud."""
    with artifact(canvas):
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, 17 * mm, WIDTH - MARGIN, 17 * mm)
        canvas.setFont(letters.REGULAR, 7.5)
        canvas.setFillColor(SOFT)
        canvas.drawString(MARGIN, 12.5 * mm, paper.line)
        if paper.has_numbers:
            number = canvas.getPageNumber()
            canvas.drawRightString(WIDTH - MARGIN, 12.5 * mm, f"pagina {number} van {total}")
        if paper.is_sample:
            _sample_band(canvas)
        canvas.restoreState()


def _sample_band(canvas: Any) -> None:
    canvas.setFillColor(_WARNING_BACK)
    canvas.rect(MARGIN, HEIGHT - 17 * mm, TEXT_WIDTH, 7 * mm, stroke=0, fill=1)
    canvas.setFillColor(_WARNING_INK)
    canvas.setFont(letters.BOLD, 8)
    canvas.drawString(MARGIN + 3 * mm, HEIGHT - 14.6 * mm, "VOORBEELD")
    canvas.setFont(letters.REGULAR, 8)
    said = "Een verzonnen tekst, waar niemand rechten aan ontleent. Sample: an invented text."
    canvas.drawString(MARGIN + 26 * mm, HEIGHT - 14.6 * mm, said)
