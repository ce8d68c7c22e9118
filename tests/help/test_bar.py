"""What people type finds its answer: at least 95 % among the first three."""

import random

import pytest

from help import library
from help.search import search
from tests.amounts import often
from tests.help.questions import KEYWORDS, QUESTIONS

_BAR = 0.95
_BAR_WITH_AN_ERROR = 0.85
_SHORTEST_MISTYPED = 6


@pytest.fixture(autouse=True)
def _mail_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_DOMAIN", "schoolpoort.example")


def _missed(asked: list[tuple[str, str, str]]) -> list[tuple[str, str, list[str]]]:
    found = [(text, slug, search(library.index(lang), text)[:3]) for lang, text, slug in asked]
    return [(text, slug, first) for text, slug, first in found if slug not in first]


def test_the_words_that_people_type_find_their_answer() -> None:
    """The keywords of the field, one by one."""
    assert len(KEYWORDS) >= 60
    missed = _missed([("nl", word, slug) for word, slug in KEYWORDS])
    assert len(missed) <= len(KEYWORDS) * (1 - _BAR), missed


def test_questions_in_own_words_find_their_answer() -> None:
    """A hundred questions as people would put them, and some in English."""
    assert len(QUESTIONS) >= 100
    missed = _missed(QUESTIONS)
    assert len(missed) <= len(QUESTIONS) * (1 - _BAR), missed


@pytest.mark.soak
def test_a_typing_error_in_a_long_word_does_little_harm() -> None:
    """One letter of the longest word left out or two swapped: most still find their answer."""
    chance = random.Random(7)
    asked = [
        (lang, _mistyped(text, chance), slug)
        for _ in range(often(1))
        for lang, text, slug in QUESTIONS
    ]
    missed = _missed(asked)
    assert len(missed) <= len(asked) * (1 - _BAR_WITH_AN_ERROR), missed


def _mistyped(text: str, chance: random.Random) -> str:
    word = max(text.split(), key=len)
    if len(word) < _SHORTEST_MISTYPED:
        return text
    at = chance.randrange(1, len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return text.replace(word, chance.choice([word[:at] + word[at + 1 :], swapped]), 1)


def test_every_article_is_the_answer_to_something() -> None:
    """No article was forgotten in the lists above."""
    answers = {slug for _, slug in KEYWORDS} | {slug for _, _, slug in QUESTIONS}
    assert library.articles("nl").keys() - answers == set()
