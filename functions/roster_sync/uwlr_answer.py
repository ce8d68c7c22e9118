"""What a LAS answered, from its bytes: a feed, "nothing changed", or a cause.

The body is read before the status is believed: faults come with 200 and pages of HTML with 503.
Fault codes are compared on what follows their last colon, because prefixes differ per supplier.
"""

import re

from roster_sync import reader
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed
from roster_sync.uwlr_envelope import SOAP
from roster_sync.xml_input import Element, UnreadableXml, parse

_UWLR_1 = "http://www.edustandaard.nl/leerresultaten/1/leerlinggegevens"
_GATEWAY_TROUBLE = frozenset({502, 503, 504})
_SERVER_TROUBLE = 500
_WEB_PAGE = re.compile(rb"<(!doctype\s+)?html[\s>]", re.IGNORECASE)
_BEGINNING = 1024

_FAULTS = {
    "Server.InterneFout": Cause.LAS_INTERNAL,
    "Server.TijdelijkNietBeschikbaar": Cause.LAS_UNAVAILABLE,
    "Client.OngeldigBericht": Cause.MESSAGE_REFUSED,
    "Client.OngeldigeKlantIdentificatie": Cause.CLIENT_UNKNOWN,
    "Client.AutorisatieOngeldig": Cause.KEY_REFUSED,
    "Client.XsdVersieOngeldig": Cause.VERSION_REFUSED,
    "Server": Cause.LAS_INTERNAL,
    "Client": Cause.MESSAGE_REFUSED,
}


class NothingChanged:
    """The LAS says that nothing changed since it was last asked."""


def read_answer(status: int, content: bytes) -> Feed | NothingChanged:
    """Return what an answer holds; raises FeedRefused when that is nothing usable."""
    try:
        root = parse(content)
    except UnreadableXml as error:
        if error.reason == "too_large":
            raise FeedRefused(Cause.LAS_TOO_LARGE) from error
        raise FeedRefused(_cause_of_rubbish(status, content)) from error
    body = root.find(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else None
    if body is None or len(body) == 0:
        raise FeedRefused(_cause_of_rubbish(status, content))
    message = body[0]
    if message.tag == f"{{{SOAP}}}Fault":
        raise FeedRefused(_cause_of_fault(message))
    if message.tag.startswith(f"{{{_UWLR_1}}}"):
        raise FeedRefused(Cause.LAS_OLD_VERSION)
    if message.tag != f"{{{reader.UWLR_2}}}leerlinggegevens_antwoord":
        raise FeedRefused(Cause.LAS_GARBLED)
    return _content(message)


def _content(message: Element) -> Feed | NothingChanged:
    feed = message.find(f"{{{reader.UWLR_2}}}leerlinggegevens")
    if feed is not None:
        return reader.read(feed, reader.UWLR_2)
    if message.find(f"{{{reader.UWLR_2}}}geenwijzigingen") is not None:
        return NothingChanged()
    if message.find(f"{{{reader.UWLR_2}}}geengegevens") is not None:
        raise FeedRefused(Cause.NO_DATA)
    raise FeedRefused(Cause.LAS_GARBLED)


def _cause_of_fault(fault: Element) -> Cause:
    code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    return _FAULTS.get(code, Cause.LAS_FAULT)


def _cause_of_rubbish(status: int, content: bytes) -> Cause:
    """Return what the status says of an answer that says nothing itself."""
    if status in _GATEWAY_TROUBLE:
        return Cause.LAS_UNAVAILABLE
    if status >= _SERVER_TROUBLE:
        return Cause.LAS_INTERNAL
    is_page = _WEB_PAGE.search(content[:_BEGINNING]) is not None
    return Cause.LAS_WEB_PAGE if is_page else Cause.LAS_GARBLED
