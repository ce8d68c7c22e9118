"""XML that wants to reach out, blow up or hide is refused."""

import pytest

from roster_sync import xml_input
from roster_sync.xml_input import UnreadableXml, parse

_LAUGHS = "".join(f'<!ENTITY l{depth} "{f"&l{depth - 1};" * 10}">' for depth in range(1, 10))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE a><a/>", "doctype"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "doctype"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>', "doctype"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "doctype"),
        (b'<!DOCTYPE a [<!ENTITY % e SYSTEM "file:///etc/hostname">%e;]><a/>', "doctype"),
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]><a>&l9;</a>'.encode(), "doctype"),
        (b"<a>&undefined;</a>", "malformed"),
        (b"<a><b></a>", "malformed"),
        (b"<a>", "malformed"),
        (b"", "malformed"),
        (b"\n<?xml version='1.0'?><a/>", "malformed"),
        (b"<a>\x92</a>", "malformed"),
        (b"<a>" * 300 + b"</a>" * 300, "malformed"),
    ],
)
def test_bad_documents_are_refused(content: bytes, reason: str) -> None:
    """A document type, an entity or a broken document is refused whole."""
    with pytest.raises(UnreadableXml) as refused:
        parse(content)
    assert refused.value.reason == reason


def test_document_over_the_limit_is_not_parsed() -> None:
    """One byte too many is too many."""
    padding = xml_input.LARGEST_DOCUMENT_BYTES - len(b"<a></a>")
    assert parse(b"<a>" + b" " * 10 + b"</a>").tag == "a"
    with pytest.raises(UnreadableXml) as refused:
        parse(b"<a>" + b" " * (padding + 1) + b"</a>")
    assert refused.value.reason == "too_large"


def test_encodings_that_say_what_they_are_are_read() -> None:
    """UTF-8 with a byte order mark and UTF-16 are read like plain UTF-8."""
    for content in ("\ufeff<a>ë</a>".encode(), "<a>ë</a>".encode("utf-16")):
        assert parse(content).text == "ë"


def test_reasons_are_declared() -> None:
    """Every reason that is raised stands in the list that others map."""
    assert set(xml_input.REASONS) == {"too_large", "malformed", "doctype"}
