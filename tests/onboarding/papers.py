"""PDF files for requests: honest ones, sloppy ones, and every wrong kind."""

import zlib


def pdf(
    text: str = "", *, signed_on: str = "", pages: int = 1, extra: bytes = b"", raw: bool = False
) -> bytes:
    """Return a small whole PDF that shows a text; `signed_on` ("20261120") adds a signature."""
    lines = (
        b" ".join(b"(" + _escaped(line) + b") Tj T*" for line in text.split("\n")) if text else b""
    )
    shown = (
        b"BT /F1 12 Tf 72 720 Td " + lines + b" ET" if text else b"q 100 0 0 100 0 0 cm /Im0 Do Q"
    )
    stream = shown if raw else zlib.compress(shown)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d >>" % pages,
        *(b"<< /Type /Page /Parent 2 0 R /Contents 9 0 R >>" for _ in range(pages)),
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
    ]
    if signed_on:
        moment = signed_on.encode()
        objects.append(b"<< /Type /Sig /ByteRange [0 10 20 30] /M (D:" + moment + b"120000Z) >>")
    body = b"".join(
        b"%d 0 obj\n" % number + one + b"\nendobj\n" for number, one in enumerate(objects)
    )
    return b"%PDF-1.7\n" + body + extra + b"trailer\n<< /Root 0 0 R >>\nstartxref\n9\n%%EOF\n"


def _escaped(text: str) -> bytes:
    plain = text.encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


WRONG_KINDS = {
    "nothing": b"",
    "a web page": b"<!doctype html><title>%PDF</title>",
    "a picture": b"\xff\xd8\xff\xe0JFIF" + bytes(500),
    "a text document": b"PK\x03\x04" + bytes(500),
    "a cut-off file": pdf("99AB")[: len(pdf("99AB")) // 2],
    "only a header": b"%PDF-1.7\n%%EOF",
    "a locked file": pdf("99AB", extra=b"<< /Encrypt 5 0 R >>\n"),
    "a file that runs": pdf("99AB", extra=b"<< /S /JavaScript /JS (app.alert) >>\n"),
    "a file that starts another": pdf("99AB", extra=b"<< /S /Launch /F (cmd.exe) >>\n"),
    "a file that carries another": pdf("99AB", extra=b"<< /Type /EmbeddedFile >>\n"),
    "noise": b"%PDF-1.7\n" + bytes(range(256)) * 40,
}
"""What people and attackers upload instead of a signed PDF."""
