"""Everything that a stand-in LAS can be made to answer: good days, odd ones and bad ones."""

import gzip
import time
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from infra.local import las_xml, rosters
from infra.local.las_xml import LG, SOAP
from infra.local.rosters import Rows
from infra.local.stand_ins.http import StandInResponse

SLOWNESS_S = 35.0
"""Longer than any caller of ours waits; tests make it shorter."""

FAULTS = {
    "interne_fout": "Server.InterneFout",
    "tijdelijk_niet_beschikbaar": "Server.TijdelijkNietBeschikbaar",
    "ongeldig_bericht": "Client.OngeldigBericht",
    "ongeldige_klant": "Client.OngeldigeKlantIdentificatie",
    "autorisatie_ongeldig": "Client.AutorisatieOngeldig",
    "xsdversie_ongeldig": "Client.XsdVersieOngeldig",
    "vocabulaireterm_ongeldig": "Client.VocabulaireTermOngeldig",
    "leerling_ongeldig": "Client.LeerlingOngeldig",
    "toetsnormering_ongeldig": "Client.ToetsNormeringOngeldig",
    "score_ongeldig": "Client.ScoreOngeldig",
    "eldresultaat_ongeldig": "Client.EldResultaatOngeldig",
}
"""The faults of the standard, by the name of the fixture that gives each."""

_XML = [("Content-Type", "text/xml; charset=utf-8")]
_HTML = [("Content-Type", "text/html")]
_PUPILS_OF_A_LARGE_GROUP = 625
_BOMB_BYTES = 64 * 1024 * 1024
_TOO_LARGE_BYTES = 17 * 1024 * 1024


def answered(body: bytes, status: int = 200) -> StandInResponse:
    """Return a body of XML."""
    return StandInResponse(status, body, list(_XML))


def refused(code: str, status: int = 500) -> StandInResponse:
    """Return a fault of the standard."""
    return answered(las_xml.fault(code), status)


def _normal(rows: Rows) -> StandInResponse:
    return answered(las_xml.answer(rows))


def _edited(edit: Callable[[etree._Element], None]) -> "Fixture":
    return lambda rows: answered(las_xml.edited(rows, edit))


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    return list(root.iter(f"{{{LG}}}{name}"))


def _insert(parent: etree._Element, name: str, text: str, at: int) -> None:
    element = etree.Element(f"{{{LG}}}{name}")
    element.text = text
    parent.insert(at, element)


def _truncated(rows: Rows) -> StandInResponse:
    body = las_xml.answer(rows)
    return answered(body[: len(body) * 2 // 3])


def _html_503(_rows: Rows) -> StandInResponse:
    page = b"<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>"
    return StandInResponse(503, page, list(_HTML))


def _html_200(_rows: Rows) -> StandInResponse:
    page = b"<!doctype html>\n<html><body><h1>Onderhoud</h1></body></html>"
    return StandInResponse(200, page, list(_HTML))


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


def _previous_year(rows: Rows) -> StandInResponse:
    first = int(rows.school_year[:4]) - 1
    return _normal(rosters.of_school(rows.brin6, f"{first}-{first + 1}"))


def _large(rows: Rows) -> StandInResponse:
    size = _PUPILS_OF_A_LARGE_GROUP
    return _normal(rosters.of_school(rows.brin6, rows.school_year, pupils_per_group=size))


def _doctype(rows: Rows) -> StandInResponse:
    head, _, rest = las_xml.answer(rows).partition(b"?>")
    return answered(head + b'?><!DOCTYPE x [<!ENTITY e "e">]>' + rest)


def _laughs(rows: Rows) -> StandInResponse:
    """Entities in entities, nine deep: a gigabyte for who expands them."""
    head, _, rest = las_xml.answer(rows).partition(b"?>")
    entities = b'<!ENTITY l0 "ha">' + b"".join(
        b'<!ENTITY l%d "%s">' % (depth, b"&l%d;" % (depth - 1) * 10) for depth in range(1, 10)
    )
    body = rest.replace(b"<le:naam>", b"<le:naam>&l9;", 1)
    return answered(head + b"?><!DOCTYPE x [" + entities + b"]>" + body)


def _slow(rows: Rows) -> StandInResponse:
    time.sleep(SLOWNESS_S)
    return _normal(rows)


def _gzip_bomb(_rows: Rows) -> StandInResponse:
    body = gzip.compress(b" " * _BOMB_BYTES)
    return StandInResponse(200, body, [*_XML, ("Content-Encoding", "gzip")])


def _mojibake(rows: Rows) -> StandInResponse:
    """UTF-8 that says it is Latin-1."""
    return answered(las_xml.answer(rows).replace(b"UTF-8", b"ISO-8859-1", 1))


def _cp1252(rows: Rows) -> StandInResponse:
    """Windows-1252 that says it is UTF-8."""
    text = las_xml.answer(rows).decode("utf-8")
    return answered(text.encode("cp1252", errors="replace"))


def _old_version(rows: Rows) -> StandInResponse:
    return answered(las_xml.answer(rows).replace(b"leerresultaten/2/", b"leerresultaten/1/"))


def _empty_prefixes(root: etree._Element) -> None:
    for pupil in _all(root, "leerling"):
        if pupil.find(f"{{{LG}}}voorvoegsel") is None:
            _insert(pupil, "voorvoegsel", "", 1)


def _placeholder_mail(root: etree._Element) -> None:
    for address in _all(root, "emailadres"):
        address.text = "email"


def _twice(attribute: str) -> Callable[[etree._Element], None]:
    def edit(root: etree._Element) -> None:
        first, second, *_ = _all(root, "leerling")
        second.set(attribute, first.get(attribute, ""))

    return edit


def _dangling(root: etree._Element) -> None:
    for group in _all(root, "leerling")[0].iter(f"{{{LG}}}groep"):
        group.set("key", "onbekend")


def _two_locations(root: etree._Element) -> None:
    """Half of the pupils are at another location, which has keys of the sender's own."""
    places = etree.Element(f"{{{LG}}}vestigingen")
    for key, name in (("v0", "Hoofdgebouw"), ("v1", "Dependance")):
        place = etree.SubElement(places, f"{{{LG}}}vestiging", key=key)
        etree.SubElement(place, f"{{{LG}}}naam").text = name
    root.insert(1, places)
    for number, pupil in enumerate(_all(root, "leerling")):
        etree.SubElement(pupil, f"{{{LG}}}vestiging", key=f"v{number % 2}")


def _former(root: etree._Element) -> None:
    """Three who left are still there: one by code, one by date, one still on his way out."""
    code, past, coming, *_ = _all(root, "leerling")
    for found in code.iter(f"{{{LG}}}jaargroep"):
        found.text = "H"
    etree.SubElement(past, f"{{{LG}}}uitstroomdatum").text = "2020-07-31"
    etree.SubElement(coming, f"{{{LG}}}uitstroomdatum").text = "2099-07-31"


def _forbidden(root: etree._Element) -> None:
    """Everything that rule 7 bans, of every pupil."""
    for pupil in _all(root, "leerling"):
        for name, text in (
            ("geslacht", "1"),
            ("emailadres", "kind@thuis.example"),
            ("fotourl", "https://foto.example/1"),
            ("etniciteit", "1"),
            ("bsn", "999999990"),
            ("gewicht", "0.25"),
            ("postcodenl", "1234AB"),
        ):
            etree.SubElement(pupil, f"{{{LG}}}{name}").text = text


def _only_given_names(root: etree._Element) -> None:
    for pupil in _all(root, "leerling"):
        for name in ("achternaam", "voorvoegsel"):
            for found in pupil.findall(f"{{{LG}}}{name}"):
                pupil.remove(found)


def _keys(change: Callable[[str], str]) -> "Fixture":
    def fixture(rows: Rows) -> StandInResponse:
        pupils = tuple(replace(one, key=change(one.key)) for one in rows.pupils)
        return answered(las_xml.answer(replace(rows, pupils=pupils), "2.3"))

    return fixture


def _without_eck_ids(rows: Rows) -> StandInResponse:
    return _normal(replace(rows, pupils=tuple(replace(one, eck_id="") for one in rows.pupils)))


def _other_numbers(rows: Rows) -> StandInResponse:
    """Another administration system: other keys, no ECK iDs, one other name, one other group."""
    first, second, *rest = rows.pupils
    changed = (
        replace(first, surname="Anders"),
        replace(second, group_key=rest[-1].group_key, year_group=rest[-1].year_group),
        *rest,
    )
    pupils = tuple(replace(one, key=f"n{one.key}", eck_id="") for one in changed)
    return _normal(replace(rows, pupils=pupils))


def _prefixed(prefixes: dict[str | None, str]) -> "Fixture":
    return lambda rows: answered(las_xml.answer(rows, prefixes=prefixes))


def _without_year_group(rows: Rows, year_group: str) -> Rows:
    """Leave out pupils who never leave together; those of year group 8 do, in summer."""
    return replace(rows, pupils=tuple(one for one in rows.pupils if one.year_group != year_group))


Fixture = Callable[[Rows], StandInResponse]

FIXTURES: dict[str, Fixture] = {
    "normal": _normal,
    "geengegevens": lambda _: answered(las_xml.short_answer("geengegevens")),
    "geenwijzigingen": lambda _: answered(las_xml.short_answer("geenwijzigingen")),
    "truncated": _truncated,
    "html_503": _html_503,
    "html_200": _html_200,
    "half": lambda rows: _normal(replace(rows, pupils=rows.pupils[::2])),
    "some_left": lambda rows: _normal(replace(rows, pupils=rows.pupils[:-1])),
    "many_left": lambda rows: _normal(_without_year_group(rows, "7")),
    "moved": _moved,
    "no_staff": lambda rows: _normal(replace(rows, staff=())),
    "no_groups": lambda rows: _normal(replace(rows, groups=())),
    "wrong_school": lambda rows: _normal(replace(rows, brin6="99ZZ00")),
    "previous_year": _previous_year,
    "large": _large,
    "reordered": lambda rows: answered(las_xml.reordered(las_xml.answer(rows))),
    "empty": lambda rows: _normal(replace(rows, groups=(), pupils=(), staff=())),
    "default_namespace": _prefixed({"s": SOAP, None: LG}),
    "odd_prefixes": _prefixed({"SOAP-ENV": SOAP, "ns0": LG}),
    "version_2_3": lambda rows: answered(las_xml.answer(rows, "2.3")),
    "empty_prefixes": _edited(_empty_prefixes),
    "placeholder_mail": _edited(_placeholder_mail),
    "key_twice": _edited(_twice("key")),
    "eck_id_twice": _edited(_twice("eckid")),
    "dangling_group": _edited(_dangling),
    "two_locations": _edited(_two_locations),
    "former_pupils": _edited(_former),
    "forbidden_fields": _edited(_forbidden),
    "only_given_names": _edited(_only_given_names),
    "without_keys": _keys(lambda _: ""),
    "hash_keys": _keys(lambda key: f"#{key}"),
    "without_eck_ids": _without_eck_ids,
    "other_numbers": _other_numbers,
    "mojibake": _mojibake,
    "cp1252": _cp1252,
    "utf_16": lambda rows: answered(las_xml.in_utf_16(las_xml.answer(rows))),
    "byte_order_mark": lambda rows: answered(b"\xef\xbb\xbf" + las_xml.answer(rows)),
    "doctype": _doctype,
    "laughs": _laughs,
    "old_version": _old_version,
    "fault_with_200": lambda _: refused("Server.InterneFout", status=200),
    "slow": _slow,
    "silent": lambda _: StandInResponse(0),
    "redirect": lambda _: StandInResponse(302, b"", [("Location", "/_las/elsewhere")]),
    "gzip_bomb": _gzip_bomb,
    "too_large": lambda _: answered(b"<x/>" + b" " * _TOO_LARGE_BYTES),
    **dict.fromkeys(FAULTS, _normal),
}
"""What a school can be made to answer; the names of faults stand here too."""
