"""Words of names and places in one spelling, and what a word that nobody knows may have meant."""

import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

_MARKS = re.compile(r"['’‘`´.]")
_WORDS = re.compile(r"[^0-9a-z]+")
SILENT = frozenset({"te", "de", "het", "t", "in", "van", "en", "gem", "a", "d", "s"})
"""Words that people add or leave out."""
_LONG_FORMS: Mapping[str, str] = {
    "sint": "st",
    "stichting": "st",
    "stg": "st",
    "obs": "openbare basisschool",
    "cbs": "christelyke basisschool",
    "pcbs": "protestants christelyke basisschool",
    "rkbs": "rooms katholieke basisschool",
    "kbs": "katholieke basisschool",
    "bs": "basisschool",
    "kc": "kindcentrum",
    "ikc": "integraal kindcentrum",
    "sbo": "speciaal basisonderwys",
}
"""One form for what is written in two ways."""

_SHORTEST_CORRECTED = 4
_SHORTEST_TWICE_WRONG = 8
_TRIED = 40
_MOST_MEANT = 3


def folded_words(text: str) -> list[str]:
    """Return the words of a text without case, accents and marks; "ij" and "y" are the same."""
    folded = _MARKS.sub("", text.casefold().replace("ij", "y"))
    if not folded.isascii():
        letters = unicodedata.normalize("NFKD", folded)
        folded = "".join(one for one in letters if not unicodedata.combining(one))
    return _WORDS.sub(" ", folded).split()


def telling_words(spelled: Iterable[str]) -> list[str]:
    """Return the words in their long form, without those that say nothing (unless all do)."""
    found = [_LONG_FORMS.get(word, word) for word in spelled]
    telling = [word for word in found if word not in SILENT]
    return " ".join(telling or found).split()


class Spelling:
    """The words that names and places are made of."""

    def __init__(self, counted: Mapping[str, int]) -> None:
        self._counted = counted
        self._known = {*counted, *SILENT, *_LONG_FORMS}
        self._words = list(counted)
        self._having: dict[str, array[int]] = defaultdict(lambda: array("H"))
        for number, word in enumerate(self._words):
            for pair in _pairs(word):
                self._having[pair].append(number)

    def meant(self, typed: list[str]) -> list[list[str]]:
        """Return what somebody may have meant who typed these words, likeliest first."""
        options: list[list[list[str]]] = []
        place = 0
        while place < len(typed):
            two = "".join(typed[place : place + 2])
            is_pair = place + 1 < len(typed) and not self._known.issuperset(
                typed[place : place + 2]
            )
            if is_pair and (found := self._whole(two)):
                options.append([found])
                place += 2
            else:
                options.append(self._of_word(typed[place]))
                place += 1
        return _combined(options)

    def _whole(self, word: str) -> list[str]:
        """Return a known word, or the two known words that it is made of; else nothing."""
        if word in self._known:
            return [word]
        splits = [(word[:at], word[at:]) for at in range(1, len(word))]
        known = [one for one in splits if self._known.issuperset(one) and len(one[1]) > 1]
        known.sort(key=lambda one: -min(self._counted.get(part, 1) for part in one))
        return list(known[0]) if known else []

    def _of_word(self, word: str) -> list[list[str]]:
        if word in self._known or word.isdecimal():
            return [[word]]
        near = [[one] for one in self._near(word)]
        whole = self._whole(word)
        return [*near, *([whole] if whole else [])] or [[word]]

    def _near(self, word: str) -> list[str]:
        """Return the known words that are a letter or two away, nearest and commonest first."""
        if len(word) < _SHORTEST_CORRECTED:
            return []
        most = 1 + (len(word) >= _SHORTEST_TWICE_WRONG)
        shared: Counter[int] = Counter()
        for pair in _pairs(word):
            shared.update(self._having.get(pair, ()))
        tried = [self._words[number] for number, _ in shared.most_common(_TRIED)]
        scored = sorted(
            (distance(word, one), -self._counted[one], one)
            for one in tried
            if abs(len(one) - len(word)) <= most
        )
        best = scored[0][0] if scored else most + 1
        return [one for away, _, one in scored if away <= min(best, most)][:_MOST_MEANT]


def _pairs(word: str) -> set[str]:
    marked = f" {word} "
    return {marked[start : start + 2] for start in range(len(marked) - 1)}


def _combined(options: list[list[list[str]]]) -> list[list[str]]:
    """Return the combinations of what each word may mean, a handful at most."""
    found: list[list[str]] = [[]]
    for meanings in options:
        found = [[*before, *one] for one in meanings for before in found][: 2 * _MOST_MEANT]
    return found


def distance(one: str, other: str) -> int:
    """Return how many letters to add, drop, change or swap make one word the other."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != against))
            is_swap = row > 1 and column > 1 and letter == other[column - 2]
            if is_swap and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]
