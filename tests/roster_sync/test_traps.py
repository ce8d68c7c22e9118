"""What real feeds do to who reads them strictly: each peculiarity of the field has a test here.

Those about recognising people and about leavers are with matching and the brake.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import las_xml, rosters
from infra.local import uploads as local_uploads
from infra.local.rosters import Rows
from infra.local.stand_ins import las, las_fixtures
from roster_sync import brake, edexml_file, link_store, screening
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed, GroupKind, Person
from roster_sync.runs import Outcome, Run
from roster_sync.uwlr_answer import read_answer
from roster_sync.uwlr_envelope import Question, envelope
from schoolpoort import aws, dynamodb, registry
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6, DAY, YEAR
from tests.roster_sync.school import SCHOOL_ID, School

_FUNCTION = Path(__file__).resolve().parents[2] / "functions" / "roster_sync"


def _file(inside: str, school: str = "") -> Feed:
    return edexml_file.read_file(f"<EDEX>{school}<leerlingen>{inside}</leerlingen></EDEX>".encode())


def _pupil(inside: str, attributes: str = 'key="1"') -> Person:
    return _file(f"<leerling {attributes}>{inside}</leerling>").pupils[0]


def _fixture(name: str) -> Feed:
    feed = read_answer(200, las_fixtures.FIXTURES[name](_rows()).body)
    assert isinstance(feed, Feed)
    return feed


def _rows() -> Rows:
    return rosters.of_school(BRIN6, YEAR)


@pytest.mark.parametrize("year", ["2024-2025", "2025-2026", "2026-2027", "2031-2032"])
def test_school_years_after_the_published_list_are_read(year: str) -> None:
    """The published schema ends at 2024-2025; files and answers of later years are read."""
    rows = rosters.of_school(BRIN6, year)
    assert edexml_file.read_file(las_xml.edexml(rows)).school.school_year == year
    answer = read_answer(200, las_xml.answer(rows))
    assert isinstance(answer, Feed)
    assert answer.school.school_year == year


def test_uniqueness_and_references_are_checked_by_ourselves() -> None:
    """The schema's own rules for them never fire, so a dangling group is found here."""
    screened = screening.screen(_fixture("dangling_group"), YEAR, DAY)
    assert screened.warnings == {"group_unknown": 1}
    assert len(screened.roster.people) == len(_rows().pupils) + len(_rows().staff)


def test_the_order_of_children_means_nothing() -> None:
    """Real answers put a location before its BRIN and groups before names."""
    plain, reordered = (
        screening.screen(_fixture(name), YEAR, DAY) for name in ("normal", "reordered")
    )
    assert plain == reordered


@pytest.mark.parametrize("name", ["default_namespace", "odd_prefixes"])
def test_prefixes_mean_nothing(name: str) -> None:
    """A default namespace and SOAP-ENV are the same answer."""
    assert _fixture(name) == _fixture("normal")


def test_elements_of_another_namespace_are_no_data_of_ours() -> None:
    """A stranger's `leerlingen` in an answer is not read as pupils."""
    body = las_xml.answer(_rows()).replace(
        b"<le:leerlingen>", b'<x:leerlingen xmlns:x="urn:x"/><le:leerlingen>'
    )
    feed = read_answer(200, body)
    assert isinstance(feed, Feed)
    assert len(feed.pupils) == len(_rows().pupils)


def test_the_first_version_is_named_as_such() -> None:
    """Version 1 has other names; it is told, not misread."""
    with pytest.raises(FeedRefused) as refused:
        _fixture("old_version")
    assert refused.value.cause == Cause.LAS_OLD_VERSION


@pytest.mark.parametrize("text", ["", " ", "\n\t", "<!-- geen -->"])
def test_empty_elements_are_absent(text: str) -> None:
    """An empty prefix, which the schema forbids and systems send, is no prefix."""
    pupil = _pupil(f"<achternaam>Bos</achternaam><voorvoegsel>{text}</voorvoegsel>")
    assert (pupil.prefix, pupil.surname) == ("", "Bos")


@pytest.mark.parametrize(
    ("prefix", "surname"),
    [("van der der der", "Berg"), ("Van Den", "Berg"), ("", "van den Berg"), ("'s", "Gravendijk")],
)
def test_prefixes_are_kept_as_they_are(prefix: str, surname: str) -> None:
    """Longer than ten signs, capitalised or written inside the surname: nothing is lost."""
    pupil = _pupil(f"<achternaam>{surname}</achternaam><voorvoegsel>{prefix}</voorvoegsel>")
    assert (pupil.prefix, pupil.surname) == (prefix, surname)


def test_a_given_name_alone_is_a_whole_name() -> None:
    """The schema allows people without a surname."""
    pupil = _pupil("<roepnaam>Zoë</roepnaam>")
    assert (pupil.given_name, pupil.prefix, pupil.surname) == ("Zoë", "", "")


def test_initials_stand_in_for_a_given_name() -> None:
    """Who has no given name is shown with first names, or else initials."""
    initials = "<achternaam>Bos</achternaam><voorletters-1>J.P.</voorletters-1>"
    assert _pupil(initials).given_name == "J.P."
    assert _pupil(f"{initials}<voornamen>Jan Piet</voornamen>").given_name == "Jan Piet"


def test_a_pupil_may_be_in_one_group_and_many_composed_ones_or_in_none() -> None:
    """Memberships of both kinds are read, and none is needed."""
    composed = "".join(f'<samengestelde_groep key="s{number}"/>' for number in range(3))
    groups = f'<groep key="5a"/><samengestelde_groepen>{composed}</samengestelde_groepen>'
    assert len(_pupil(groups).groups) == 4
    assert _pupil("<roepnaam>Aad</roepnaam>").groups == ()


def test_the_pupils_own_year_group_counts_in_a_combination() -> None:
    """A combined class has no year group; its pupils do."""
    feed = _fixture("normal")
    combined = next(group for group in feed.groups if group.name == "Groep 5/6")
    assert combined.year_group is None
    years = {
        pupil.year_group for pupil in feed.pupils if (GroupKind.BASE, combined.key) in pupil.groups
    }
    assert years == {"5", "6"}


def test_keys_lose_their_outer_spaces_and_nothing_else() -> None:
    """Outer spaces are not significant; capitals and zeros are."""
    assert _pupil("", 'key="  00aB 1 "').key == "00aB 1"


@pytest.mark.parametrize("key", ["#", "#001", " #x "])
def test_dummy_keys_recognise_nobody(key: str) -> None:
    """A key with "#" is one that the sender does not keep."""
    assert _pupil("", f'key="{key}"').key is None


def test_a_pupil_without_a_key_keeps_his_eck_id() -> None:
    """In version 2.3 an ECK iD may stand alone."""
    feed = _fixture("without_keys")
    assert all(pupil.key is None and pupil.eck_id for pupil in feed.pupils)
    assert sum(one.eck_id is not None for one in feed.pupils) == len(feed.pupils)


@pytest.mark.parametrize(
    ("eck_id", "kept"),
    [
        ("https://ketenid.nl/201703/" + "a" * 128, True),
        ("eckid_L1", True),
        ("!@#$%^", True),
        ("https://ketenid.nl/sppilot/" + "a" * 128, False),
        ("x" * 257, False),
        (" ", False),
    ],
)
def test_eck_ids_are_taken_as_they_are_but_never_a_stem(eck_id: str, kept: bool) -> None:
    """Any text of the schema is one; the pseudonym that it is made from must not travel."""
    pupil = _pupil("", f'key="1" eckid="{eck_id}"')
    assert pupil.eck_id == (eck_id if kept else None)


def test_teachers_may_lack_address_and_eck_id() -> None:
    """Who has neither is read all the same."""
    content = b'<EDEX><leerkrachten><leerkracht key="7"><roepnaam>Jo</roepnaam></leerkracht>'
    feed = edexml_file.read_file(content + b"</leerkrachten></EDEX>")
    assert feed.staff is not None
    assert (feed.staff[0].address, feed.staff[0].eck_id) == (None, None)


def test_placeholder_addresses_are_read_as_they_are() -> None:
    """Six teachers with "email" for an address are six teachers; who invites judges addresses."""
    feed = _fixture("placeholder_mail")
    assert feed.staff is not None
    assert {one.address for one in feed.staff} == {"email"}
    assert len({one.key for one in feed.staff}) == len(feed.staff)


@pytest.mark.parametrize(
    ("code", "location", "brin6"),
    [
        ("12AB", "", "12AB00"),
        ("12AB", "00", "12AB00"),
        ("12ab", "01", "12AB01"),
        ("12AB01", "", "12AB01"),
        (" 12AB ", " 02 ", "12AB02"),
        ("１２AB", "", None),
        ("12AB", "1", None),
        ("12AB", "٠١", None),
        ("", "01", None),
        ("12ABC", "", None),
    ],
)
def test_locations_are_six_plain_signs(code: str, location: str, brin6: str | None) -> None:
    """Absent, empty and "00" are one location; digits of other scripts, which XSD allows, none."""
    school = f"<brincode>{code}</brincode><dependancecode>{location}</dependancecode>"
    assert _file("", f"<school>{school}</school>").school.brin6 == brin6


def test_several_locations_in_one_feed_are_told() -> None:
    """A feed of one BRIN may hold the pupils of two buildings."""
    assert _fixture("two_locations").warnings == {"several_locations": 2}


def test_decomposed_letters_become_one() -> None:
    """An ë of two signs and of one are the same name."""
    assert _pupil("<roepnaam>Zoe\u0308</roepnaam>").given_name == "Zoë"


def test_letters_that_are_broken_throughout_stop_the_feed() -> None:
    """UTF-8 that says it is Latin-1 would rename half a school overnight."""
    with pytest.raises(FeedRefused) as refused:
        _fixture("mojibake")
    assert refused.value.cause == Cause.LETTERS_BROKEN


def test_a_few_broken_names_stop_nobody_else() -> None:
    """Where other accents are right, somebody once typed it so: it is told and kept."""
    names = ["ZoÃ«", "RenÃ©e", "JosÃ©", "Chloë"]
    pupils = (
        f'<leerling key="{number}"><roepnaam>{name}</roepnaam></leerling>'
        for number, name in enumerate(names)
    )
    feed = _file("".join(pupils))
    assert feed.warnings == {"encoding": 3}
    assert [pupil.given_name for pupil in feed.pupils] == names


def test_windows_signs_are_noticed() -> None:
    """Windows-1252 that says it is Latin-1 leaves control characters."""
    head = b'<?xml version="1.0" encoding="ISO-8859-1"?><EDEX><leerlingen><leerling key="1">'
    tail = b"<roepnaam>d\x92Arc</roepnaam></leerling></leerlingen></EDEX>"
    assert edexml_file.read_file(head + tail).warnings == {"encoding": 1}


@pytest.mark.parametrize(
    "content",
    [
        b'\n<?xml version="1.0"?><EDEX/>',
        b"<EDEX>\x01</EDEX>",
        b"<EDEX>Jansen & Zn</EDEX>",
        "<EDEX>Zo\xeb</EDEX>".encode("cp1252"),
        b"<EDEX><leerlingen>",
    ],
)
def test_broken_files_are_refused_whole(content: bytes) -> None:
    """Half a file, a bare ampersand or wrong bytes never read as a small school."""
    with pytest.raises(FeedRefused) as refused:
        edexml_file.read_file(content)
    assert refused.value.cause == Cause.FILE_MALFORMED


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("2015-01-01", "2015-01-01"),
        ("2015-01-01+01:00", "2015-01-01"),
        ("2015-01-01T10:00:00Z", "2015-01-01"),
        ("0000-00-00", None),
        ("2015-02-30", None),
        ("31-07-2026", None),
        ("", None),
    ],
)
def test_dates_are_read_tolerantly(text: str, leaves: str | None) -> None:
    """With a zone, with a time, impossible or empty: never a reason to stop."""
    pupil = _pupil(f"<uitstroomdatum>{text}</uitstroomdatum>")
    assert pupil.leaves_on == (None if leaves is None else type(DAY).fromisoformat(leaves))


@pytest.mark.parametrize(
    ("text", "epoch_s"),
    [
        ("2026-11-24T02:00:00", 1_795_482_000),
        ("2026-11-24T02:00:00+01:00", 1_795_482_000),
        ("2026-11-24T01:00:00Z", 1_795_482_000),
        ("gisteren", None),
    ],
)
def test_the_moment_of_making_is_dutch_time_without_a_zone(text: str, epoch_s: int | None) -> None:
    """Systems send it with and without a zone."""
    feed = _file("", f"<school><aanmaakdatum>{text}</aanmaakdatum></school>")
    assert feed.school.made_at_epoch_s == epoch_s


def test_birth_dates_never_reach_the_model() -> None:
    """It is no key and no secret: it may be absent, and two children may share it."""
    pupil = _pupil("<roepnaam>Aad</roepnaam><geboortedatum>2016-05-04</geboortedatum>")
    assert "2016" not in repr(pupil)


def test_who_left_is_left_out_and_toddlers_are_in() -> None:
    """Ex-pupils are there by code or by date; year groups from before school are usual."""
    feed = _fixture("former_pupils")
    screened = screening.screen(feed, YEAR, DAY)
    assert screened.warnings == {"former_pupils": 2}
    for code in ("B", "D", "0", "11", "16", "S", "V"):
        assert _pupil(f"<jaargroep>{code}</jaargroep>").year_group == code
    for code in ("C", "N", "H", "100", "groep 5"):
        assert _pupil(f"<jaargroep>{code}</jaargroep>").year_group is None


def test_roles_are_words_and_grant_nothing() -> None:
    """A role of a feed appears nowhere but where it is read, stored and shown."""
    roles = re.compile(r"\b(DIR|ICT|OUD|ADM)\b")
    used = [path.name for path in _FUNCTION.glob("*.py") if roles.search(path.read_text("utf-8"))]
    assert used == []


def test_everything_that_is_banned_is_dropped_at_the_door() -> None:
    """BSN, origin and the like of pupils and of staff are counted; no value goes on."""
    body = (
        "<bsn>999999990</bsn><etniciteit>1</etniciteit><gewicht>0.25</gewicht><geslacht>1</geslacht>"
        "<postcodenl>1234AB</postcodenl><fotourl>https://foto.example</fotourl>"
        "<gebruikersnaam>aad9</gebruikersnaam><toevoegingen><blok><code>x</code></blok></toevoegingen>"
    )
    content = (
        f'<EDEX><leerlingen><leerling key="1">{body}</leerling></leerlingen>'
        f'<leerkrachten><leerkracht key="1">{body}</leerkracht></leerkrachten></EDEX>'
    )
    feed = edexml_file.read_file(content.encode())
    kinds = ("bsn", "origin", "weight", "sex", "home_address", "photo", "user_name", "extension")
    assert feed.dropped == dict.fromkeys(kinds, 2)
    said = repr(feed)
    assert not any(word in said for word in ("999999990", "1234AB", "foto.example", "aad9"))


def test_a_file_of_2006_is_read() -> None:
    """EDEXML 1.03 has fewer elements and the same names; a pupil may have a year group only."""
    content = b"""<EDEX><school><schooljaar>2026-2027</schooljaar><brincode>00AA</brincode>
      <aanmaakdatum>2026-11-24T02:00:00</aanmaakdatum><xsdversie>1.03</xsdversie></school>
      <groepen><groep key="g5"><naam>Groep 5</naam><jaargroep>5</jaargroep></groep></groepen>
      <leerlingen>
        <leerling key="1"><achternaam>Bos</achternaam><roepnaam>Aad</roepnaam>
          <geboortedatum>2017-01-01</geboortedatum><geslacht>1</geslacht>
          <sofinummer>999999990</sofinummer><gewicht_nieuw>0,3</gewicht_nieuw>
          <groep key="g5"/></leerling>
        <leerling key="2"><achternaam>Smit</achternaam><jaargroep>6</jaargroep></leerling>
      </leerlingen></EDEX>"""
    feed = edexml_file.read_file(content)
    assert [(one.surname, one.year_group, len(one.groups)) for one in feed.pupils] == [
        ("Bos", None, 1),
        ("Smit", "6", 0),
    ]
    assert feed.dropped == {"birth_date": 1, "sex": 1, "bsn": 1, "weight": 1}
    assert feed.staff is None


@pytest.mark.parametrize("fault", ["soap:{}", "SOAP-ENV:{}", "ns1:x:{}", "{}", " s:{}\n"])
@pytest.mark.parametrize("status", [200, 500])
def test_faults_are_known_by_their_local_part(fault: str, status: int) -> None:
    """Prefixes and statuses of faults differ from system to system."""
    body = las_xml.fault("X").replace(
        b"soap:X", fault.format("Client.AutorisatieOngeldig").encode()
    )
    with pytest.raises(FeedRefused) as refused:
        read_answer(status, body)
    assert refused.value.cause == Cause.KEY_REFUSED


def test_a_key_is_in_the_envelope_and_nowhere_else(
    school: School, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys are sent, kept sealed, and stand in no log and no item."""
    key = las.key_of(BRIN6)
    asked = Question(BRIN6, YEAR, "schoolpoort", "code", key)
    assert key.encode() in envelope(asked)
    school.link()
    school.night()
    said = capsys.readouterr()
    assert key not in caplog.text + said.out + said.err
    assert "key stored" in caplog.text
    assert key not in repr(school.roster_items())


def test_pupils_without_groups_are_told_what_to_set_in_esis(school: School) -> None:
    """A group that is not offered to links is invisible; the page says which field that is."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "no_groups")
    run = school.night()
    assert run.result.cause == Cause.NO_GROUPS
    page = school.coordinator().get(f"/console/roster/runs/{run.run_id}")
    assert "In koppelingen beschikbaar" in page.text


def _made_at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr(las_xml, "_MADE_AT", moment)


def _upload(school: School, content: bytes, upload_id: str) -> Run:
    bucket, key = require("UPLOADS_BUCKET"), f"edexml/{SCHOOL_ID}/{upload_id}"
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    local_uploads._notify(school.house, bucket, key, len(content))
    return school.work()


def test_trap_16_a_feed_older_than_the_last_applied_changes_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old copy that a system sends again lets nobody who came since leave."""
    _made_at(monkeypatch, "2026-11-24T02:00:00")
    las.set_fixture(BRIN6, "moved")
    school.link()
    school.night()
    before = school.roster_items()
    school.next_day()
    las.set_fixture(BRIN6, "normal")
    _made_at(monkeypatch, "2026-11-22T02:00:00")
    run = school.night()
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, Cause.FEED_OLDER)
    assert school.roster_items() == before
    page = school.coordinator().get(f"/console/roster/runs/{run.run_id}")
    assert "Deze gegevens zijn ouder dan die je al hebt" in page.text
    school.next_day()
    _made_at(monkeypatch, "2026-11-26T02:00:00")
    assert school.night().result.outcome == Outcome.APPLIED


def test_trap_16_an_old_file_does_not_undo_what_the_night_brought(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of last week, chosen by mistake after a live link, is named as that."""
    _made_at(monkeypatch, "2026-11-24T02:00:00")
    las.set_fixture(BRIN6, "moved")
    school.link()
    school.night()
    before = school.roster_items()
    _made_at(monkeypatch, "2026-11-17T02:00:00")
    run = _upload(school, las_xml.edexml(_rows()), "123")
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, Cause.FEED_OLDER)
    assert school.roster_items() == before


def test_trap_16_the_same_again_is_no_older_feed(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing changed, when it was made means nothing."""
    _made_at(monkeypatch, "2026-11-24T02:00:00")
    school.link()
    school.night()
    school.next_day()
    _made_at(monkeypatch, "2026-11-01T02:00:00")
    assert school.night().result.outcome == Outcome.UNCHANGED


@pytest.mark.parametrize("moment", ["2031-01-01T02:00:00", "gisteren"])
def test_trap_16_a_wrong_clock_bars_no_later_feed(
    school: School, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A system whose clock was years ahead, or that names no moment, is read the next night."""
    _made_at(monkeypatch, moment)
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    _made_at(monkeypatch, "2026-11-25T02:00:00")
    assert school.night().result.outcome == Outcome.APPLIED


@pytest.mark.parametrize(
    ("made_at", "applied_made_at", "older"),
    [
        (100_000, 200_000, True),
        (200_000, 100_000, False),
        (100_000, 100_000, False),
        (100_000, 107_200, False),
        (None, 100_000, False),
        (100_000, None, False),
    ],
)
def test_trap_16_two_hours_are_a_zone_and_no_age(
    made_at: int | None, applied_made_at: int | None, *, older: bool
) -> None:
    """A system with zones beside one without differ by up to two hours at one moment."""
    assert brake.is_older(made_at, applied_made_at) is older


_NEW_BRIN6 = "99ZZ00"
"""What the fixture "wrong_school" says; the people stay those of the old code."""


@pytest.fixture
def _one_school(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the LAS have the same people under both codes."""
    real = rosters.of_school

    def of_school(brin6: str, year: str) -> Rows:
        return replace(real(BRIN6, year), brin6=brin6)

    monkeypatch.setattr(rosters, "of_school", of_school)


def _renumber(school: School) -> None:
    """Let the registry know the school under another code, as a decision about it does."""
    school.register(_NEW_BRIN6)
    new = dynamodb.get(require("REGISTRY_TABLE"), registry.location_key(_NEW_BRIN6)) or {}
    more = {"former_brin6": BRIN6, "renumbered_on": "2026-08-01"}
    dynamodb.put(require("REGISTRY_TABLE"), {**new, **more})
    pointer = {**registry.location_key(BRIN6), "renumbered_to": _NEW_BRIN6}
    dynamodb.put(require("REGISTRY_TABLE"), pointer)


def _ids(school: School) -> set[str]:
    return {key for key in school.roster_items() if key.startswith(("person#", "group#"))}


@pytest.mark.parametrize("old_code", ["geengegevens", "autorisatie_ongeldig", "wrong_school"])
@pytest.mark.usefixtures("_one_school")
def test_trap_19_a_school_with_another_brin_keeps_its_people(school: School, old_code: str) -> None:
    """Whether the LAS refuses the old code or answers it with the new one: nobody leaves."""
    school.mailed_coordinator()
    school.link(las.GENERAL_KEY)
    school.night()
    before = _ids(school)
    _renumber(school)
    school.next_day()
    las.set_fixture(BRIN6, old_code)
    run = school.night()
    assert (run.result.outcome, run.result.cause) == (Outcome.UNCHANGED, None)
    assert _ids(school) == before
    link = link_store.link(SCHOOL_ID)
    assert link is not None
    assert (link.brin6, link.status) == (_NEW_BRIN6, "working")
    assert school.subjects() == []
    school.next_day()
    las.set_fixture(_NEW_BRIN6, "moved")
    assert school.night().result.counts["pupils"]["added"] == 3
    assert before < _ids(school)


@pytest.mark.usefixtures("_one_school")
def test_trap_19_the_old_code_is_asked_for_as_long_as_it_is_answered(school: School) -> None:
    """The registry may be months ahead of a school's administration system."""
    school.link(las.GENERAL_KEY)
    school.night()
    _renumber(school)
    school.next_day()
    las.set_fixture(_NEW_BRIN6, "geengegevens")
    assert school.night().result.outcome == Outcome.UNCHANGED
    link = link_store.link(SCHOOL_ID)
    assert link is not None
    assert link.brin6 == BRIN6


@pytest.mark.usefixtures("_one_school")
def test_trap_19_a_system_that_knows_neither_code_is_told_as_before(school: School) -> None:
    """The cause of the code that worked until now is named, and the link stays as it is."""
    school.link(las.GENERAL_KEY)
    school.night()
    before = _ids(school)
    _renumber(school)
    school.next_day()
    las.set_fixture(BRIN6, "geengegevens")
    las.set_fixture(_NEW_BRIN6, "ongeldig_bericht")
    assert school.night().result.cause == Cause.NO_DATA
    assert _ids(school) == before


@pytest.mark.usefixtures("_one_school")
def test_trap_19_a_code_that_the_registry_does_not_know_is_another_school(school: School) -> None:
    """An answer alone never makes a school another one."""
    school.link(las.GENERAL_KEY)
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "wrong_school")
    assert school.night().result.cause == Cause.WRONG_SCHOOL


@pytest.mark.usefixtures("_one_school")
@pytest.mark.parametrize("brin6", [BRIN6, _NEW_BRIN6])
def test_trap_19_files_of_either_code_are_of_the_school(school: School, brin6: str) -> None:
    """A file from before or after the system changed its code comes in."""
    _renumber(school)
    run = _upload(school, las_xml.edexml(replace(_rows(), brin6=brin6)), "123")
    assert run.result.outcome == Outcome.APPLIED
