"""A list of DUO is read in every layout that it has had, and anything else is refused by name."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import duo
from onboarding import duo_list
from onboarding.duo_list import DuoList, Fault, Kind, ListRefused, Row
from tests.onboarding.lists import BOARD, LOCATION, MOST_BYTES, Cells, boards, text

_DATA = Path(__file__).parents[3] / "shared/data/duo"
needs_data = pytest.mark.skipif(
    not _DATA.is_dir(), reason="DUO's real list lies beside the checkout only"
)


def _read(content: bytes) -> DuoList:
    return duo_list.read(content, most_bytes=MOST_BYTES)


def _one(content: bytes) -> Row:
    """Return the only row of a list."""
    (row,) = _read(content).rows.values()
    return row


def _fault(content: bytes) -> Fault:
    with pytest.raises(ListRefused) as caught:
        _read(content)
    return caught.value.fault


# --- layouts --------------------------------------------------------------------------------


def test_a_location_is_read_with_all_that_is_kept_of_it() -> None:
    """Codes are text with their zeros, and every kept column has its own name."""
    read = _read(text([LOCATION]).encode("cp1252"))
    assert (read.kind, read.skipped) == (Kind.LOCATIONS, 0)
    assert read.rows == {
        "12AB00": {
            "brin6": "12AB00",
            "name": "Dalton Kindcentrum ’t Kompas",
            "board_number": "04002",
            "street": "Kade",
            "house_number": "7-A",
            "postcode": "9999 ZZ",
            "place": "VLIEGERDAM",
            "denomination": "Openbaar",
            "phone": "0599000001",
            "website": "www.kompas.example",
            "holiday_region": "Noord",
            "education": None,
        }
    }


def test_trap_3_a_board_is_read_with_the_zero_that_its_number_lost() -> None:
    """A KvK number has eight digits, also where a spreadsheet made a number of it."""
    read = _read(boards("04002"))
    assert read.kind is Kind.BOARDS
    assert read.rows == {
        "04002": {
            "number": "04002",
            "name": "Ús Skoalle",
            "place": "WRÂLDSTÊD",
            "phone": None,
            "website": None,
            "kvk_number": "01234567",
        }
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("quoted", [False, True])
def test_trap_4_encoding_delimiter_and_quotes_do_not_matter(
    encoding: str, delimiter: str, *, quoted: bool
) -> None:
    """The old site and the new portal give the same row."""
    content = text([LOCATION], delimiter=delimiter, quoted=quoted).encode(encoding)
    assert _one(content) == _one(text([LOCATION]).encode("utf-8"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ends_of_lines_do_not_matter(end: str) -> None:
    """Old lists went through a spreadsheet and end their lines in another way."""
    content = text([LOCATION]).replace("\r\n", end).encode()
    assert _one(content)["holiday_region"] == "Noord"


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("VESTIGINGSCODE", "VESTIGINGSNUMMER"),
        ("INSTELLINGSCODE", "BRIN NUMMER"),
        ("BEVOEGD GEZAG NUMMER", "BEVOEGD_GEZAG_NUMMER"),
        ("BEVOEGD GEZAG NUMMER", "BEVOEGD_GEZAGNUMMER"),
        ("BEVOEGD GEZAG NUMMER", "BEVOEGD_GEZAG_CODE"),
    ],
)
def test_trap_4_older_names_of_columns_are_known(new: str, old: str) -> None:
    """A list of 2021 can be imported as well as one of today."""
    content = text([LOCATION]).replace(new, old).encode()
    assert _one(content) == _one(text([LOCATION]).encode())


def test_names_of_columns_may_have_spaces_and_small_letters() -> None:
    """A header is compared without case and without spaces around it."""
    content = text([LOCATION]).replace("VESTIGINGSCODE", " vestigingscode ").encode()
    assert _one(content)["brin6"] == "12AB00"


def test_trap_4_columns_may_stand_in_any_order() -> None:
    """Columns are found by name, never by place."""
    turned = dict(reversed([*LOCATION.items()]))
    assert _one(text([turned]).encode()) == _one(text([LOCATION]).encode())


def test_the_first_of_two_columns_with_one_name_counts() -> None:
    """A correspondence address after the real one does not replace it."""
    lines = text([LOCATION]).splitlines()
    content = f"{lines[0]};PLAATSNAAM\r\n{lines[1]};POSTBUSDAM\r\n".encode()
    assert _one(content)["place"] == "VLIEGERDAM"


def test_todays_name_of_a_column_goes_before_an_older_one() -> None:
    """A list that has both names has the code under today's."""
    row = {"VESTIGINGSNUMMER": "3", **LOCATION}
    assert _one(text([row]).encode())["brin6"] == "12AB00"


def test_a_new_line_in_a_quoted_cell_is_a_space() -> None:
    """A name of two lines stays one row, and becomes one line."""
    row = {**LOCATION, "VESTIGINGSNAAM": "De\r\nVlieger"}
    assert _one(text([row], quoted=True).encode())["name"] == "De Vlieger"


def test_quotes_in_a_name_stay() -> None:
    """A quoted cell doubles its quotes, and the name has them once."""
    row = {**LOCATION, "VESTIGINGSNAAM": 'School "De Brug"; locatie Zuid'}
    assert _one(text([row], quoted=True).encode())["name"] == 'School "De Brug"; locatie Zuid'


def test_a_blank_cell_is_nothing() -> None:
    """The old site writes one space where it has no value."""
    row = _one(text([{**LOCATION, "TELEFOONNUMMER": " ", "INTERNETADRES": ""}]).encode())
    assert row["phone"] is row["website"] is None


def test_a_short_row_lacks_its_last_cells() -> None:
    """A row that ends early is read as far as it goes."""
    content = text([LOCATION]).replace(";www.kompas.example;Noord", "").encode()
    row = _one(content)
    assert (row["phone"], row["website"], row["holiday_region"]) == ("0599000001", None, None)


def test_columns_that_are_not_there_are_nothing() -> None:
    """A list needs four columns; the others may be absent."""
    needed = ("BEVOEGD GEZAG NUMMER", "VESTIGINGSCODE", "VESTIGINGSNAAM", "PLAATSNAAM")
    row = _one(text([{name: LOCATION[name] for name in needed}]).encode())
    assert (row["brin6"], row["street"], row["phone"]) == ("12AB00", None, None)


# --- codes and rows -------------------------------------------------------------------------


def test_a_code_of_two_digits_follows_the_school() -> None:
    """Some files have only the suffix of the location beside the four characters of the school."""
    row = {**LOCATION, "VESTIGINGSCODE": "03"}
    assert list(_read(text([row]).encode()).rows) == ["12AB03"]


@pytest.mark.parametrize(
    "changed",
    [
        {"VESTIGINGSCODE": "12AB0"},
        {"VESTIGINGSCODE": "12ab00"},
        {"VESTIGINGSCODE": "13CD00"},
        {"VESTIGINGSCODE": "00", "INSTELLINGSCODE": " "},
        {"VESTIGINGSCODE": "١٢AB00"},
        {"VESTIGINGSCODE": " "},
        {"VESTIGINGSNAAM": " "},
        {"PLAATSNAAM": " "},
        {"BEVOEGD GEZAG NUMMER": "4002"},
        {"BEVOEGD GEZAG NUMMER": "0400A"},
    ],
)
def test_a_row_that_makes_no_sense_is_skipped_and_counted(changed: Cells) -> None:
    """A wrong code, a code of another school, no name, no place or no board."""
    sound = {**LOCATION, "VESTIGINGSCODE": "12AB09"}
    read = _read(text([{**LOCATION, **changed}, sound]).encode())
    assert (list(read.rows), read.skipped) == (["12AB09"], 1)


def test_a_code_that_comes_twice_is_read_once() -> None:
    """The first row counts, and the second is told as skipped."""
    again = {**LOCATION, "VESTIGINGSNAAM": "Nog eens"}
    read = _read(text([LOCATION, again]).encode())
    assert read.rows["12AB00"]["name"] == LOCATION["VESTIGINGSNAAM"]
    assert read.skipped == 1


def test_empty_lines_are_no_rows() -> None:
    """Blank lines and lines of separators alone are not counted."""
    content = text([LOCATION]).encode() + b"\r\n;;;;;;\r\n   \r\n"
    assert _read(content).skipped == 0


@pytest.mark.parametrize("number", ["", "onbekend", "12 34", "²"])
def test_a_company_number_that_is_none_is_nothing(number: str) -> None:
    """A board without a readable KvK number is still a board."""
    row = _one(text([{**BOARD, "KVK-NUMMER": number}], delimiter=",", quoted=True).encode())
    assert (row["number"], row["kvk_number"]) == ("04002", None)


# --- what is no list ------------------------------------------------------------------------


def _spreadsheet() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (b" \r\n \r\n", Fault.EMPTY),
        (b"x" * (MOST_BYTES + 1), Fault.TOO_LARGE),
        (_spreadsheet(), Fault.NOT_TEXT),
        (text([LOCATION]).encode("utf-16"), Fault.NOT_TEXT),
        (b"\x81\x8d\x8f\x90\x9d", Fault.NOT_TEXT),
        (b"\xef\xbb\xbf\xff\xfe", Fault.NOT_TEXT),
        (text([LOCATION]).encode() + b'"' + b"x" * 140_000, Fault.NOT_A_TABLE),
        (b'"' + b"x" * 140_000, Fault.NOT_A_TABLE),
        (b"Beste helpdesk, de lijst volgt.", Fault.COLUMNS),
        (b"%PDF-1.7\n%%EOF", Fault.COLUMNS),
        (text([LOCATION]).partition("\r\n")[0].encode(), Fault.NO_ROWS),
        (text([{**LOCATION, "VESTIGINGSCODE": "x"}]).encode(), Fault.NO_ROWS),
    ],
)
def test_what_is_no_list_is_refused_for_its_own_reason(content: bytes, fault: Fault) -> None:
    """Each kind of wrong file has its own word."""
    assert _fault(content) is fault


def test_a_file_of_exactly_the_largest_size_is_read() -> None:
    """The limit itself is allowed."""
    content = text([LOCATION]).encode()
    assert duo_list.read(content, most_bytes=len(content)).rows


@pytest.mark.parametrize(
    ("row", "lost", "missing"),
    [
        (LOCATION, ("PLAATSNAAM",), ("PLAATSNAAM",)),
        (
            LOCATION,
            ("VESTIGINGSCODE", "BEVOEGD GEZAG NUMMER"),
            ("VESTIGINGSCODE", "BEVOEGD GEZAG NUMMER"),
        ),
        (BOARD, ("BEVOEGD GEZAG NUMMER",), ("BEVOEGD GEZAG NUMMER",)),
        (
            BOARD,
            ("BEVOEGD GEZAG NAAM",),
            ("VESTIGINGSCODE", "VESTIGINGSNAAM"),
        ),
    ],
)
def test_the_columns_that_a_list_lacks_are_named(
    row: Cells, lost: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    """By the name that they have today, and none that is there."""
    with pytest.raises(ListRefused) as caught:
        _read(text([{name: cell for name, cell in row.items() if name not in lost}]).encode())
    assert (caught.value.fault, caught.value.missing) == (Fault.COLUMNS, missing)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_refused(content: bytes) -> None:
    """Nothing that somebody uploads crashes the reader."""
    try:
        read = _read(content)
    except ListRefused:
        return
    assert read.rows


# --- round trips ----------------------------------------------------------------------------

_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=("C", "Z")), min_size=1
) | st.sampled_from(["’t Kompas", 'De "Brug"', "a;b,c", "Wrâldwizer", "Sint-Jan €"])
_CODES = st.from_regex(r"[0-8][0-9][A-Z]{2}[0-9]{2}", fullmatch=True)
_ROWS = st.dictionaries(_CODES, st.tuples(_TEXT, _TEXT, st.none() | _TEXT), min_size=1, max_size=8)


@given(_ROWS, st.sampled_from(["utf-8", "utf-8-sig"]), st.sampled_from([";", ","]))
def test_a_made_list_is_read_as_it_was_made(
    rows: dict[str, tuple[str, str, str | None]], encoding: str, delimiter: str
) -> None:
    """Every code comes back once, with its name, place and street."""
    made = [
        {
            **LOCATION,
            "INSTELLINGSCODE": code[:4],
            "VESTIGINGSCODE": code,
            "VESTIGINGSNAAM": name,
            "PLAATSNAAM": place,
            "STRAATNAAM": street or " ",
        }
        for code, (name, place, street) in rows.items()
    ]
    read = _read(text(made, delimiter=delimiter, quoted=True).encode(encoding))
    found = {code: (row["name"], row["place"], row["street"]) for code, row in read.rows.items()}
    assert (found, read.skipped) == (rows, 0)


def test_the_lists_of_the_local_house_are_read_whole() -> None:
    """Both invented lists come in without a skipped row."""
    locations, found = _read(duo.locations_csv()), _read(duo.boards_csv())
    assert set(locations.rows) == {school.brin6 for school in duo.SCHOOLS}
    assert set(found.rows) == set(duo.BOARDS)
    assert found.rows["90001"]["kvk_number"] == "01234567"
    assert locations.skipped == found.skipped == 0
    assert locations.rows["99DA00"]["place"] == "WRÂLDSTÊD"


@needs_data
def test_the_real_list_of_april_2026_is_read_whole() -> None:
    """All 6,107 locations, each with its board, none skipped."""
    content = (_DATA / "alle-schoolvestigingen-basisonderwijs-2026-04.csv").read_bytes()
    read = duo_list.read(content, most_bytes=16_000_000)
    assert (read.kind, len(read.rows), read.skipped) == (Kind.LOCATIONS, 6107, 0)
    assert read.rows["32JK00"]["name"] == "BBS de Verwondering"
    assert read.rows["32JK00"]["phone"] is None
    assert read.rows["03WU00"]["website"] == "www.ckcdewegwijzer.nl"


@needs_data
def test_the_layout_of_the_boards_list_is_read() -> None:
    """Quoted cells, a byte order mark and a lost zero are understood."""
    read = _read((_DATA / "besturenbo-layout-invented.csv").read_bytes())
    assert (read.kind, len(read.rows)) == (Kind.BOARDS, 4)
    assert read.rows["90001"]["kvk_number"] == "01234567"
