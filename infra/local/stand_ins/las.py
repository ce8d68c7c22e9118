"""A stand-in LAS: UWLR 2.2 and 2.3 over real HTTP, with every bad day on demand.

A school's key is `key_of(brin6)`: "sleutel-" and its BRIN6. Checks come in the order of a real
one: well-formed, header complete, request understood, customer, key, version, data. What a school
answers next is set per BRIN6 with `set_fixture`.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from infra.local import las_xml, rosters
from infra.local.las_xml import AUT, LG, SOAP, fault
from infra.local.rosters import Rows
from infra.local.stand_ins.http import StandInRequest, StandInResponse
from schoolpoort import settings

PREFIX = "/_las/"
SLOWNESS_S = 25.0
"""Longer than any caller of ours waits; tests make it shorter."""

_FAULTS = {
    "interne_fout": "Server.InterneFout",
    "tijdelijk_niet_beschikbaar": "Server.TijdelijkNietBeschikbaar",
    "ongeldig_bericht": "Client.OngeldigBericht",
    "ongeldige_klant": "Client.OngeldigeKlantIdentificatie",
    "autorisatie_ongeldig": "Client.AutorisatieOngeldig",
    "xsdversie_ongeldig": "Client.XsdVersieOngeldig",
}
_CONTENT_TYPE = [("Content-Type", "text/xml; charset=utf-8")]
_YEAR = re.compile(r"[12]\d{3}-[12]\d{3}")
_BRIN = re.compile(r"\d{2}[A-Z]{2}")
_LOCATION = re.compile(r"\d{2}")
_VERSIONS = frozenset({"2.2", "2.3"})
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)

_LOCK = threading.Lock()
_fixtures: dict[str, str] = {}


def key_of(brin6: str) -> str:
    """Return the authorisation key that opens a school here."""
    return f"sleutel-{brin6}"


def set_fixture(brin6: str, name: str) -> None:
    """Choose what a school answers from now on; raises ValueError for an unknown name."""
    if name not in FIXTURES:
        raise ValueError(name)
    with _LOCK:
        _fixtures[brin6] = name


def clear_fixtures() -> None:
    """Let every school answer normally again."""
    with _LOCK:
        _fixtures.clear()


def handle(request: StandInRequest) -> StandInResponse | None:
    """Answer a request below /_las/<supplier>, or None for any other path."""
    if not request.path.startswith(PREFIX):
        return None
    if request.method != "POST":
        return StandInResponse(405, b"", [("Allow", "POST")])
    try:
        envelope = etree.fromstring(request.body, _PARSER)
    except etree.XMLSyntaxError:
        return _fault("Client.OngeldigBericht")
    refused = _checked(request, envelope)
    if refused is not None:
        return refused
    brin6 = _asked(envelope, "brincode") + (_asked(envelope, "dependancecode") or "00")
    name = _fixtures.get(brin6, "normal")
    if name in _FAULTS:
        return _fault(_FAULTS[name])
    return FIXTURES[name](rosters.of_school(brin6, _asked(envelope, "schooljaar")))


def _checked(request: StandInRequest, envelope: etree._Element) -> StandInResponse | None:
    """Return the fault of the first check that fails."""
    header = {
        name: envelope.findtext(f"{{{SOAP}}}Header/{{{AUT}}}autorisatie/{{{AUT}}}{name}") or ""
        for name in ("autorisatiesleutel", "klantcode", "klantnaam")
    }
    if not all(header.values()):
        return _fault("Client.AutorisatieOngeldig")
    if not _is_understood(request, envelope):
        return _fault("Client.OngeldigBericht")
    own = (settings.optional("LAS_CLIENT_NAME"), settings.optional("LAS_CLIENT_CODE"))
    if (header["klantnaam"], header["klantcode"]) != own:
        return _fault("Client.OngeldigeKlantIdentificatie")
    brin6 = _asked(envelope, "brincode") + (_asked(envelope, "dependancecode") or "00")
    if header["autorisatiesleutel"] != key_of(brin6):
        return _fault("Client.AutorisatieOngeldig")
    if _asked(envelope, "xsdversie") not in _VERSIONS:
        return _fault("Client.XsdVersieOngeldig")
    return None


def _is_understood(request: StandInRequest, envelope: etree._Element) -> bool:
    action = request.headers.get("soapaction", "").strip('"')
    body = envelope.find(f"{{{SOAP}}}Body")
    if action != "HaalLeerlinggegevens" or body is None or len(body) != 1:
        return False
    if body[0].tag != f"{{{LG}}}leerlinggegevens_verzoek":
        return False
    order = [etree.QName(child).localname for child in body[0]]
    return (
        order == ["schooljaar", "brincode", "dependancecode", "xsdversie"]
        and _YEAR.fullmatch(_asked(envelope, "schooljaar")) is not None
        and _BRIN.fullmatch(_asked(envelope, "brincode")) is not None
        and _LOCATION.fullmatch(_asked(envelope, "dependancecode")) is not None
    )


def _asked(envelope: etree._Element, name: str) -> str:
    path = f"{{{SOAP}}}Body/{{{LG}}}leerlinggegevens_verzoek/{{{LG}}}{name}"
    return envelope.findtext(path) or ""


def _answer(body: bytes, status: int = 200) -> StandInResponse:
    return StandInResponse(status, body, list(_CONTENT_TYPE))


def _fault(code: str, status: int = 500) -> StandInResponse:
    return _answer(fault(code), status)


def _normal(rows: Rows) -> StandInResponse:
    return _answer(las_xml.answer(rows))


def _no_data(_rows: Rows) -> StandInResponse:
    return _answer(las_xml.short_answer("geengegevens"))


def _no_changes(_rows: Rows) -> StandInResponse:
    return _answer(las_xml.short_answer("geenwijzigingen"))


def _truncated(rows: Rows) -> StandInResponse:
    body = las_xml.answer(rows)
    return _answer(body[: len(body) * 2 // 3])


def _html(_rows: Rows) -> StandInResponse:
    page = b"<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>"
    return StandInResponse(503, page, [("Content-Type", "text/html")])


def _half(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, pupils=rows.pupils[::2]))


def _some_left(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, pupils=rows.pupils[:-1]))


def _many_left(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, pupils=rows.pupils[:-8]))


def _moved(rows: Rows) -> StandInResponse:
    """One pupil of group 5 goes to group 6 and three are new in group 5."""
    five, six = (group for group in rows.groups if group.year_group in {"5", "6"})
    first = next(pupil for pupil in rows.pupils if pupil.group_key == five.key)
    mover = replace(first, group_key=six.key, year_group="6")
    new = [
        replace(first, key=f"new{number}", given_name=name, eck_id=f"{first.eck_id}{number}")
        for number, name in enumerate(("Pien", "Oğuz", "Jip"))
    ]
    others = [pupil for pupil in rows.pupils if pupil is not first]
    return _normal(replace(rows, pupils=(*others, mover, *new)))


def _key_twice(rows: Rows) -> StandInResponse:
    """Give the last two pupils one number."""
    *others, one, two = rows.pupils
    return _normal(replace(rows, pupils=(*others, one, replace(two, key=one.key))))


def _no_staff(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, staff=()))


def _wrong_school(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, brin6="99ZZ00"))


def _previous_year(rows: Rows) -> StandInResponse:
    first = int(rows.school_year[:4]) - 1
    return _normal(rosters.of_school(rows.brin6, f"{first}-{first + 1}"))


def _reordered(rows: Rows) -> StandInResponse:
    return _answer(las_xml.reordered(las_xml.answer(rows)))


def _empty(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, groups=(), pupils=(), staff=()))


def _doctype(rows: Rows) -> StandInResponse:
    head, _, rest = las_xml.answer(rows).partition(b"?>")
    return _answer(head + b'?><!DOCTYPE x [<!ENTITY e "e">]>' + rest)


def _fault_with_200(_rows: Rows) -> StandInResponse:
    return _fault("Server.InterneFout", status=200)


def _slow(rows: Rows) -> StandInResponse:
    time.sleep(SLOWNESS_S)
    return _normal(rows)


def _silent(_rows: Rows) -> StandInResponse:
    return StandInResponse(0)


FIXTURES: dict[str, Callable[[Rows], StandInResponse]] = {
    "normal": _normal,
    "geengegevens": _no_data,
    "geenwijzigingen": _no_changes,
    "truncated": _truncated,
    "html_503": _html,
    "half": _half,
    "some_left": _some_left,
    "many_left": _many_left,
    "moved": _moved,
    "key_twice": _key_twice,
    "no_staff": _no_staff,
    "wrong_school": _wrong_school,
    "previous_year": _previous_year,
    "reordered": _reordered,
    "empty": _empty,
    "doctype": _doctype,
    "fault_with_200": _fault_with_200,
    "slow": _slow,
    "silent": _silent,
    **dict.fromkeys(_FAULTS, _normal),
}
"""What a school can be made to answer; the names of faults stand here too."""
