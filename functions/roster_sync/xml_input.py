"""XML from outside: parsed with everything off that could reach out, blow up or hide.

Neither UWLR nor EDEXML uses a document type, so a document with one is refused whole. A broken
document is never recovered: half a feed would read as a small school.
"""

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml gives the class of its nodes no public name

LARGEST_DOCUMENT_BYTES = 16 * 1024 * 1024
"""A school of 5,000 pupils is 4 MB."""


class UnreadableXml(Exception):
    """A document cannot be used; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = ("too_large", "malformed", "doctype")


def parse(content: bytes) -> Element:
    """Return the root of a document; raises UnreadableXml."""
    if len(content) > LARGEST_DOCUMENT_BYTES:
        raise UnreadableXml("too_large")
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        # The parser's message can quote the document, so it goes no further.
        raise UnreadableXml(_reason(content)) from error.with_traceback(None)
    entities = root.iter(etree.Entity)
    if root.getroottree().docinfo.internalDTD is not None or next(entities, None) is not None:
        raise UnreadableXml("doctype")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _reason(content: bytes) -> str:
    return "doctype" if b"<!DOCTYPE" in content else "malformed"
