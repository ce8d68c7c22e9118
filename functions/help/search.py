"""Search: which articles answer a few words, best first. Plain values in and out.

Words are compared without capitals and accents. A word of the question may be the start of a
longer word, a part of a Dutch compound ("sleutel" in "autorisatiesleutel"), or one typing error
away. A word in the title weighs more than one in the text.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_CHARACTERS = 200
_MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")
_SHORTEST_START = 3
_SHORTEST_INEXACT = 5
# Words that say how somebody asks, not what about.
_SMALL = """
aan als al ben bij dan dat de den der die dit doe een en er gaan geen het hoe hun ik in is je jij
kan kun kunnen maar me mee mij mijn moet naar niet nog nu of om ons ook op over te tot u uit van
voor waar waarom wanneer wat we wel werkt wie wij word wordt worden zijn zo
a an and are at be can cannot do does for from have how i if in is it me must my not of on or our
so that the their there they this to was we what when where which who why will with you your
"""
_SMALL_WORDS = frozenset(_SMALL.split())
_TITLE, _KEYWORDS, _SUMMARY, _BODY = 8, 7, 4, 2
_EXACT, _START, _PART, _TYPO = 10, 7, 5, 4


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as search sees it: the normalised words of each of its parts."""

    slug: str
    title: frozenset[str]
    keywords: frozenset[str]
    summary: frozenset[str]
    body: frozenset[str]


def words(text: str) -> list[str]:
    """Return the normalised words of a text, in order, without single letters."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [word for word in _WORD.findall(bare) if len(word) > 1 or word.isdigit()]


def question_words(question: str) -> list[str]:
    """Return the words to look for: the telling ones, or all when there are no others."""
    found = list(dict.fromkeys(words(question[:MOST_CHARACTERS])))[:_MOST_WORDS]
    return [word for word in found if word not in _SMALL_WORDS] or found


def search(entries: Iterable[Entry], question: str) -> list[str]:
    """Return the slugs of the articles that answer, best first; nothing for no words.

    Articles that know more of the words come first, then those that know them in better places.
    Articles that know half of the words or fewer, compared with the best, are left out.
    """
    asked = question_words(question)
    hits: list[tuple[int, int, str]] = []
    for entry in entries:
        scores = [score for word in asked if (score := _score(entry, word))]
        if scores:
            hits.append((len(scores), sum(scores), entry.slug))
    if not hits:
        return []
    most = max(known for known, _, _ in hits)
    hits.sort(key=lambda hit: (-hit[0], -hit[1]))
    return [slug for known, _, slug in hits if known * 2 > most]


def _score(entry: Entry, word: str) -> int:
    return max(
        _TITLE * _best(entry.title, word),
        _KEYWORDS * _best(entry.keywords, word),
        _SUMMARY * _best(entry.summary, word),
        _BODY * _plain_best(entry.body, word),
    )


def _plain_best(known: frozenset[str], word: str) -> int:
    """Return how well a word is known as it is, or as the start of a word."""
    if word in known:
        return _EXACT
    if len(word) >= _SHORTEST_START and any(other.startswith(word) for other in known):
        return _START
    return 0


def _best(known: frozenset[str], word: str) -> int:
    """Return how well a word is known, compounds and typing errors included."""
    plain = _plain_best(known, word)
    if plain or len(word) < _SHORTEST_INEXACT:
        return plain
    if any(_is_part(word, other) for other in known):
        return _PART
    return _TYPO if any(within_one_edit(word, other) for other in known) else 0


def _is_part(word: str, other: str) -> bool:
    return word in other or (len(other) >= _SHORTEST_INEXACT and other in word)


def within_one_edit(one: str, other: str) -> bool:
    """Say whether one typing error lies between two words.

    An error is a letter too many, too few or wrong, or two neighbours in the wrong order.
    """
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = _common_start(one, other)
    rest, other_rest = one[start:], other[start:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[:2] == other_rest[1::-1]
    return rest[1:] == other_rest[1:] or (swapped and rest[2:] == other_rest[2:])


def _common_start(one: str, other: str) -> int:
    length = 0
    for sign, other_sign in zip(one, other, strict=False):
        if sign != other_sign:
            break
        length += 1
    return length
