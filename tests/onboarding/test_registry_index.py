"""The index finds a school by any beginning of its words, and keeps what an import must know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding import registry_index
from onboarding.registry_index import BEING_CHANGED, NEVER_WRITTEN, Entry


def _school(code: str, name: str, place: str = "DAM", digest: str = "d") -> Entry:
    return Entry(code, "7", digest, name, place, "04002")


_SCHOOLS = (
    _school("12AB00", "Dalton Kindcentrum ’t Kompas", "VLIEGERDAM"),
    _school("12AB01", "Dalton Kindcentrum ’t Kompas, De Haven", "VLIEGERDAM"),
    _school("13CD00", "Iepenbiere skoalle De Wrâldwizer", "WRÂLDSTÊD"),
    _school("14EF00", "St. Jozefschool", "OUD VLIEGERDAM"),
    _school("15GH00", "Basisschool 12AB00 en omstreken", "ERGENS"),
)


def _found(query: str) -> list[str]:
    return [entry.code for entry in registry_index.search(_SCHOOLS, query, most=50).entries]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("kompas", ["12AB00", "12AB01"]),
        ("KOMPAS HAVEN", ["12AB01"]),
        ("haven kompas", ["12AB01"]),
        ("'t kompas vlieg", ["12AB00", "12AB01"]),
        ("’t Kompas", ["12AB00", "12AB01"]),
        ("wraldwizer", ["13CD00"]),
        ("WRÂLDSTÊD", ["13CD00"]),
        ("st jozef", ["14EF00"]),
        ("st. jozef", ["14EF00"]),
        ("oud vliegerdam", ["14EF00"]),
        ("ompas", []),
        ("kompas wrald", []),
        ("13cd", ["13CD00"]),
    ],
)
def test_every_word_begins_a_word_of_the_school(query: str, codes: list[str]) -> None:
    """Case, accents, apostrophes, full stops and the order of the words do not matter."""
    assert _found(query) == codes


@pytest.mark.parametrize("query", ["", "  ", "’", "!?"])
def test_a_query_without_words_finds_nothing(query: str) -> None:
    """Not all schools: nothing was asked."""
    assert registry_index.search(_SCHOOLS, query, most=50).total == 0


def test_a_whole_code_comes_on_top() -> None:
    """Who types a BRIN with its location gets that school first, whatever others are called."""
    assert _found("12ab00") == ["12AB00", "15GH00"]
    assert _found("15GH00") == ["15GH00"]


def test_the_rest_is_sorted_by_name() -> None:
    """Equal names are sorted by code."""
    places = (("99ZZ00", "De Brug"), ("11AA00", "De Brug"), ("50AA00", "De Ark"))
    twins = [_school(code, name) for code, name in places]
    found = registry_index.search(twins, "de", most=50).entries
    assert [entry.code for entry in found] == ["50AA00", "11AA00", "99ZZ00"]


def test_more_than_fit_are_counted() -> None:
    """A search tells how many there are beside the first ones."""
    found = registry_index.search(_SCHOOLS, "vliegerdam", most=2)
    assert (len(found.entries), found.total) == (2, 3)


def test_a_school_without_an_item_is_not_found_yet() -> None:
    """An import that died half-way leaves no link to a page that is not there."""
    schools = [
        _school("12AB00", "De Brug", digest=NEVER_WRITTEN),
        _school("13AB00", "De Brug", digest=BEING_CHANGED),
    ]
    found = registry_index.search(schools, "brug", most=50)
    assert [entry.code for entry in found.entries] == ["13AB00"]


_ENTRIES = st.builds(
    Entry,
    code=st.from_regex(r"[0-9]{2}[A-Z]{2}[0-9]{2}|[0-9]{5}", fullmatch=True),
    school_id=st.text(),
    digest=st.text(),
    name=st.text(),
    place=st.text(),
    board_number=st.text(),
    is_listed=st.booleans(),
)


@given(st.lists(_ENTRIES, unique_by=lambda entry: entry.code))
def test_what_is_packed_is_unpacked(entries: list[Entry]) -> None:
    """Every entry comes back as it was, from the item where its code is looked for."""
    items = registry_index.items(entries)
    assert registry_index.unpack([None, *items]) == {entry.code: entry for entry in entries}
    known = {key["entry"] for key in registry_index.location_keys() + registry_index.board_keys()}
    assert {item["entry"] for item in items} <= known


@given(st.lists(_ENTRIES, unique_by=lambda entry: entry.code))
def test_the_order_of_entries_does_not_matter(entries: list[Entry]) -> None:
    """Equal entries make equal items, so an import can see that nothing changed."""
    turned = registry_index.items(reversed(entries))
    assert sorted(turned, key=str) == sorted(registry_index.items(entries), key=str)


def test_a_fingerprint_is_of_the_content() -> None:
    """Equal rows have equal ones in any order; another value gives another."""
    one = registry_index.digest({"name": "De Brug", "phone": None})
    assert registry_index.digest({"phone": None, "name": "De Brug"}) == one
    assert registry_index.digest({"phone": "1", "name": "De Brug"}) != one
    assert one not in {NEVER_WRITTEN, BEING_CHANGED}
