"""Pictures and PINs, as pure rules."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import login
from login import pictures, pins
from login.pictures import Picture
from schoolpoort import ids

_PUPILS = st.sets(st.integers(1, 2**53).map(str), min_size=1, max_size=len(pictures.ALL))


@given(pupils=_PUPILS, group=st.integers(1, 2**53).map(str))
def test_no_two_in_a_group_have_one_picture(pupils: set[str], group: str) -> None:
    """Everybody has a picture of his own; up to twenty pupils have twenty animals."""
    chosen = pictures.assigned(group, pupils, {})
    assert set(chosen) == pupils
    assert len(set(chosen.values())) == len(pupils)
    if len(pupils) <= len(pictures.ANIMALS):
        assert len({picture.animal for picture in chosen.values()}) == len(pupils)


@given(pupils=_PUPILS, new=_PUPILS)
def test_who_comes_changes_nobody_elses_picture(pupils: set[str], new: set[str]) -> None:
    """A kept picture stays, whoever comes or goes."""
    before = pictures.assigned("7", pupils, {})
    after = pictures.assigned("7", pupils | new, before)
    assert all(after[pupil] == before[pupil] for pupil in pupils)


@given(pupils=_PUPILS)
def test_whoever_asks_first_the_pictures_are_the_same(pupils: set[str]) -> None:
    """Two pages opened at once give everybody the same picture."""
    once = pictures.assigned("7", sorted(pupils), {})
    assert pictures.assigned("7", sorted(pupils, reverse=True), {}) == once


@given(pupils=_PUPILS)
def test_another_picture_is_another(pupils: set[str]) -> None:
    """A pupil who wants another gets one that nobody in the group has, while there is one."""
    chosen = pictures.assigned("7", pupils, {})
    one = min(pupils)
    other = pictures.another("7", one, set(chosen.values()), chosen[one])
    assert other != chosen[one] or len(pupils) == len(pictures.ALL)
    if len(pupils) < len(pictures.ALL):
        assert other not in chosen.values()


@pytest.mark.parametrize(
    "code", ["", "cat", "cat-", "-circle", "dragon-circle", "cat-star", None, 7]
)
def test_only_a_picture_is_read(code: object) -> None:
    """What is no picture of ours is none."""
    assert pictures.read(code) is None


@given(picture=st.sampled_from(pictures.ALL))
def test_what_is_stored_is_read_back(picture: Picture) -> None:
    """Every picture has a stored form."""
    assert pictures.read(picture.code) == picture


def test_every_animal_and_plate_is_drawn_and_named() -> None:
    """The template knows each by its name; the last of each is its "else"."""
    path = Path(login.__file__).parent / "templates/login/animals.html"
    text = path.read_text("utf-8")
    drawn = set(re.findall(r'one\.animal == "(\w+)"', text))
    named = set(re.findall(r'(?<!\.)animal == "(\w+)"', text))
    plates = set(re.findall(r'one\.plate == "(\w+)"', text))
    assert drawn == named == set(pictures.ANIMALS) - {"pig"}
    assert plates == set(pictures.PLATES) - {"flower"}


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("1357", True),
        ("0000", True),
        ("135", False),
        ("13579", False),
        ("13a7", False),
        ("١٢٣٤", False),
        ("", False),
    ],
)
def test_four_digits_are_a_pin(typed: str, is_one: bool) -> None:
    """Exactly four digits of the pad."""
    assert pins.is_pin(typed) is is_one


@pytest.mark.parametrize("pin", ["0000", "7777", "1234", "9876", "7890", "1212", "4242", "0246"])
def test_what_everybody_tries_first_is_too_easy(pin: str) -> None:
    """Rows, repeats and pairs."""
    assert pins.is_too_easy(pin)


def test_most_pins_are_fine() -> None:
    """Refusing the easy ones leaves more than 98 of 100."""
    fine = [
        pin for pin in (f"{number:04d}" for number in range(10_000)) if not pins.is_too_easy(pin)
    ]
    assert len(fine) > 9_800


def test_only_the_pin_itself_opens() -> None:
    """A kept PIN is a hash, and a broken hash knows none."""
    kept = pins.hashed("1357")
    assert "1357" not in kept.rpartition("$")[2][:4]
    assert pins.is_right(kept, "1357")
    assert not pins.is_right(kept, "1358")
    assert not pins.is_right("no hash", "1357")


def test_a_code_of_a_school_is_no_word() -> None:
    """Seven letters and digits without vowels or look-alikes, other each time."""
    codes = {ids.new_school_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(r"[2345679bcdfghjkmnpqrstvwxz]{7}", code) for code in codes)
