"""The stand-in LAS: the same school every time, as real ones would send it."""

from pathlib import Path

import pytest
from lxml import etree

from infra.local import las_xml, rosters
from infra.local.stand_ins import las
from infra.local.stand_ins.http import StandInRequest
from roster_sync.uwlr_envelope import Question, envelope
from schoolpoort import addresses

_BRIN6 = "00AA00"
_YEAR = "2026-2027"
_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_CODE = "local-client-code"


def _ask(monkeypatch: pytest.MonkeyPatch, key: str, version: bytes = b"2.2") -> tuple[int, bytes]:
    monkeypatch.setenv("LAS_CLIENT_NAME", "schoolpoort")
    monkeypatch.setenv("LAS_CLIENT_CODE", _CODE)
    body = envelope(Question(_BRIN6, _YEAR, "schoolpoort", _CODE, key))
    body = body.replace(b"xsdversie>2.2<", b"xsdversie>" + version + b"<")
    headers = {"soapaction": '"HaalLeerlinggegevens"'}
    answer = las.handle(StandInRequest("POST", "/_las/parnassys", {}, headers, body))
    assert answer is not None
    return answer.status, answer.body


def test_same_school_is_the_same_every_time() -> None:
    """A roster is made from the BRIN6 alone; another school has other people."""
    assert rosters.of_school(_BRIN6, _YEAR) == rosters.of_school(_BRIN6, _YEAR)
    assert rosters.of_school("00AB00", _YEAR).pupils != rosters.of_school(_BRIN6, _YEAR).pupils


def test_pupils_move_up_and_keep_their_keys() -> None:
    """Group 5 of this year is group 6 of the next; group 8 has left."""
    now, then = (rosters.of_school(_BRIN6, year) for year in (_YEAR, "2027-2028"))
    next_year = {pupil.key: pupil for pupil in then.pupils}
    for pupil in now.pupils:
        if pupil.year_group == "8":
            assert pupil.key not in next_year
        elif pupil.key in next_year:
            moved = next_year[pupil.key]
            assert moved.surname == pupil.surname
            assert int(moved.year_group) == int(pupil.year_group) + 1


def test_staff_has_everybody_who_is_never_invited_unasked() -> None:
    """A parent, somebody without a group, a placeholder and a shared address are among them."""
    staff = rosters.of_school(_BRIN6, _YEAR).staff
    assert any(one.roles == ("OUD",) for one in staff)
    assert any(not one.group_keys for one in staff)
    assert any(addresses.is_placeholder(one.address or "") for one in staff)
    spelled = [(one.address or "").casefold() for one in staff]
    assert max(map(spelled.count, spelled)) == 2
    assert all(one.address for one in staff[:8])


def test_right_key_opens_the_school(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the school's key the answer is a roster."""
    status, body = _ask(monkeypatch, las.key_of(_BRIN6))
    assert status == 200
    assert b"leerlinggegevens_antwoord" in body


def test_wrong_key_comes_before_wrong_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks come in the order of a real LAS."""
    assert b"AutorisatieOngeldig" in _ask(monkeypatch, "fout", b"9.9")[1]
    assert b"XsdVersieOngeldig" in _ask(monkeypatch, las.key_of(_BRIN6), b"9.9")[1]


def test_fixtures_are_per_school_and_can_be_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that is set for one school is answered until it is cleared."""
    las.set_fixture(_BRIN6, "interne_fout")
    assert _ask(monkeypatch, las.key_of(_BRIN6))[0] == 500
    las.clear_fixtures()
    assert _ask(monkeypatch, las.key_of(_BRIN6))[0] == 200
    with pytest.raises(ValueError, match="onzin"):
        las.set_fixture(_BRIN6, "onzin")


def test_other_paths_and_methods_are_not_its_own() -> None:
    """It answers POST below its prefix only."""
    assert las.handle(StandInRequest("POST", "/elsewhere", {}, {}, b"")) is None
    answer = las.handle(StandInRequest("GET", "/_las/esis", {}, {}, b""))
    assert answer is not None
    assert answer.status == 405


def _patched_schema(path: Path, types: str) -> etree.XMLSchema:
    """Return a schema whose school years end no sooner than ours, as files beside it are read."""

    class Years(etree.Resolver):
        # The stubs leave out the context, which resolve_string needs.
        def resolve(self, system_url: str, _id: str, context: object) -> object:  # type: ignore[override]
            file = path.parent / system_url.rpartition("/")[2]
            text = file.read_bytes()
            if file.name == types:
                text = text.replace(b'"2024-2025"', f'"{_YEAR}"'.encode())
            return self.resolve_string(text, context, base_url=str(file))

    parser = etree.XMLParser()
    parser.resolvers.add(Years())
    return etree.XMLSchema(etree.parse(path, parser))


@pytest.mark.skipif(not _DATA.is_dir(), reason="the published schemas are not on this machine")
def test_answers_and_files_are_valid_but_for_the_school_year() -> None:
    """With the enumeration of school years brought up to date the published schemas agree."""
    rows = rosters.of_school(_BRIN6, _YEAR)
    answer = etree.fromstring(las_xml.answer(rows))[0][0]
    uwlr = _DATA / "uwlr-2.2" / "Schemas" / "UWLR_Leerlinggegevens_v2p2.xsd"
    _patched_schema(uwlr, "EDEXML.types.variabel.xsd").assertValid(answer)
    edexml = _DATA / "edexml-2.1" / "EDEXML.structuur.xsd"
    file = etree.fromstring(las_xml.edexml(rows))
    _patched_schema(edexml, "EDEXML.types.variabel.xsd").assertValid(file)
