"""The stand-in LAS: it answers as the standard says, and badly in every way on request."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from infra.local import las_xml, rosters
from infra.local.las_xml import LG, SOAP
from infra.local.stand_ins import las, las_fixtures
from infra.local.stand_ins.http import StandInRequest, StandInResponse
from roster_sync import screening
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed, PersonKind
from roster_sync.uwlr_answer import NothingChanged, read_answer
from roster_sync.uwlr_envelope import Question, envelope
from tests.roster_sync.samples import BRIN6, DAY, YEAR

_SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "uwlr-2.2" / "Schemas"
_YEARS = "{http://www.w3.org/2001/XMLSchema}enumeration"
_PUPILS = len(rosters.of_school(BRIN6, YEAR).pupils)

_REFUSED = {
    "geengegevens": Cause.NO_DATA,
    "truncated": Cause.LAS_GARBLED,
    "html_503": Cause.LAS_UNAVAILABLE,
    "html_200": Cause.LAS_WEB_PAGE,
    "cp1252": Cause.LAS_GARBLED,
    "doctype": Cause.LAS_GARBLED,
    "mojibake": Cause.LETTERS_BROKEN,
    "laughs": Cause.LAS_GARBLED,
    "old_version": Cause.LAS_OLD_VERSION,
    "fault_with_200": Cause.LAS_INTERNAL,
    "too_large": Cause.LAS_TOO_LARGE,
    "interne_fout": Cause.LAS_INTERNAL,
    "tijdelijk_niet_beschikbaar": Cause.LAS_UNAVAILABLE,
    "ongeldig_bericht": Cause.MESSAGE_REFUSED,
    "ongeldige_klant": Cause.CLIENT_UNKNOWN,
    "autorisatie_ongeldig": Cause.KEY_REFUSED,
    "xsdversie_ongeldig": Cause.VERSION_REFUSED,
    "vocabulaireterm_ongeldig": Cause.LAS_FAULT,
    "leerling_ongeldig": Cause.LAS_FAULT,
    "toetsnormering_ongeldig": Cause.LAS_FAULT,
    "score_ongeldig": Cause.LAS_FAULT,
    "eldresultaat_ongeldig": Cause.LAS_FAULT,
}
_OF_THE_TRANSPORT = frozenset({"slow", "silent", "redirect", "gzip_bomb"})
"""Fixtures that are bad before there is a body; the client's own tests are of these."""

_ODD = {
    "placeholder_mail": {},
    "dangling_group": {"group_unknown": 1},
    "former_pupils": {"former_pupils": 2},
    "default_namespace": {},
    "odd_prefixes": {},
    "version_2_3": {},
    "empty_prefixes": {},
    "only_given_names": {},
    "utf_16": {},
    "byte_order_mark": {},
    "reordered": {},
}


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAS_CLIENT_NAME", "schoolpoort")
    monkeypatch.setenv("LAS_CLIENT_CODE", "local-client-code")


def _ask(body: bytes, *, action: str = '"HaalLeerlinggegevens"') -> StandInResponse:
    headers = {"soapaction": action, "host": "las.example"}
    answer = las.handle(StandInRequest("POST", "/_las/parnassys", {}, headers, body))
    assert answer is not None
    return answer


def _question(**values: str) -> bytes:
    asked: dict[str, Any] = {
        "brin6": BRIN6,
        "school_year": YEAR,
        "client_name": "schoolpoort",
        "client_code": "local-client-code",
        "authorisation_key": las.key_of(BRIN6),
    }
    return envelope(Question(**{**asked, **values}))


def _read(name: str) -> Feed | NothingChanged:
    made = las_fixtures.FIXTURES[name](rosters.of_school(BRIN6, YEAR))
    if name in las_fixtures.FAULTS:
        made = las_fixtures.refused(las_fixtures.FAULTS[name])
    return read_answer(made.status, made.body)


def _fault_of(answer: StandInResponse) -> str:
    root = etree.fromstring(answer.body)
    return (root.findtext(f".//{{{SOAP}}}Fault/faultcode") or "").rpartition(":")[2]


@pytest.mark.parametrize("name", sorted(_REFUSED))
def test_a_fixture_that_is_no_feed_is_named(name: str) -> None:
    """Each bad day has its own cause, so that its owner knows what to do."""
    with pytest.raises(FeedRefused) as refused:
        _read(name)
    assert refused.value.cause == _REFUSED[name]


@pytest.mark.parametrize("name", sorted(set(las_fixtures.FIXTURES) - set(_REFUSED)))
def test_every_other_fixture_is_read(name: str) -> None:
    """What is odd but usable gives a feed, whatever its prefixes, order and encoding."""
    if name in _OF_THE_TRANSPORT:
        return
    answer = _read(name)
    assert isinstance(answer, Feed) != (name == "geenwijzigingen")


@pytest.mark.parametrize("name", sorted(_ODD))
def test_an_odd_fixture_loses_nobody(name: str) -> None:
    """Everybody who is at school is in the roster, and what was odd is counted."""
    feed = _read(name)
    assert isinstance(feed, Feed)
    screened = screening.screen(feed, YEAR, DAY)
    pupils = [one for one in screened.roster.people if one.kind == PersonKind.PUPIL]
    assert len(pupils) == _PUPILS - _ODD[name].get("former_pupils", 0)
    assert screened.warnings == _ODD[name]


def test_what_rule_7_bans_is_dropped_of_every_pupil() -> None:
    """Six kinds of each pupil are counted and none of their values is in the feed."""
    feed = _read("forbidden_fields")
    assert isinstance(feed, Feed)
    kinds = ("bsn", "sex", "origin", "weight", "home_address", "photo", "pupil_mail")
    assert {kind: feed.dropped[kind] for kind in kinds} == dict.fromkeys(kinds, _PUPILS)
    said = repr(feed)
    assert not any(word in said for word in ("999999990", "1234AB", "thuis.example", "foto"))


def test_a_large_school_is_five_thousand_pupils() -> None:
    """The large fixture is as large as it says, and is read whole."""
    feed = _read("large")
    assert isinstance(feed, Feed)
    assert len(feed.pupils) >= 5000


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, ""),
        ({"client_name": "iemand"}, "Client.OngeldigeKlantIdentificatie"),
        ({"client_code": "fout"}, "Client.OngeldigeKlantIdentificatie"),
        ({"authorisation_key": "fout"}, "Client.AutorisatieOngeldig"),
        ({"authorisation_key": ""}, "Client.AutorisatieOngeldig"),
        ({"client_name": ""}, "Client.AutorisatieOngeldig"),
        ({"school_year": "2026"}, "Client.OngeldigBericht"),
        ({"brin6": "99ZZ00"}, "Client.AutorisatieOngeldig"),
        ({"brin6": "9ZZ900"}, "Client.OngeldigBericht"),
        ({"brin6": "00AA07"}, "Client.AutorisatieOngeldig"),
        ({"brin6": "00AAx7"}, "Client.OngeldigBericht"),
        ({"xsd_version": "2.1"}, "Client.XsdVersieOngeldig"),
    ],
)
def test_the_steps_of_conformance(changed: dict[str, str], code: str) -> None:
    """Each wrong part of a question gets the fault that a real LAS gives."""
    answer = _ask(_question(**changed))
    assert answer.status == (500 if code else 200)
    assert _fault_of(answer) == code


@pytest.mark.parametrize("body", [b"", b"<x", b"<x/>", _question()[:-40]])
def test_what_is_no_question_is_a_bad_message(body: bytes) -> None:
    """Broken XML and other documents are refused as messages or for their header."""
    assert _fault_of(_ask(body)) in {"Client.OngeldigBericht", "Client.AutorisatieOngeldig"}


def test_action_and_body_must_agree() -> None:
    """Another operation than the body's is a bad message; quotes make no difference."""
    assert _fault_of(_ask(_question(), action="HaalStructuur")) == "Client.OngeldigBericht"
    assert _fault_of(_ask(_question(), action="HaalLeerlinggegevens")) == ""


def test_the_wsdl_is_served_with_the_names_of_the_standard() -> None:
    """A client made from a WSDL finds operation, port and address."""
    request = StandInRequest("GET", "/_las/esis", {"wsdl": ""}, {"host": "127.0.0.1:1"}, b"")
    answer = las.handle(request)
    assert answer is not None
    root = etree.fromstring(answer.body)
    names = {"w": "http://schemas.xmlsoap.org/wsdl/", "s": "http://schemas.xmlsoap.org/wsdl/soap/"}
    assert root.xpath("string(//w:port/@name)", namespaces=names) == "prtLeerlinggegevensService"
    action = root.xpath("string(//s:operation/@soapAction)", namespaces=names)
    assert action == "HaalLeerlinggegevens"
    address = root.xpath("string(//s:address/@location)", namespaces=names)
    assert address == "http://127.0.0.1:1/_las/esis"


def test_a_teacher_works_at_several_schools() -> None:
    """Somebody with the same address stands at two schools of a board, each with its own key."""
    one, two = (rosters.of_school(brin6, YEAR) for brin6 in ("99AA00", "99AA01"))
    shared = {row.address for row in one.staff} & {row.address for row in two.staff}
    assert shared == {"email", "jorien.vantsant@samen-begeleiden.example"}


def test_brothers_and_sisters_have_one_surname() -> None:
    """Some pupils of adjoining years are of one family."""
    cohorts: dict[str, list[tuple[str, str]]] = {}
    for row in rosters.of_school(BRIN6, YEAR).pupils:
        cohorts.setdefault(row.year_group, []).append((row.prefix, row.surname))
    siblings = [cohorts[year][1] for year in sorted(cohorts)]
    assert siblings[1] == siblings[2] or siblings[0] == siblings[1]


@pytest.mark.parametrize("name", ["normal", "large", "former_pupils", "two_locations", "moved"])
@pytest.mark.skipif(not _SCHEMAS.is_dir(), reason="the UWLR schemas are not on this machine")
def test_answers_are_valid_against_the_schema(name: str, tmp_path: Path) -> None:
    """An answer is what the UWLR 2.2 schema describes, once its school years go on."""
    schema = _patched_schema(tmp_path)
    body = las_fixtures.FIXTURES[name](rosters.of_school(BRIN6, YEAR)).body
    answer = etree.fromstring(body).find(f"{{{SOAP}}}Body/{{{LG}}}leerlinggegevens_antwoord")
    assert answer is not None
    schema.assertValid(answer)


@pytest.mark.skipif(not _SCHEMAS.is_dir(), reason="the UWLR schemas are not on this machine")
@pytest.mark.parametrize("name", ["geengegevens", "geenwijzigingen"])
def test_short_answers_are_valid_against_the_schema(name: str, tmp_path: Path) -> None:
    """Nothing to tell is told as the schema says."""
    root = etree.fromstring(las_xml.short_answer(name))
    _patched_schema(tmp_path).assertValid(root[0][0])


def _patched_schema(place: Path) -> etree.XMLSchema:
    """Return the schema with a pattern where it lists the school years until 2024-2025."""
    for path in _SCHEMAS.glob("*.xsd"):
        shutil.copy(path, place)
    types = place / "EDEXML.types.variabel.xsd"
    tree = etree.parse(types)
    restriction = tree.find(
        ".//{*}simpleType[@name='EDEXSchooljaarType']/{*}restriction",
    )
    assert restriction is not None
    for year in restriction.findall(_YEARS):
        restriction.remove(year)
    etree.SubElement(restriction, _YEARS.replace("enumeration", "pattern"), value=r"\d{4}-\d{4}")
    tree.write(types)
    return etree.XMLSchema(etree.parse(place / "UWLR_Leerlinggegevens_v2p2.xsd"))
