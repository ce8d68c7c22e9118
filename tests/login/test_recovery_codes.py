"""Codes on paper, as pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import recovery_codes
from schoolpoort import ids

_SECRETS = st.text(ids.RECOVERY_ALPHABET, min_size=10, max_size=10)
_NUMBERS = st.sampled_from("0123456789")


@given(number=_NUMBERS, secret=_SECRETS)
def test_what_is_printed_is_read_back(number: str, secret: str) -> None:
    """In capitals or not, with or without dashes and spaces."""
    printed = recovery_codes.shown(number, secret)
    for typed in (printed, printed.lower(), printed.replace("-", " "), f" {printed} "):
        assert recovery_codes.number_and_secret(typed) == (number, secret)


def test_look_alikes_are_forgiven() -> None:
    """Letters that no code has are read as the digits they look like."""
    assert recovery_codes.number_and_secret("3-oOiIl-LAAAA") == ("3", "0011" + "11AAAA")


@pytest.mark.parametrize("typed", ["", "3", "123456", "3-AAAAA-AAAA", "3-AAAAA-AAAAU", "x" * 5000])
def test_anything_else_is_no_code(typed: str) -> None:
    """Half codes, codes of an app and long texts are none."""
    assert recovery_codes.number_and_secret(typed) is None


def test_only_the_code_itself_opens() -> None:
    """A kept hash knows its own code and no other, and a broken hash knows none."""
    kept = recovery_codes.hashed("K7Q2MXW9TD")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert recovery_codes.is_right(kept, "K7Q2MXW9TD")
    assert not recovery_codes.is_right(kept, "K7Q2MXW9TE")
    assert not recovery_codes.is_right("no hash", "K7Q2MXW9TD")


def test_a_new_code_has_fifty_bits() -> None:
    """Ten characters of an alphabet of 32, drawn anew each time."""
    made = {ids.new_recovery_secret() for _ in range(200)}
    assert len(made) == 200
    assert len(ids.RECOVERY_ALPHABET) == 32
    assert all(len(secret) == 10 and set(secret) <= set(ids.RECOVERY_ALPHABET) for secret in made)
