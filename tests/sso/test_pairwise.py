"""Pairwise names: stable for one publisher, unlike those at any other."""

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from sso.pairwise import subject

KEY = bytes(range(32))
_IDS = st.integers(1, 2**53 - 1).map(str)
_SECTORS = st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True)


def test_the_name_is_the_keyed_hash_that_was_agreed() -> None:
    """base64url of HMAC-SHA-256 over sector, a zero byte and the internal id, without padding."""
    expected = hmac.new(KEY, b"rekenrijk\x007", hashlib.sha256).digest()
    assert subject(KEY, "rekenrijk", "7") == base64.urlsafe_b64encode(expected).decode()[:43]


def test_a_known_answer_holds_for_ever() -> None:
    """A changed construction would rename everybody, so one answer of OpenSSL's HMAC is fixed."""
    assert subject(KEY, "rekenrijk", "7") == "fGeHzWiOZCiBohJq2gHT7UhzIyqGbsfK4WWPloon29c"


@given(_SECTORS, _SECTORS, _IDS)
def test_publishers_cannot_compare_names(first: str, second: str, internal_id: str) -> None:
    """A person has the same name in two sectors only when they are one sector."""
    same = subject(KEY, first, internal_id) == subject(KEY, second, internal_id)
    assert same == (first == second)


@given(_SECTORS, _IDS, _IDS)
def test_two_people_never_share_a_name(sector: str, first: str, second: str) -> None:
    """In one sector two ids give two names."""
    assert (subject(KEY, sector, first) == subject(KEY, sector, second)) == (first == second)


def test_the_border_between_sector_and_id_counts() -> None:
    """Moving characters over the border gives another name."""
    assert subject(KEY, "reken1", "23") != subject(KEY, "reken", "123")


def test_another_key_gives_another_name() -> None:
    """Who has no key cannot make the name."""
    assert subject(KEY, "rekenrijk", "7") != subject(bytes(32), "rekenrijk", "7")
