"""Identifiers, tokens and secrets have their exact forms."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolpoort import ids


@pytest.mark.parametrize(("drawn", "made"), [(0, "1"), (2**53 - 2, "9007199254740991")])
def test_an_id_is_a_positive_exact_integer(
    monkeypatch: pytest.MonkeyPatch, drawn: int, made: str
) -> None:
    """The smallest id is 1 and the largest is the largest integer that JavaScript reads exactly."""
    below: list[int] = []

    def draw(limit: int) -> int:
        below.append(limit)
        return drawn

    monkeypatch.setattr("secrets.randbelow", draw)
    assert ids.new_id() == made
    assert below == [2**53 - 1]


def test_nothing_is_given_out_twice() -> None:
    """A thousand ids, tokens and secrets are three thousand different texts."""
    made = [make() for make in (ids.new_id, ids.new_token, ids.new_secret) for _ in range(1000)]
    assert len(set(made)) == 3000


def test_a_token_is_a_guid_of_36_characters() -> None:
    """What a mail link carries is a random GUID in lower case, and is known as one."""
    token = ids.new_token()
    assert len(token) == 36
    assert uuid.UUID(token).version == 4
    assert ids.is_token(token)


@given(st.uuids() | st.uuids(version=4))
def test_only_a_random_guid_is_a_token(value: uuid.UUID) -> None:
    """A GUID of another version or variant is no token of ours."""
    is_random = value.version == 4 and value.variant == uuid.RFC_4122
    assert ids.is_token(str(value)) is is_random


@given(st.uuids(version=4).map(str), st.integers(0, 36), st.characters(codec="utf-8"))
def test_a_longer_text_is_no_token(token: str, place: int, extra: str) -> None:
    """One character more, wherever it stands, makes it no token."""
    assert not ids.is_token(token[:place] + extra + token[place:])


def test_a_secret_is_256_bits_for_a_cookie() -> None:
    """A secret is 43 characters that need no quoting in a cookie or an address."""
    secret = ids.new_secret()
    assert len(secret) == 43
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert secret.isascii()


def test_a_hash_is_the_known_one() -> None:
    """SHA-256 of the standard's own example and of a text outside ASCII."""
    assert ids.sha256_hex("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert ids.sha256_hex("é") == (
        "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
    )
