"""Which passwords somebody else would try first.

zxcvbn (Wheeler, USENIX Security 2016) estimates how many guesses one takes, from lists of what
people choose, keyboard patterns, dates and repetitions. Its words are mostly English, so it is
given Dutch ones, and those that belong to the person. Below a million guesses a password is
guessable: our budgets stop a stranger long before, but a hash that leaked would fall at once.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_FEW_GUESSES = 1_000_000
_SHORTEST_WORD = 3
_MOST_WORDS = 6
_WORD = re.compile(r"[^\W_]+")

_DUTCH_WORDS = Path(__file__).with_name("dutch_words.txt")
"""Words and years that people here make passwords of, the likeliest first; our own list."""


def is_guessable(password: str, own_words: Iterable[str] = ()) -> bool:
    """Say whether a password takes few guesses for who knows its owner's names and places.

    `own_words` are texts about the owner, such as "Basisschool De Vlieger"; each word of them
    counts, and neighbours written together.
    """
    import zxcvbn  # noqa: PLC0415 - its lists cost 60 ms, and only who sets a password needs them

    words = [*_parts(own_words), *_dutch_words()]
    estimate = zxcvbn.zxcvbn(unicodedata.normalize("NFKC", password), user_inputs=words)
    return bool(estimate["guesses"] < _FEW_GUESSES)


@functools.cache
def _dutch_words() -> tuple[str, ...]:
    return tuple(_DUTCH_WORDS.read_text("utf-8").split())


def _parts(texts: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        words = _WORD.findall(text.casefold())
        for word in _runs(words):
            for spelled in (word, _plain(word)):
                if len(spelled) >= _SHORTEST_WORD:
                    found.setdefault(spelled)
    return list(found)


def _runs(words: list[str]) -> list[str]:
    """Return words and what adjacent ones make together, the single ones first."""
    ends = range(1, min(len(words), _MOST_WORDS) + 1)
    return ["".join(words[at : at + count]) for count in ends for at in range(len(words))]


def _plain(word: str) -> str:
    """Return a word as who leaves the accents out types it."""
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
