"""What is read from a feed, what is dropped, and what is said about it."""

from pathlib import Path

import pytest

from infra.local import las_xml, rosters
from roster_sync import edexml_file, screening, uwlr_answer
from roster_sync.causes import Cause, FeedRefused
from roster_sync.feed_hash import feed_hash
from roster_sync.model import Feed, GroupKind, PersonKind
from tests.roster_sync.samples import BRIN6, DATA, DAY, YEAR, roster_of

_OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "edexml-2.1"
needs_official = pytest.mark.skipif(
    not _OFFICIAL.is_dir(), reason="the official EDEXML samples are not on this machine"
)


@pytest.fixture
def feed() -> Feed:
    """Return the invented sample as it is read."""
    return edexml_file.read_file((DATA / "edexml_2_1.xml").read_bytes())


def test_school_is_brin_and_location(feed: Feed) -> None:
    """A lower-case BRIN without a location is the school's main location."""
    assert (feed.school.brin6, feed.school.school_year) == ("00AA00", "2026-2027")


def test_location_inside_the_brin() -> None:
    """A BRIN field that carries the location code is taken apart."""
    content = (DATA / "edexml_2_1.xml").read_bytes().replace(b">00aa<", b">12AB01<")
    assert edexml_file.read_file(content).school.brin6 == "12AB01"


def test_names_are_found_by_name_and_in_one_unicode_form(feed: Feed) -> None:
    """Names are NFC, empty prefixes are none, and their order in the file does not matter."""
    assert [(one.given_name, one.prefix, one.surname) for one in feed.pupils[:2]] == [
        ("Zoë", "van den", "Berg"),
        ("Noé", "", ""),
    ]
    assert feed.staff is not None
    assert (feed.staff[0].given_name, feed.staff[0].surname) == ("Saskia", "Smit")


def test_groups_and_memberships(feed: Feed) -> None:
    """Keys lose their outer spaces, and a combination has no year group of its own."""
    named = {group.key: (group.name, group.year_group) for group in feed.groups}
    assert named == {
        "plus": ("Plusklas", None),
        "g5": ("Groep 5", "5"),
        "g56": ("Groep 5/6", None),
    }
    assert feed.pupils[0].groups == ((GroupKind.BASE, "g5"), (GroupKind.COMPOSED, "plus"))
    assert feed.pupils[1].year_group == "6"


def test_roles_of_staff_and_of_their_groups(feed: Feed) -> None:
    """Roles are kept for display, wherever they stand."""
    assert feed.staff is not None
    assert feed.staff[0].roles == ("IB", "LRK")


def test_what_the_product_does_not_need_is_counted_and_gone(feed: Feed) -> None:
    """BSN, birth date, sex, origin, weight, postcode, photo and mail of pupils are only counts."""
    assert feed.dropped == {
        "bsn": 1,
        "birth_date": 1,
        "sex": 1,
        "origin": 1,
        "weight": 1,
        "home_address": 1,
        "photo": 1,
        "pupil_mail": 1,
    }
    said = repr(feed)
    for secret in ("000000000", "1234AB", "2017", "noe@kind", "foto.example", "ketenid"):
        assert secret not in said


def test_oddities_are_counted_and_stop_nobody_else(feed: Feed) -> None:
    """Unstable keys, leavers, unknown groups, year groups and dates are told, the rest is used."""
    screened = screening.screen(feed, YEAR, DAY)
    pupils = [one for one in screened.roster.people if one.kind == PersonKind.PUPIL]
    assert [one.key for one in pupils] == [None, "1", "2", "6"]
    assert pupils[3].groups == ()
    assert screened.warnings == {
        "former_pupils": 2,
        "group_unknown": 1,
        "year_group_unknown": 1,
        "date_unreadable": 1,
    }


def test_pupil_and_teacher_may_share_a_key(feed: Feed) -> None:
    """Keys are unique within a kind only."""
    people = screening.screen(feed, YEAR, DAY).roster.people
    assert sum(one.key == "1" for one in people) == 2


def test_two_with_one_key_are_screened_alike_in_any_order() -> None:
    """Who of both is meant is the business of matching; the order of a feed says nothing."""
    one = b'<leerling key="1"><roepnaam>Aad</roepnaam></leerling>'
    two = b'<leerling key="1"><roepnaam>Bep</roepnaam></leerling>'
    files = [
        b"<EDEX><leerlingen>%s%s</leerlingen></EDEX>" % pair for pair in ((one, two), (two, one))
    ]
    first, second = (screening.screen(edexml_file.read_file(file), YEAR, DAY) for file in files)
    assert first == second
    assert len(first.roster.people) == 2


def test_trap_23_former_pupils_and_those_signed_out_are_not_here(feed: Feed) -> None:
    """Year group H and a date of leaving in the past: counted, told, and left out."""
    screened = screening.screen(feed, YEAR, DAY)
    present = {(one.kind, one.key) for one in screened.roster.people}
    gone = [one for one in feed.pupils if one.former or (one.leaves_on and one.leaves_on < DAY)]
    assert len(gone) == screened.warnings["former_pupils"] == 2
    assert present.isdisjoint((one.kind, one.key) for one in gone)


@pytest.mark.parametrize(
    ("school", "brin6"),
    [
        (b"<brincode>00AA</brincode>", "00AA00"),
        (b"<brincode>00AA</brincode><dependancecode></dependancecode>", "00AA00"),
        (b"<brincode>00AA</brincode><dependancecode>00</dependancecode>", "00AA00"),
        (b"<brincode>00aa</brincode><dependancecode>01</dependancecode>", "00AA01"),
        (b"<brincode>00AA01</brincode>", "00AA01"),
        (b"<brincode>school</brincode>", None),
    ],
)
def test_trap_18_brin_and_location_are_read_as_one_code(school: bytes, brin6: str | None) -> None:
    """Absent, empty and 00 are one location; small letters and six characters are understood."""
    content = b"<EDEX><school>%s</school><leerlingen/></EDEX>" % school
    assert edexml_file.read_file(content).school.brin6 == brin6


def test_mojibake_is_noticed() -> None:
    """UTF-8 that was declared Latin-1 reads, and is told."""
    pupil = '<leerling key="1"><roepnaam>Zoë</roepnaam></leerling>'.encode()
    declared = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    declared += b"<EDEX><leerlingen>" + pupil + b"</leerlingen></EDEX>"
    assert edexml_file.read_file(declared).warnings == {"encoding": 1}


def test_feed_without_a_part_for_staff_says_nothing_about_them() -> None:
    """A pupils-only file is legal and knows no staff."""
    assert edexml_file.read_file(b"<EDEX><leerlingen/></EDEX>").staff is None


def test_answer_and_file_of_one_school_are_equal_in_any_order() -> None:
    """Namespace and order of children make no difference to what is read."""
    rows = rosters.of_school(BRIN6, YEAR)
    answer = las_xml.answer(rows)
    feeds = [
        uwlr_answer.read_answer(200, answer),
        uwlr_answer.read_answer(200, las_xml.reordered(answer)),
        edexml_file.read_file(las_xml.edexml(rows)),
    ]
    screened = [screening.screen(feed, YEAR, DAY) for feed in feeds if isinstance(feed, Feed)]
    assert len(screened) == 3
    assert screened[0] == screened[1] == screened[2]
    assert len({feed_hash(one.roster) for one in screened}) == 1


def test_any_difference_that_counts_gives_another_digest() -> None:
    """One letter of one name changes the digest of a roster."""
    content = (DATA / "edexml_2_1.xml").read_bytes()
    before, after = roster_of(content), roster_of(content.replace(b">Berg<", b">Burg<"))
    assert feed_hash(before) != feed_hash(after)


def test_date_of_making_gives_the_same_digest() -> None:
    """The date on which an answer was made means nothing."""
    content = (DATA / "edexml_2_1.xml").read_bytes()
    later = content.replace(b"2026-11-24T02", b"2026-11-25T03")
    assert feed_hash(roster_of(content)) == feed_hash(roster_of(later))


@needs_official
def test_official_sample_is_read_whole() -> None:
    """The official EDEXML 2.1 sample gives its groups, pupils and staff."""
    feed = edexml_file.read_file((_OFFICIAL / "EDEXML.Voorbeeld.2.1.xml").read_bytes())
    assert (feed.school.brin6, feed.school.school_year) == ("99ZZ00", "2014-2015")
    assert (len(feed.groups), len(feed.pupils), len(feed.staff or ())) == (8, 3, 3)
    assert feed.dropped["bsn"] == 2
    assert feed.warnings == {"several_locations": 2}


@needs_official
def test_official_flemish_sample_has_no_brin() -> None:
    """A Flemish file names its school otherwise, so it is never taken for a Dutch one."""
    feed = edexml_file.read_file((_OFFICIAL / "EDEXML.Voorbeeld.2.1-Vla.xml").read_bytes())
    assert feed.school.brin6 is None


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", Cause.FILE_MALFORMED),
        (b"EDEXLL.TXT of long ago", Cause.FILE_OTHER_KIND),
        (b"PK\x03\x04 a zip", Cause.FILE_OTHER_KIND),
        (b"<html><body/></html>", Cause.FILE_OTHER_KIND),
        (b'<EDEX xmlns="urn:other"/>', Cause.FILE_OTHER_KIND),
        (b"<EDEX><leerlingen>", Cause.FILE_MALFORMED),
        (b"<!DOCTYPE EDEX><EDEX/>", Cause.FILE_FORBIDDEN),
    ],
)
def test_other_files_are_refused_with_the_reason(content: bytes, cause: Cause) -> None:
    """What is no EDEXML file is named for what is wrong with it."""
    with pytest.raises(FeedRefused) as refused:
        edexml_file.read_file(content)
    assert refused.value.cause == cause
