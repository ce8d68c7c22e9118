"""What a password may be, and that only it opens an account."""

import sys
import unicodedata
from typing import Literal

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolpoort import argon2id, passwords
from schoolpoort.errors import SettingRefused
from schoolpoort.passwords import Violation
from tests.amounts import often

_TEXTS = st.text(st.characters(), max_size=30)
_GOOD = st.builds(
    "{}{}{}".format,
    st.text("abcdeÉßж가あ 7!€", min_size=6, max_size=18),
    st.sampled_from("qxéñд中"),
    st.sampled_from("0369٣७"),
).filter(lambda text: not passwords.violations(text))


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record every hash that a password is compared with."""
    seen: list[str] = []

    class Counted(argon2.PasswordHasher):
        """The product's own hasher, seen at work."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's own name
            """Keep the hash and compare."""
            seen.append(str(hash))
            return super().verify(hash, password)

    counted = Counted(time_cost=2, memory_cost=19_456, parallelism=1)
    monkeypatch.setattr(argon2id, "_hasher", lambda _setting: counted)
    argon2id._nobodys.cache_clear()
    return seen


@given(_TEXTS)
def test_the_rules_are_four_and_independent(text: str) -> None:
    """A password will do exactly when it has 8 to 20 characters, a letter and a digit."""
    counted = unicodedata.normalize("NFKC", text)
    kinds = {unicodedata.category(character) for character in counted}
    broken = {
        Violation.TOO_SHORT: len(counted) < 8,
        Violation.TOO_LONG: len(counted) > 20,
        Violation.NO_LETTER: not kinds & {"Lu", "Ll", "Lt", "Lm", "Lo"},
        Violation.NO_DIGIT: "Nd" not in kinds,
    }
    assert set(passwords.violations(text)) == {rule for rule, holds in broken.items() if holds}


@pytest.mark.parametrize(
    ("password", "violations"),
    [
        ("abcdef1", {Violation.TOO_SHORT}),
        ("abcdefg1", set()),
        ("abcdefghijklmnopqrs1", set()),
        ("abcdefghijklmnopqrst1", {Violation.TOO_LONG}),
        ("12345678", {Violation.NO_LETTER}),
        ("abcdefgh", {Violation.NO_DIGIT}),
        ("", {Violation.TOO_SHORT, Violation.NO_LETTER, Violation.NO_DIGIT}),
        ("        ", {Violation.NO_LETTER, Violation.NO_DIGIT}),
        ("abcdefg²", set()),
        ("abcdefgⅷ", {Violation.NO_DIGIT}),
        ("e\u0301" * 7 + "1", set()),
        ("ﷺ1", set()),
        ("ﷺ1ab", {Violation.TOO_LONG}),
        ("🐟🐟🐟🐟🐟🐟a1", set()),
        ("x" * 100_000, {Violation.TOO_LONG}),
        ("\ud800bcdefg1", set()),
    ],
)
def test_the_edges_of_the_rules(password: str, violations: set[Violation]) -> None:
    """Characters are counted after NFKC, so a ligature counts as what it is made of."""
    assert set(passwords.violations(password)) == violations


def test_no_password_is_cut_off_unread() -> None:
    """The bound before normalising is above everything that could still be a password."""
    longest = max(len(unicodedata.normalize("NFD", chr(point))) for point in range(sys.maxunicode))
    assert 20 * longest <= passwords._LONGEST_INPUT
    assert passwords.violations("e" + "\u0301" * 18 + "1") == ()


@settings(max_examples=often(12))
@given(_GOOD, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_same_strokes_open_on_any_keyboard(password: str, form: str) -> None:
    """Every Unicode spelling of a password is that password."""
    spelled = unicodedata.normalize(form, password)  # type: ignore[arg-type]
    assert passwords.verify(passwords.hash_password(password), spelled)


@settings(max_examples=often(12))
@given(_GOOD, _GOOD)
def test_only_the_password_opens(kept: str, given_one: str) -> None:
    """Another password that keeps the rules does not open."""
    is_same = passwords.normalised(kept) == passwords.normalised(given_one)
    assert passwords.verify(passwords.hash_password(kept), given_one) is is_same


@pytest.mark.parametrize(
    "near", ["Zonnebloem4yo", "Zonnebloem4you ", "zonnebloem4you", "Zonnebloem4you\0", ""]
)
def test_a_near_miss_does_not_open(near: str) -> None:
    """Nothing is cut off, trimmed or folded in case."""
    assert not passwords.verify(passwords.hash_password("Zonnebloem4you"), near)


@pytest.mark.parametrize("password", ["", "short1", "alleenletters", "x1" * 11])
def test_what_breaks_a_rule_is_never_kept(password: str) -> None:
    """A password outside the rules has no hash."""
    with pytest.raises(ValueError, match="does not keep the rules"):
        passwords.hash_password(password)


def test_an_unknown_account_costs_one_hashing_too(hashings: list[str]) -> None:
    """Without a stored hash the same work is done once, under the same parameters."""
    kept = passwords.hash_password("Zonnebloem4you")
    assert not passwords.verify(None, "Zonnebloem4you")
    assert not passwords.verify(kept, "Waterlelie9")
    nobodys, somebodys = hashings
    assert somebodys == kept
    assert argon2.extract_parameters(nobodys) == argon2.extract_parameters(kept)


def test_nobody_has_the_password_of_nobody(hashings: list[str]) -> None:
    """The hash that stands in for a missing one opens nothing, whatever it was made of."""
    candidates = ["nobody has password 0", "nobody has this password 0"]
    assert [passwords.verify(None, candidate) for candidate in candidates] == [False, False]


def test_what_can_be_no_password_costs_no_hashing(hashings: list[str]) -> None:
    """For a known and for an unknown account alike, such a text is refused at once."""
    kept = passwords.hash_password("Zonnebloem4you")
    for stored in (kept, None):
        assert not passwords.verify(stored, "x" * 60_000)
        assert not passwords.verify(stored, "kort1")
    assert hashings == []


@pytest.mark.parametrize(
    "stored", ["", "plain text", "$argon2id$v=19$broken", "$2b$12$" + "a" * 53]
)
def test_a_stored_text_that_is_no_hash_opens_nothing(stored: str) -> None:
    """A damaged or foreign hash is a refusal, no crash."""
    assert not passwords.verify(stored, "Zonnebloem4you")


def test_a_hash_is_argon2id_of_today() -> None:
    """Without a setting it is argon2id with 19 MiB, 2 passes and 1 lane, salted anew each time."""
    first, second = (passwords.hash_password("Zonnebloem4you") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert not argon2id.is_outdated(first)


def test_a_hash_of_yesterday_is_renewed() -> None:
    """A hash under weaker parameters still opens, and says that it must be made again."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    old = weak.hash(b"Zonnebloem4you")
    assert passwords.verify(old, "Zonnebloem4you")
    assert argon2id.is_outdated(old)


def test_the_work_is_the_stacks_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash is made with the parameters of the setting, and what they outgrew is outdated."""
    before = passwords.hash_password("Zonnebloem4you")
    monkeypatch.setenv(argon2id.SETTING, "m=47104,t=1,p=1")
    after = passwords.hash_password("Zonnebloem4you")
    assert after.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert argon2id.is_outdated(before)
    assert passwords.verify(before, "Zonnebloem4you")
    assert passwords.verify(after, "Zonnebloem4you")


@pytest.mark.parametrize(
    "setting",
    [
        "m=19455,t=2,p=1",
        "m=47103,t=1,p=1",
        "m=12287,t=3,p=1",
        "m=9215,t=4,p=1",
        "m=7167,t=5,p=1",
        "m=7168,t=4,p=1",
        "m=19456,t=2,p=0",
        "m=19456",
        "strong",
        "m=19456,t=2,p=1\n",
    ],
)
def test_work_below_the_norm_is_refused(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """Parameters that are weaker than OWASP's least, or none, stop the function."""
    monkeypatch.setenv(argon2id.SETTING, setting)
    with pytest.raises(SettingRefused):
        passwords.hash_password("Zonnebloem4you")


@pytest.mark.parametrize(
    "setting", ["m=12288,t=3,p=1", "m=9216,t=4,p=1", "m=7168,t=5,p=1", "m=19456,t=3,p=2"]
)
def test_work_of_the_norm_is_taken(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """Each of OWASP's equal choices will do, and more than it."""
    monkeypatch.setenv(argon2id.SETTING, setting)
    assert f"${setting}$" in passwords.hash_password("Zonnebloem4you")
