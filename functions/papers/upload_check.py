"""What may be in a file that a board sends back, as one pass over its bytes.

A signature sheet comes as a scan (PDF, JPEG or PNG) or the offer comes back with a signature in
it. Everything else is refused with a reason: what does not open, what needs a password, what is
too long, what is two kinds of file at once, and what could do something when it is opened.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from schoolpoort.errors import SchoolpoortError
from schoolpoort.paper_requests import LARGEST_UPLOAD_BYTES
from schoolpoort.papers import Refusal

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
MOST_PAGES = 60
"""More than any offer of ours (some twenty with 57 schools) and less than anybody would read."""
_MOST_OBJECTS = 50_000
_MOST_PIXELS = 100_000_000
"""A page of A3 at 600 dots an inch has 70 million."""
_HEAD_BYTES = 2048
_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|\?php|iframe)", re.IGNORECASE)
_NAMED = re.compile(r"Overeenkomst\s+([0-9]{1,16})\s+·\s+tekst\s+([a-z0-9.-]+)")
_ACTIVE_KEYS = frozenset(
    {"/JS", "/AA", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"}
)
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/RichMediaExecute",
        "/Sound",
        "/Movie",
    }
)
_HARMLESS_OPENING = frozenset({"/GoTo", "/Named"})
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    PyPdfError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pypdf and Pillow raise on files that are not what they say."""


class UploadRefused(SchoolpoortError):
    """A file that is not accepted, and why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a file that is accepted so far.

    `names_agreement` is "yes" where its text names this agreement and this text, "not_named" where
    it has text that names none, "no_text" for a scan, and "not_held" where that was not asked.
    `signatures` counts the signatures in it, which are judged apart.
    """

    mime: str
    pages: int
    names_agreement: str
    signatures: int


def check(content: bytes, *, agreement_id: str | None, text_version: str) -> Seen:
    """Return what was seen in a file; raises UploadRefused.

    Without an `agreement_id` it may name any: an export of another service is not of our making.
    `text_version` is that of the offer; empty where the offer is not known.
    """
    if not content:
        raise UploadRefused(Refusal.EMPTY)
    if len(content) > LARGEST_UPLOAD_BYTES:
        raise UploadRefused(Refusal.TOO_LARGE)
    try:
        if content.startswith(b"%PDF-"):
            return _pdf(content, agreement_id, text_version)
        return _picture(content)
    except Image.DecompressionBombError as error:
        raise UploadRefused(Refusal.TOO_LARGE) from error
    except _BROKEN as error:
        raise UploadRefused(Refusal.DAMAGED) from error


def _picture(content: bytes) -> Seen:
    if content.startswith(b"\xff\xd8\xff"):
        mime, end = JPEG, b"\xff\xd9"
    elif content.startswith(b"\x89PNG\r\n\x1a\n"):
        mime, end = PNG, b"IEND\xaeB`\x82"
    else:
        raise UploadRefused(Refusal.NOT_A_PAPER)
    if not content.rstrip(b"\0\r\n ").endswith(end) or _is_two_kinds(content):
        raise UploadRefused(Refusal.TWO_KINDS)
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            raise UploadRefused(Refusal.TOO_LARGE)
        picture.verify()
    return Seen(mime, 1, "no_text", 0)


def _is_two_kinds(content: bytes) -> bool:
    return bool(_MARKUP.search(content[:_HEAD_BYTES])) or zipfile.is_zipfile(io.BytesIO(content))


def _pdf(content: bytes, agreement_id: str | None, text_version: str) -> Seen:
    _, mark, tail = content.rpartition(b"%%EOF")
    if not mark:
        raise UploadRefused(Refusal.DAMAGED)
    if _is_two_kinds(content):
        raise UploadRefused(Refusal.TWO_KINDS)
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise UploadRefused(Refusal.PASSWORD)
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise UploadRefused(Refusal.TOO_MANY_PAGES)
    if not pages:
        raise UploadRefused(Refusal.DAMAGED)
    signatures = sum(_look_at(found) for found in _dictionaries(reader))
    if tail.strip(b"\0\r\n\t "):
        # Behind a signature this is an addition to what was signed, which has words of its own.
        raise UploadRefused(Refusal.ADDED_TO if signatures else Refusal.TWO_KINDS)
    return Seen(PDF, pages, _naming(reader, agreement_id, text_version), signatures)


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield every dictionary that can be reached, once; raises UploadRefused for far too many."""
    waiting: list[Any] = [reader.trailer]
    met: set[tuple[int, int]] = set()
    count = 0
    while waiting:
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            if (found.idnum, found.generation) in met:
                continue
            met.add((found.idnum, found.generation))
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            yield found
            waiting.extend(found.raw_get(name) for name in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(list.__iter__(found))
        count += 1
        if count > _MOST_OBJECTS:
            raise UploadRefused(Refusal.DAMAGED)


def _look_at(found: DictionaryObject) -> int:
    """Return 1 for a signature and 0 for anything harmless; raises UploadRefused."""
    if not _ACTIVE_KEYS.isdisjoint(found) or found.get("/S") in _ACTIVE_ACTIONS:
        raise UploadRefused(Refusal.ACTIVE_CONTENT)
    opening = found.get("/OpenAction")
    if isinstance(opening, DictionaryObject) and opening.get("/S") not in _HARMLESS_OPENING:
        raise UploadRefused(Refusal.ACTIVE_CONTENT)
    return int(found.get("/FT") == "/Sig" and "/V" in found)


def _naming(reader: PdfReader, agreement_id: str | None, text_version: str) -> str:
    """Say whether the text names our agreement; raises UploadRefused where it names another."""
    text = "\n".join(page.extract_text() for page in reader.pages)
    named = {(found[1], found[2]) for found in _NAMED.finditer(text)}
    if not named:
        return "not_named" if text.strip() else "no_text"
    if agreement_id is None:
        return "not_held"
    if any(
        number != agreement_id or text_version not in {"", version} for number, version in named
    ):
        raise UploadRefused(Refusal.OTHER_AGREEMENT)
    return "yes"
