"""What a PDF says of itself at a glance: whether it is one, its pages, text and signatures.

Only what the first look needs; whether a signature is valid is another function's work. Nothing is
run or fetched. Streams are unpacked up to a limit, so that a small file cannot become a large one.
"""

import datetime as dt
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_BYTES = 10 * 1024 * 1024
_MOST_UNPACKED = 24 * 1024 * 1024
_LONGEST_TEXT = 20_000
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_SIGNATURE = re.compile(rb"/ByteRange\s*\[")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|EmbeddedFile|XFA)(?![a-zA-Z])")
_SIGNED_AT = re.compile(rb"/M\s*\(D:(\d{4})(\d{2})(\d{2})")
_SHOWN = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]+>(?=[^>]*T[jJ])")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b" ", b"t": b" ", b"b": b"", b"f": b""}


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What a file is. `text` is empty for a scan, and for letters that only its fonts know."""

    sha256: str
    is_pdf: bool
    is_whole: bool
    is_encrypted: bool
    is_active: bool
    pages: int
    signatures: int
    signed_on: dt.date | None
    text: str


def read(content: bytes) -> PdfFacts:
    """Look at a file of at most LARGEST_BYTES; anything at all may be given."""
    is_pdf = content[:1024].lstrip().startswith(b"%PDF-")
    unpacked = list(_unpacked(content)) if is_pdf else []
    whole = b"\n".join([content, *unpacked]) if is_pdf else b""
    pages = len(_PAGE.findall(whole))
    return PdfFacts(
        sha256=hashlib.sha256(content).hexdigest(),
        is_pdf=is_pdf,
        is_whole=pages > 0 and b"startxref" in content and b"%%EOF" in content[-2048:],
        is_encrypted=is_pdf and b"/Encrypt" in whole,
        is_active=_ACTIVE.search(whole) is not None,
        pages=pages,
        signatures=len(_SIGNATURE.findall(content)) if is_pdf else 0,
        signed_on=_signed_on(content) if is_pdf else None,
        text=_text(unpacked)[:_LONGEST_TEXT],
    )


def _unpacked(content: bytes) -> Iterator[bytes]:
    left = _MOST_UNPACKED
    for found in _STREAM.finditer(content):
        raw = found[1]
        try:
            piece = zlib.decompressobj().decompress(raw, left)
        except zlib.error:
            piece = raw[:left] if b"BT" in raw else b""
        left -= len(piece)
        if piece:
            yield piece
        if left <= 0:
            return


def _text(streams: list[bytes]) -> str:
    """Return the letters that the pages show, where they stand in the file as letters."""
    shown = [
        _letters(found[0])
        for stream in streams
        if b"BT" in stream
        for found in _SHOWN.finditer(stream)
    ]
    return " ".join(" ".join(shown).split())


def _letters(token: bytes) -> str:
    if token.startswith(b"<"):
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode()).decode("cp1252", "replace")
    return _ESCAPED.sub(_unescaped, token[1:-1]).decode("cp1252", "replace")


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _LETTERS.get(code, code)


def _signed_on(content: bytes) -> dt.date | None:
    found = _SIGNED_AT.search(content) if _SIGNATURE.search(content) else None
    if found is None:
        return None
    try:
        return dt.date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
