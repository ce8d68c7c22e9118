"""A stand-in LAS: UWLR 2.2 and 2.3 over real HTTP, with every bad day on demand.

A school's key is `key_of(brin6)`: "sleutel-" and its BRIN6. Checks come in the order of a real
one: well-formed, header complete, request understood, customer, key, version, data. What a school
answers next is set per BRIN6 with `set_fixture`.
"""

import re
import threading

from lxml import etree

from infra.local import rosters
from infra.local.las_xml import AUT, LG, SOAP
from infra.local.stand_ins.http import StandInRequest, StandInResponse
from infra.local.stand_ins.las_fixtures import FAULTS, FIXTURES, answered, refused
from infra.local.stand_ins.las_wsdl import wsdl
from schoolpoort import settings

PREFIX = "/_las/"
_YEAR = re.compile(r"[12]\d{3}-[12]\d{3}")
_BRIN = re.compile(r"\d{2}[A-Z]{2}")
_LOCATION = re.compile(r"\d{2}")
VERSIONS = frozenset({"2.2", "2.3"})
"""What it speaks; tests make it speak less."""

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)

GENERAL_KEY = "sleutel-algemeen"
"""Opens every school, for schools that have no key of their own yet."""

_LOCK = threading.Lock()
_fixtures: dict[str, str] = {}
_revoked: set[str] = set()


def key_of(brin6: str) -> str:
    """Return the authorisation key that opens a school here."""
    return f"sleutel-{brin6}"


def revoke(key: str) -> None:
    """Accept a key no more."""
    with _LOCK:
        _revoked.add(key)


def _opens(key: str, brin6: str) -> bool:
    """Say whether a key opens a school: its own, or one that it made later ("sleutel-…-2")."""
    own = key_of(brin6)
    fits = key in {own, GENERAL_KEY} or key.startswith(f"{own}-")
    return fits and key not in _revoked


def set_fixture(brin6: str, name: str) -> None:
    """Choose what a school answers from now on; raises ValueError for an unknown name."""
    if name not in FIXTURES:
        raise ValueError(name)
    with _LOCK:
        _fixtures[brin6] = name


def clear_fixtures() -> None:
    """Let every school answer normally again, to every key."""
    with _LOCK:
        _fixtures.clear()
        _revoked.clear()


def handle(request: StandInRequest) -> StandInResponse | None:
    """Answer a request below /_las/<supplier>, or None for any other path."""
    if not request.path.startswith(PREFIX):
        return None
    if request.method == "GET" and "wsdl" in request.query:
        address = f"http://{request.headers.get('host', 'localhost')}{request.path}"
        return answered(wsdl(address))
    if request.method != "POST":
        return StandInResponse(405, b"", [("Allow", "POST")])
    try:
        envelope = etree.fromstring(request.body, _PARSER)
    except etree.XMLSyntaxError:
        return refused("Client.OngeldigBericht")
    fault = _checked(request, envelope)
    if fault is not None:
        return fault
    brin6 = _asked(envelope, "brincode") + (_asked(envelope, "dependancecode") or "00")
    name = _fixtures.get(brin6, "normal")
    if name in FAULTS:
        return refused(FAULTS[name])
    return FIXTURES[name](rosters.of_school(brin6, _asked(envelope, "schooljaar")))


def _checked(request: StandInRequest, envelope: etree._Element) -> StandInResponse | None:
    """Return the fault of the first check that fails."""
    header = {
        name: envelope.findtext(f"{{{SOAP}}}Header/{{{AUT}}}autorisatie/{{{AUT}}}{name}") or ""
        for name in ("autorisatiesleutel", "klantcode", "klantnaam")
    }
    if not all(header.values()):
        return refused("Client.AutorisatieOngeldig")
    if not _is_understood(request, envelope):
        return refused("Client.OngeldigBericht")
    own = (settings.optional("LAS_CLIENT_NAME"), settings.optional("LAS_CLIENT_CODE"))
    if (header["klantnaam"], header["klantcode"]) != own:
        return refused("Client.OngeldigeKlantIdentificatie")
    brin6 = _asked(envelope, "brincode") + (_asked(envelope, "dependancecode") or "00")
    if not _opens(header["autorisatiesleutel"], brin6):
        return refused("Client.AutorisatieOngeldig")
    if _asked(envelope, "xsdversie") not in VERSIONS:
        return refused("Client.XsdVersieOngeldig")
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
