"""The letters of a paper: our own TrueType files, embedded, because the core fonts lack ’ and ł."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from schoolpoort.errors import SchoolpoortError

REGULAR = "OpenSans"
BOLD = "OpenSans-Bold"
ITALIC = "OpenSans-Italic"
_FOLDER = Path(__file__).parent / "fonts"
_FILES = {
    REGULAR: "OpenSans-Regular.ttf",
    BOLD: "OpenSans-Bold.ttf",
    ITALIC: "OpenSans-Italic.ttf",
}


class UnknownCharacter(SchoolpoortError):
    """A text has a character that the letters lack; it would become an empty box on the paper."""

    def __init__(self, character: str) -> None:
        super().__init__(f"U+{ord(character):04X}")


def register() -> None:
    """Make the letters known to reportlab; once in a process is enough, again does no harm."""
    if REGULAR in pdfmetrics.getRegisteredFontNames():
        return
    for name, file_name in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / file_name)))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD)


def require_all(texts: Iterable[str]) -> None:
    """Raise UnknownCharacter for the first character that any of the letters lacks."""
    register()
    fonts: list[Any] = [pdfmetrics.getFont(name) for name in _FILES]
    for text in texts:
        for character in text:
            if not all(ord(character) in font.face.charToGlyph for font in fonts):
                raise UnknownCharacter(character)
