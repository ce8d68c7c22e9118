"""Files that a board, or somebody who means harm, might send."""

import functools
import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject


@functools.cache
def scan(pages: int = 1) -> bytes:
    """Return a scan: pages with a picture and no text."""
    target = io.BytesIO()
    sheets = [Image.new("L", (240, 340), 200 + number % 50) for number in range(pages)]
    sheets[0].save(target, "PDF", save_all=True, append_images=sheets[1:])
    return target.getvalue()


def picture(kind: str) -> bytes:
    """Return a picture of a sheet, as a phone makes it."""
    target = io.BytesIO()
    Image.new("RGB", (240, 340), "white").save(target, kind)
    return target.getvalue()


def picture_with_wrong_checksum() -> bytes:
    """Return a PNG picture of which a part is not what its checksum says."""
    content = bytearray(picture("PNG"))
    content[content.rindex(b"IDAT") + 5] ^= 0xFF
    return bytes(content)


def picture_of_impossible_size() -> bytes:
    """Return a small PNG that says of itself to be 40,000 by 40,000 points."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    parts = (head, b"IDAT" + zlib.compress(b"\0"), b"IEND")
    chunks = (
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def with_password(content: bytes) -> bytes:
    """Return a file that asks for a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt("geheim", algorithm="AES-256")
    return _written(writer)


def with_script(content: bytes) -> bytes:
    """Return a file with a script that runs when it is opened."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    script = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.x()"),
        }
    )
    named = ArrayObject([TextStringObject("begin"), writer._add_object(script)])
    tree = DictionaryObject({NameObject("/Names"): named})
    names = DictionaryObject({NameObject("/JavaScript"): writer._add_object(tree)})
    writer.root_object[NameObject("/Names")] = names
    return _written(writer)


def with_file_inside(content: bytes) -> bytes:
    """Return a file that carries another."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.add_attachment("rekening.exe", b"MZ")
    return _written(writer)


def with_action(content: bytes, action: str, *, where: str) -> bytes:
    """Return a file with an action: when it is opened, or on its first page."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    does = DictionaryObject(
        {NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("calc.exe")}
    )
    if where == "opening":
        writer.root_object[NameObject("/OpenAction")] = does
    elif where == "page":
        opened = DictionaryObject({NameObject("/O"): does})
        writer.pages[0][NameObject("/AA")] = opened
    else:
        link = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Link"),
                NameObject("/A"): does,
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([link])
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def with_zip(content: bytes) -> bytes:
    """Return a file that is a zip too."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("x.txt", "x")
    return target.getvalue()


def with_page_of_the_web(content: bytes) -> bytes:
    """Return a file whose first lines are a page with a script too."""
    head, _, rest = content.partition(b"\n")
    return head + b"\n%<html><script>alert(1)</script></html>\n" + rest
