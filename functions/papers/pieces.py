"""The pieces of a paper: a text in one language, a text in two, a table, a line to sign on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph

from papers.layout import ACCENT, RULE, SOFT, TEXT_WIDTH, style
from papers.letters import ITALIC
from papers.tags import Tags, artifact

DUTCH, ENGLISH = "nl-NL", "en-GB"
_GUTTER = 7 * mm
_DUTCH_WIDTH = 0.54 * (TEXT_WIDTH - _GUTTER)
_ENGLISH_WIDTH = TEXT_WIDTH - _GUTTER - _DUTCH_WIDTH

BODY = style(9)
BODY_ENGLISH = style(8, color=SOFT, face=ITALIC)
SMALL = style(7.5, color=SOFT)
CELL = style(8.5)
CELL_HEAD = style(7.5, bold=True, color=ACCENT)


def paragraph(text: str, look: ParagraphStyle) -> Paragraph:
    """Return a paragraph of plain text; nothing in it is markup, a line end is a line end."""
    return Paragraph(escape(text).replace("\n", "<br/>"), look)


class Text(Flowable):
    """A paragraph with its role and language."""

    def __init__(self, tags: Tags, role: str, inner: Any, language: str = DUTCH) -> None:
        super().__init__()
        self._tags, self._role, self._inner, self._language = tags, role, inner, language
        self.keepWithNext = role.startswith("H")

    def getSpaceBefore(self) -> float:  # noqa: N802 - reportlab names it
        """Return the room that the paragraph wants above it."""
        return float(self._inner.getSpaceBefore())

    def getSpaceAfter(self) -> float:  # noqa: N802 - reportlab names it
        """Return the room that the paragraph wants below it."""
        return float(self._inner.getSpaceAfter())

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the size."""
        self.width, self.height = self._inner.wrap(width, height)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return the parts that fit on two pages."""
        parts = self._inner.split(width, height)
        return [Text(self._tags, self._role, part, self._language) for part in parts]

    def draw(self) -> None:
        """Draw it as one element."""
        with self._tags.marked(self.canv, self._role, self._language):
            self._inner.drawOn(self.canv, 0, 0)


class Pair(Flowable):
    """The same text in Dutch, which binds, and beside it in English, smaller."""

    def __init__(self, tags: Tags, role: str, dutch: Any, english: Any, above: float = 2) -> None:
        super().__init__()
        self._tags, self._role, self._above = tags, role, above
        self._sides = ((dutch, DUTCH, _DUTCH_WIDTH, 0.0), (english, ENGLISH, _ENGLISH_WIDTH, 0.0))
        self.keepWithNext = role.startswith("H")

    def getSpaceBefore(self) -> float:  # noqa: N802 - reportlab names it
        """Return the room above it."""
        return self._above * mm

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the size: as high as the longer of the two."""
        tall = [
            side.wrap(side_width, height)[1] if side else 0
            for side, _, side_width, _ in self._sides
        ]
        self._tall = tall
        self.width, self.height = width, max(tall)
        return self.width, self.height

    def split(self, _width: float, height: float) -> list[Flowable]:
        """Return the parts that fit on two pages; a side that ends first leaves the other alone."""
        halves = []
        for side, _, side_width, _ in self._sides:
            parts = side.split(side_width, height) if side else []
            if side and not parts:
                return []
            halves.append((parts[0] if parts else None, parts[1] if len(parts) > 1 else None))
        (dutch, dutch_rest), (english, english_rest) = halves
        first = Pair(self._tags, self._role, dutch, english, self._above)
        if dutch_rest is None and english_rest is None:
            return [first]
        return [first, Pair(self._tags, self._role, dutch_rest, english_rest, 0)]

    def draw(self) -> None:
        """Draw both, the Dutch first, each as an element in its language."""
        lefts = (0.0, _DUTCH_WIDTH + _GUTTER)
        for (side, language, _, _), left, tall in zip(self._sides, lefts, self._tall, strict=True):
            if side:
                with self._tags.marked(self.canv, self._role, language):
                    side.drawOn(self.canv, left, self.height - tall)


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table stands: the parts of the width, and the heads above them; heads may be none."""

    shares: Sequence[float]
    heads: Sequence[str] = ()

    def widths(self) -> list[float]:
        """Return the width of each column."""
        return [share / sum(self.shares) * TEXT_WIDTH for share in self.shares]


class Grid(Flowable):
    """A table with a line under each row; its heads come again on the next page."""

    _PAD = 1.6 * mm

    def __init__(self, tags: Tags, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._tags, self._columns, self._rows = tags, columns, rows

    def _all_rows(self) -> list[tuple[str, list[Paragraph]]]:
        heads = [("TH", self._columns.heads)] if self._columns.heads else []
        rows = [*heads, *(("TD", row) for row in self._rows)]
        return [
            (
                role,
                [
                    paragraph(cell, CELL_HEAD if self._is_head(role, at) else CELL)
                    for at, cell in enumerate(row)
                ],
            )
            for role, row in rows
        ]

    def _is_head(self, role: str, at: int) -> bool:
        return role == "TH" or (at == 0 and not self._columns.heads)

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the size."""
        self._drawn = self._all_rows()
        widths = self._columns.widths()
        self._heights = [
            max(cell.wrap(at, 1e6)[1] for cell, at in zip(cells, widths, strict=True))
            + 2 * self._PAD
            for _, cells in self._drawn
        ]
        self.width, self.height = width, sum(self._heights)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Return the rows that fit, and the others under the same heads."""
        self.wrap(width, height)
        heads = len(self._heights) - len(self._rows)
        fits, used = 0, sum(self._heights[:heads])
        for tall in self._heights[heads:]:
            if used + tall > height:
                break
            fits, used = fits + 1, used + tall
        if not fits:
            return []
        return [
            Grid(self._tags, self._columns, self._rows[:fits]),
            Grid(self._tags, self._columns, self._rows[fits:]),
        ]

    def draw(self) -> None:
        """Draw the rows, each cell as an element of its row."""
        widths, top = self._columns.widths(), self.height
        with self._tags.within("Table"):
            for (role, cells), tall in zip(self._drawn, self._heights, strict=True):
                left = 0.0
                with self._tags.within("TR"):
                    for at, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
                        kind = "TH" if self._is_head(role, at) else "TD"
                        with self._tags.marked(self.canv, kind, DUTCH):
                            cell.drawOn(self.canv, left, top - self._PAD - cell.height)
                        left += wide
                top -= tall
                self._rule(top, strong=role == "TH")

    def _rule(self, y: float, *, strong: bool) -> None:
        with artifact(self.canv):
            self.canv.setStrokeColor(ACCENT if strong else RULE)
            self.canv.setLineWidth(0.8 if strong else 0.4)
            self.canv.line(0, y, self.width, y)


class Line(Flowable):
    """An empty line to write on, with what belongs there under it."""

    def __init__(self, tags: Tags, labels: Sequence[tuple[str, float]], room: float) -> None:
        super().__init__()
        self._tags, self._labels, self._room = tags, labels, room * mm
        self.width, self.height = TEXT_WIDTH, self._room + 6 * mm

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Return the size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the lines beside each other."""
        total, left = sum(share for _, share in self._labels), 0.0
        for label, share in self._labels:
            wide = share / total * TEXT_WIDTH - 5 * mm
            with artifact(self.canv):
                self.canv.setStrokeColor(SOFT)
                self.canv.setLineWidth(0.6)
                self.canv.line(left, 6 * mm, left + wide, 6 * mm)
            said = paragraph(label, SMALL)
            said.wrap(wide, 20 * mm)
            with self._tags.marked(self.canv, "P", DUTCH):
                said.drawOn(self.canv, left, 6 * mm - said.height - 1)
            left += wide + 5 * mm
