"""A school is found as people type it, the right one first."""

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from infra.local.many_schools import many_locations
from onboarding import duo_list
from onboarding.registry_index import BEING_CHANGED, NEVER_WRITTEN, Entry
from onboarding.registry_search import SchoolSearch
from onboarding.registry_spelling import distance

_REAL_LIST = (
    Path(__file__).parents[3] / "shared/data/duo/alle-schoolvestigingen-basisonderwijs-2026-04.csv"
)
_SAMPLED = 200


def _school(
    code: str, name: str, place: str = "DAM", *, board: str = "04002", postcode: str = ""
) -> Entry:
    return Entry(code, "7", "d", name, place, board, postcode)


_SCHOOLS = (
    _school("12AB00", "Dalton Kindcentrum ’t Kompas", "VLIEGERDAM", postcode="9999 ZZ"),
    _school("12AB01", "Dalton Kindcentrum ’t Kompas, De Haven", "VLIEGERDAM"),
    _school("13CD00", "Iepenbiere skoalle De Wrâldwizer", "WRÂLDSTÊD", board="90004"),
    _school("14EF00", "St. Jozefschool", "OUD VLIEGERDAM", board="90003"),
    _school("15GH00", "OBS De Regenboog", "ERGENS", postcode="1234 AB"),
    _school("16GH00", "Openbare Basisschool De Regenboog", "ELDERS"),
)
_BOARDS = {"04002": "Stg. Openb. Prim. Onderw. Vliegerdam", "90004": "Gemeente Wrâldstêd"}
_SEARCH = SchoolSearch(_SCHOOLS, _BOARDS)


def _first(query: str) -> str | None:
    found = _SEARCH.find(query, most=50).entries
    return found[0].code if found else None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("kompas", "12AB00"),
        ("KOMPAS HAVEN", "12AB01"),
        ("’t Kompas te Vliegerdam", "12AB00"),
        ("t compas", "12AB00"),
        ("daltonkindcentrum kompas", "12AB00"),
        ("wraldwizer", "13CD00"),
        ("Wrâldwiser", "13CD00"),
        ("sint jozefschool", "14EF00"),
        ("st jozef", "14EF00"),
        ("St.Jozef school", "14EF00"),
        ("regenboog ergens", "15GH00"),
        ("obs regenboog te elders", "16GH00"),
        ("openbare basisschool de regenboog ergens", "15GH00"),
        ("regen boog ergens", "15GH00"),
        ("rgenboog ergens", "15GH00"),
        ("12AB", "12AB00"),
        ("12ab00", "12AB00"),
        ("12 AB 01", "12AB01"),
        ("12AB1", "12AB01"),
        ("13CD 00 wrâldwizer", "13CD00"),
        ("1234AB", "15GH00"),
        ("9999 zz", "12AB00"),
        ("90003", "14EF00"),
        ("gemeente wraldsted", "13CD00"),
        ("", None),
        ("’", None),
        ("xqzw", None),
    ],
)
def test_the_right_school_comes_first(query: str, code: str | None) -> None:
    """By name, place, postcode, board or code; accents, "te", "St." and 00 are free."""
    assert _first(query) == code


def test_a_board_gives_its_schools() -> None:
    """By its number, or by its name although no school is called so."""
    for query in ("04002", "stichting openb prim onderw vliegerdam"):
        assert {one.code for one in _SEARCH.find(query, most=9).entries} >= {"12AB00", "16GH00"}


def test_of_a_brin_all_locations_are_shown() -> None:
    """The four characters of a school stand for each of its locations."""
    found = _SEARCH.find("12AB", most=9)
    assert [one.code for one in found.entries] == ["12AB00", "12AB01"]
    assert found.total == 2


def test_more_than_fit_are_counted() -> None:
    """A search tells how many there are beside the first ones."""
    found = _SEARCH.find("04002", most=2)
    assert (len(found.entries), found.total) == (2, 4)


def test_a_school_without_an_item_is_not_found_yet() -> None:
    """An import that died half-way leaves no link to a page that is not there."""
    half = Entry("12AB00", "7", NEVER_WRITTEN, "De Brug", "DAM", "04002")
    whole = Entry("13AB00", "8", BEING_CHANGED, "De Brug", "DAM", "04002")
    search = SchoolSearch([half, whole], {})
    assert [one.code for one in search.find("brug", most=5).entries] == ["13AB00"]
    assert len(search) == 1


def test_an_empty_registry_finds_nothing() -> None:
    """Before the first import a search ends in nothing, not in an error."""
    assert SchoolSearch([], {}).find("de brug 12AB", most=5).total == 0


@pytest.mark.parametrize(
    ("one", "other", "away"),
    [("brug", "brug", 0), ("brug", "bruug", 1), ("brug", "burg", 1), ("brug", "vlug", 2)],
)
def test_a_swap_is_one_error(one: str, other: str, away: int) -> None:
    """Letters to add, drop, change or swap are counted."""
    assert distance(one, other) == distance(other, one) == away


def misspelled(chance: random.Random, name: str) -> str:
    """Return a name with one error as fingers make them."""
    at = chance.randrange(1, len(name) - 1)
    kind = chance.choice(("dropped", "doubled", "swapped", "changed", "joined"))
    if kind == "dropped":
        return name[:at] + name[at + 1 :]
    if kind == "doubled":
        return name[:at] + name[at] + name[at:]
    if kind == "swapped":
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == "changed":
        return name[:at] + chance.choice("aeioutnrs") + name[at + 1 :]
    return name.replace(" ", "", 1)


def found_first(entries: Iterable[Entry], seed: int, sampled: int = _SAMPLED) -> float:
    """Return which part of misspelled names brings the right school first.

    A name that several schools have is typed with its place; a pair of name and place that two
    schools share is not sampled, because nobody could tell them apart.
    """
    schools = list(entries)
    search = SchoolSearch(schools, {})
    names = Counter(one.name.casefold() for one in schools)
    both = Counter((one.name.casefold(), one.place) for one in schools)
    unique = [one for one in schools if both[one.name.casefold(), one.place] == 1]
    chance = random.Random(seed)
    right = 0
    for school in chance.sample(unique, sampled):
        query = misspelled(chance, school.name)
        if names[school.name.casefold()] > 1 or chance.random() < 1 / 2:
            query += f" {chance.choice(('te ', ''))}{school.place.title()}"
        found = search.find(query, most=1).entries
        right += bool(found) and found[0].code == school.code
    return right / sampled


def _read(content: bytes) -> list[Entry]:
    read = duo_list.read(content, most_bytes=16_000_000)
    return [
        Entry(code, "7", "d", row["name"] or "", row["place"] or "", row["board_number"] or "")
        for code, row in read.rows.items()
    ]


def test_misspelled_names_of_our_own_list_are_found() -> None:
    """Of 200 misspelled names at least 95 in 100 bring the right school first."""
    assert found_first(_read(many_locations()), 1) >= 0.95


@pytest.mark.skipif(not _REAL_LIST.exists(), reason="DUO's real list lies beside the checkout only")
@pytest.mark.parametrize("seed", range(3))
def test_misspelled_names_of_the_real_list_are_found(seed: int) -> None:
    """The same among all 6,107 real names."""
    assert found_first(_read(_REAL_LIST.read_bytes()), seed) >= 0.95
