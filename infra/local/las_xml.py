"""Writes rosters as a LAS sends them: UWLR 2.2 answers, and EDEXML 2.1 files of the same."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from infra.local.rosters import PupilRow, Rows, StaffRow

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LG = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"
AUT = "http://www.edustandaard.nl/leerresultaten/2/autorisatie"

_MADE_AT = "2026-01-01T02:00:00"


class _Writer:
    """Builds the content in one namespace, or in none."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}" if namespace else ""

    def add(self, parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
        element = etree.SubElement(parent, self._prefix + name)
        element.text = text
        return element

    def fill(self, root: etree._Element, rows: Rows, version: str) -> None:
        school = self.add(root, "school")
        self.add(school, "schooljaar", rows.school_year)
        self.add(school, "brincode", rows.brin6[:4])
        self.add(school, "dependancecode", rows.brin6[4:])
        self.add(school, "aanmaakdatum", _MADE_AT)
        self.add(school, "xsdversie", version)
        if rows.groups:
            groups = self.add(root, "groepen")
            for row in rows.groups:
                group = self.add(groups, row.kind)
                group.set("key", row.key)
                self.add(group, "naam", row.name)
                if row.year_group:
                    self.add(group, "jaargroep", row.year_group)
        pupils = self.add(root, "leerlingen")
        for pupil in rows.pupils:
            self._pupil(pupils, pupil)
        if rows.staff:
            staff = self.add(root, "leerkrachten")
            for member in rows.staff:
                self._staff(staff, member)

    def _pupil(self, parent: etree._Element, row: PupilRow) -> None:
        pupil = self.add(parent, "leerling")
        for name, value in (("key", row.key), ("eckid", row.eck_id)):
            if value:
                pupil.set(name, value)
        self.add(pupil, "achternaam", row.surname)
        if row.prefix:
            self.add(pupil, "voorvoegsel", row.prefix)
        self.add(pupil, "roepnaam", row.given_name)
        self.add(pupil, "geboortedatum", row.birth_date)
        self.add(pupil, "jaargroep", row.year_group)
        self.add(pupil, "groep").set("key", row.group_key)
        if row.composed_keys:
            composed = self.add(pupil, "samengestelde_groepen")
            for key in row.composed_keys:
                self.add(composed, "samengestelde_groep").set("key", key)

    def _staff(self, parent: etree._Element, row: StaffRow) -> None:
        member = self.add(parent, "leerkracht")
        member.set("key", row.key)
        self.add(member, "achternaam", row.surname)
        if row.prefix:
            self.add(member, "voorvoegsel", row.prefix)
        self.add(member, "roepnaam", row.given_name)
        if row.address:
            self.add(member, "emailadres", row.address)
        for role in row.roles:
            self.add(member, "rol", role)
        if row.group_keys:
            groups = self.add(member, "groepen")
            for key in row.group_keys:
                kind = "samengestelde_groep" if key.endswith("plus") else "groep"
                self.add(groups, kind).set("key", key)


Prefixes = Any
"""A mapping from prefix to namespace; lxml's own type of it knows no default namespace."""

PREFIXES: Prefixes = {"soap": SOAP, "le": LG}
"""The prefixes of an answer, unless a test wants others; None is the default namespace."""


def answer(rows: Rows, version: str = "2.2", prefixes: Prefixes = PREFIXES) -> bytes:
    """Return a UWLR answer with a roster."""
    return edited(rows, lambda _: None, version, prefixes)


def edited(
    rows: Rows,
    edit: Callable[[etree._Element], None],
    version: str = "2.2",
    prefixes: Prefixes = PREFIXES,
) -> bytes:
    """Return a UWLR answer after an edit of its `leerlinggegevens`."""
    envelope, message = _message(prefixes)
    writer = _Writer(LG)
    content = writer.add(message, "leerlinggegevens")
    writer.fill(content, rows, version)
    edit(content)
    return _bytes(envelope)


def short_answer(name: str) -> bytes:
    """Return a UWLR answer that holds only `geenwijzigingen` or `geengegevens`."""
    envelope, message = _message()
    _Writer(LG).add(message, name)
    return _bytes(envelope)


def fault(code: str) -> bytes:
    """Return a SOAP fault."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    element = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = f"soap:{code}"
    etree.SubElement(element, "faultstring").text = "Het verzoek kan niet worden beantwoord."
    return _bytes(envelope)


def edexml(rows: Rows) -> bytes:
    """Return an EDEXML 2.1 file with a roster."""
    root = etree.Element("EDEX")
    _Writer("").fill(root, rows, "2.1")
    return _bytes(root)


def reordered(content: bytes) -> bytes:
    """Return a document in which the children of every element come in reverse order."""
    root = etree.fromstring(content)
    for element in list(root.iter()):
        if etree.QName(element).namespace != SOAP:
            element[:] = list(reversed(element))
    return _bytes(root)


def _message(
    prefixes: Prefixes = PREFIXES,
) -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap=prefixes)
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    return envelope, etree.SubElement(body, f"{{{LG}}}leerlinggegevens_antwoord")


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def in_utf_16(content: bytes) -> bytes:
    """Return a document in UTF-16, with its mark."""
    text = etree.tostring(etree.fromstring(content), encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
