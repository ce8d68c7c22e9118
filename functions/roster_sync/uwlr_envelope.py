"""The one question that we ask a LAS: UWLR's HaalLeerlinggegevens, as a SOAP 1.1 envelope.

Names and order are those of the UWLR 2.2 WSDL. Values enter as element text, so lxml escapes them.
"""

from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from roster_sync.reader import UWLR_2
from roster_sync.xml_input import Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
AUTHORISATION = "http://www.edustandaard.nl/leerresultaten/2/autorisatie"
SOAP_ACTION = "HaalLeerlinggegevens"

XsdVersion = Literal["2.2", "2.3"]
"""Below 2.2 a LAS leaves the ECK iDs out, so we never ask for less."""

_NAMESPACES = {"soap": SOAP, "aut": AUTHORISATION, "lg": UWLR_2}


@dataclass(frozen=True, slots=True)
class Question:
    """Whose roster we ask for, and with which authorisation.

    `brin6` is BRIN and location code; `client_name` and `client_code` are how the supplier of the
    LAS knows us, `authorisation_key` is what the school gave us.
    """

    brin6: str
    school_year: str
    client_name: str
    client_code: str = field(repr=False)
    authorisation_key: str = field(repr=False)
    xsd_version: XsdVersion = "2.2"


def one_version_down(version: XsdVersion) -> XsdVersion | None:
    """Return what to ask for when a LAS does not know a version; None when we know none older."""
    return "2.2" if version == "2.3" else None


def envelope(question: Question) -> bytes:
    """Return the request body."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=_NAMESPACES)
    header = etree.SubElement(root, f"{{{SOAP}}}Header")
    authorisation = etree.SubElement(header, f"{{{AUTHORISATION}}}autorisatie")
    _add(authorisation, AUTHORISATION, "autorisatiesleutel", question.authorisation_key)
    _add(authorisation, AUTHORISATION, "klantcode", question.client_code)
    _add(authorisation, AUTHORISATION, "klantnaam", question.client_name)
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    request = etree.SubElement(body, f"{{{UWLR_2}}}leerlinggegevens_verzoek")
    _add(request, UWLR_2, "schooljaar", question.school_year)
    _add(request, UWLR_2, "brincode", question.brin6[:4])
    _add(request, UWLR_2, "dependancecode", question.brin6[4:])
    _add(request, UWLR_2, "xsdversie", question.xsd_version)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _add(parent: Element, namespace: str, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{namespace}}}{name}").text = text
