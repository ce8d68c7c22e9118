"""Search: which articles answer a few words, best first. Plain values in and out.

Words are compared without capitals and accents. A word of the question may be the start of a
longer word, a part of a Dutch compound ("sleutel" in "autorisatiesleutel"), another form of the
same word ("uitgelogd", "leerkrachten"), or a typing error or two away. A word in the title weighs
more than one in the text, and a word that few articles know more than one that all of them know.
"""

import functools
import math
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
aan alle als al altijd ander andere anders ben bij dan dat de den der deze die dit doe doen door een
eens en er even gaan gaat geen graag heb hebben heeft het hij hoe hun ik in is iets jaar je jij jou
jouw jullie kan kun kunnen kunt maar mag me mee meer mee mij mijn moet moeten mogen na naar niet nog
nou nu of om ons onze ook op over steeds te toch tot u uit uw van veel via voor waar waarom waarover
wanneer want waren was wat we weer wel welk welke werkt wie wij wil willen word wordt worden ze zelf
zich zij zijn zit zo zonder zou
a about all an and any are at be been but by can cannot could did do does for from get gets has have
he how i if in into is it its just me may must my no not of off on one or our out she should so some
than that the their them then there these they this to up us was we what when where which who whom
whose why will with without would you your
"""
_SMALL_WORDS = frozenset(_SMALL.split())
_TITLE, _KEYWORDS, _SUMMARY, _BODY = 8, 7, 4, 2
_EXACT, _STEM, _START, _TYPO, _PART = 10, 9, 7, 6, 5
_TWO_TYPOS = 4
_MOST_ERRORS = 2
_SHORTEST_TWO_ERRORS = 8
_SHORTEST_STEM = 4
_SHORTEST_PARTICIPLE = 8
_ENDINGS = (
    *("sels", "heden", "ende", "eren", "ingen", "atie", "aties", "ing", "elijk", "baar"),
    *("ers", "eert", "eer", "en", "es", "er", "te", "de", "je", "et", "t", "s", "e", "n"),
)
_PHRASE = 60
"""What each word of a phrase is worth that is said word for word."""

_LEAST_SHARE = 0.4
"""An article that knows less than this of the best one's words does not answer the question."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as search sees it: the normalised words of each of its parts.

    `phrases` are its synonyms of more than one word, as people say them.
    """

    slug: str
    title: frozenset[str]
    keywords: frozenset[str]
    summary: frozenset[str]
    body: frozenset[str]
    phrases: tuple[tuple[str, ...], ...] = ()


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

    A word counts by how few articles know it. An article that knows a small part of the question
    comes after one that knows all of it, however good its places are.
    """
    shelf = list(entries)
    asked = question_words(question)
    scores = [[_score(entry, word) for word in asked] for entry in shelf]
    known = [sum(bool(row[at]) for row in scores) for at in range(len(asked))]
    weights = [_rarity(count, len(shelf)) for count in known]
    total = sum(weights)
    said = words(question[:MOST_CHARACTERS])
    hits = []
    for entry, row in zip(shelf, scores, strict=True):
        share = sum(weight for weight, score in zip(weights, row, strict=True) if score)
        if share:
            points = sum(weight * score for weight, score in zip(weights, row, strict=True))
            points = points * (share / total) ** 2 + _PHRASE * _longest_phrase(entry, said)
            hits.append((points, share, entry.slug))
    if not hits:
        return []
    most = max(share for _, share, _ in hits)
    hits.sort(key=lambda hit: -hit[0])
    return [slug for _, share, slug in hits if share >= most * _LEAST_SHARE]


def _longest_phrase(entry: Entry, said: list[str]) -> int:
    """Return how many words the longest phrase has that the question says word for word."""
    text = f" {' '.join(said)} "
    found = [len(phrase) for phrase in entry.phrases if f" {' '.join(phrase)} " in text]
    return max(found, default=0)


def _rarity(knowing: int, of_all: int) -> float:
    """Return what a word is worth: nothing when nobody knows it, most when one article does."""
    return math.log(1 + of_all / knowing) if knowing else 0.0


def _score(entry: Entry, word: str) -> int:
    return max(
        _TITLE * _best(entry.title, word),
        _KEYWORDS * _best(entry.keywords, word),
        _SUMMARY * _best(entry.summary, word),
        _BODY * _plain_best(entry.body, word),
    )


@functools.lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a word without its ending and the "ge" of a past participle, roughly."""
    bare = word[2:] if word.startswith("ge") and len(word) >= _SHORTEST_PARTICIPLE else word
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _SHORTEST_STEM:
            bare = bare.removesuffix(ending)
            break
    doubled = bare[-1] == bare[-2] if len(bare) > 1 else False
    return bare[:-1] if doubled else bare


def _plain_best(known: frozenset[str], word: str) -> int:
    """Return how well a word is known: as it is, in another form, or as the start of a word."""
    if word in known:
        return _EXACT
    if len(word) >= _SHORTEST_STEM and any(
        stem(other) == stem(word)
        for other in known
        if other[0] == word[0] or "ge" in (other[:2], word[:2])
    ):
        return _STEM
    if len(word) >= _SHORTEST_START and any(other.startswith(word) for other in known):
        return _START
    return 0


def _best(known: frozenset[str], word: str) -> int:
    """Return how well a word is known, compounds and typing errors included."""
    plain = _plain_best(known, word)
    if plain or len(word) < _SHORTEST_INEXACT:
        return plain
    if any(within_one_edit(word, other) for other in known):
        return _TYPO
    if any(_is_part(word, other) for other in known):
        return _PART
    if len(word) >= _SHORTEST_TWO_ERRORS and any(_within_two(word, other) for other in known):
        return _TWO_TYPOS
    return 0


def _within_two(word: str, other: str) -> bool:
    """Say whether two typing errors lie between two long words that begin alike."""
    if abs(len(word) - len(other)) > _MOST_ERRORS or word[:2] != other[:2]:
        return False
    return any(within_one_edit(edit, other) for edit in _without_one(word)) or any(
        within_one_edit(word, edit) for edit in _without_one(other)
    )


def _without_one(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


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
