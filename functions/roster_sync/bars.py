"""Small bar charts: where each piece stands, in the units of a drawing of 300 by 80."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 300
HEIGHT = 80
_GAP = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a bar; `kind` says what it counts."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def stacked(columns: Sequence[Mapping[str, int]]) -> list[Piece]:
    """Return the pieces of stacked bars, the first kind of each column lowest.

    The highest bar fills the drawing, and what is more than nothing is at least one unit high.
    """
    highest = max((sum(column.values()) for column in columns), default=0)
    if highest == 0:
        return []
    step = WIDTH / len(columns)
    pieces = []
    for number, column in enumerate(columns):
        top = float(HEIGHT)
        for kind, value in column.items():
            if value:
                height = round(max(1.0, value / highest * HEIGHT), 1)
                top = max(0.0, round(top - height, 1))
                pieces.append(Piece(kind, round(number * step, 1), top, step - _GAP, height))
    return pieces
