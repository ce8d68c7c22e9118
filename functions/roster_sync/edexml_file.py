"""Reads an uploaded EDEXML file (1.03, 2.0 or 2.1); raises FeedRefused with what is wrong."""

import codecs

from roster_sync import reader
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed
from roster_sync.xml_input import UnreadableXml, parse

_BEGINNING = 1024
_CAUSES = {
    "too_large": Cause.FILE_TOO_LARGE,
    "malformed": Cause.FILE_MALFORMED,
    "doctype": Cause.FILE_FORBIDDEN,
}


def read_file(content: bytes) -> Feed:
    """Return the feed of a file's bytes."""
    if not _looks_like_xml(content):
        # The four text files of EDEX2000, a zip, a spreadsheet.
        raise FeedRefused(Cause.FILE_OTHER_KIND)
    try:
        root = parse(content)
    except UnreadableXml as error:
        raise FeedRefused(_CAUSES[error.reason]) from error
    if root.tag != "EDEX":
        raise FeedRefused(Cause.FILE_OTHER_KIND)
    return reader.read(root, reader.EDEXML)


def _looks_like_xml(content: bytes) -> bool:
    beginning = content[:_BEGINNING].removeprefix(codecs.BOM_UTF8).lstrip()
    is_utf_16 = beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return not beginning or is_utf_16 or beginning.startswith(b"<")
