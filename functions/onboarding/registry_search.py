"""Finds a school as people type it: by name, place, board, postcode or code, with typing errors.

Words that nobody knows are first read as the known words they may have been (`registry_spelling`).
Names and places are cut into pieces of three letters; a school scores by how much of what was
typed it has, where rare pieces weigh more than common ones (those of "basisschool" say little). So
a wrong letter, two words written as one, or words in another order cost a little, never
everything. What looks like a code is taken as one: a BRIN with or without its location code, a
postcode, the number of a board.
"""

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from onboarding.registry_index import Entry
from onboarding.registry_spelling import Spelling, folded_words, telling_words

_BRIN = re.compile(r"\b([0-9]{2}) ?([a-z]{2}) ?([0-9]{1,2})?\b")
_POSTCODE = re.compile(r"\b([1-9][0-9]{3}) ?([a-z]{2})?\b")
_BOARD_NUMBER = re.compile(r"\b[0-9]{5}\b")
_NOT_CODE = re.compile(r"[^0-9a-z]+")

_LEAST = 0.45
"""How much of what was typed a school must have to be shown at all."""
_CLOSE = 0.72
"""How much of the best score the others must have."""
_BOARD_WEIGHT = 0.9
"""A school that is found by its board's name stands below one that is called so itself."""
_SURPLUS_COST = 0.15
"""What it costs when the name says much more than was typed: the shorter name comes first."""
_WEIGHED = 60
"""How many of the best are compared word for word."""
_COMMON = 0.2
"""Pieces that so large a part of all schools has are passed over where rarer ones were typed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the best entries, best first, and how many there are in all."""

    entries: tuple[Entry, ...]
    total: int


class SchoolSearch:
    """An index of schools for many searches; making it takes a moment, searching hardly any."""

    def __init__(self, entries: Iterable[Entry], board_names: Mapping[str, str]) -> None:
        self._entries = sorted(
            (entry for entry in entries if entry.exists), key=lambda entry: (entry.name, entry.code)
        )
        self._of_board: dict[str, list[int]] = defaultdict(list)
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._schools = _Pieces()
        counted: Counter[str] = Counter()
        for number, entry in enumerate(self._entries):
            self._of_board[entry.board_number].append(number)
            self._by_code[entry.code[:4]].append(number)
            spelled = telling_words(folded_words(f"{entry.name} {entry.place}"))
            counted.update(spelled)
            self._schools.add(_pieces(spelled))
        self._board_numbers = [number for number in self._of_board if board_names.get(number)]
        self._boards = _Pieces()
        for board in self._board_numbers:
            spelled = telling_words(folded_words(board_names[board]))
            counted.update(spelled)
            self._boards.add(_pieces(spelled))
        self._spelling = Spelling(counted)

    def __len__(self) -> int:
        """Return how many schools can be found."""
        return len(self._entries)

    def find(self, query: str, *, most: int) -> Found:
        """Return the schools that fit what was typed."""
        typed = folded_words(query)
        asked = (
            [_pieces(telling_words(one)) for one in self._spelling.meant(typed)] if typed else []
        )
        scores = self._by_codes(query) or self._by_words(asked)
        if not scores:
            return Found((), 0)
        best = max(scores.values())
        near = [number for number, score in scores.items() if score >= best * _CLOSE]
        near.sort(key=lambda number: (-round(scores[number], 3), number))
        near[:_WEIGHED] = self._weighed(asked, near[:_WEIGHED])
        return Found(tuple(self._entries[number] for number in near[:most]), len(near))

    def _weighed(self, asked: list[set[str]], near: list[int]) -> list[int]:
        """Return the best schools by all that was typed, the common words and the marks too."""

        def score(number: int) -> float:
            entry = self._entries[number]
            own = telling_words(folded_words(f"{entry.name} {entry.place}"))
            has = _pieces(own)
            return max(self._schools.likeness(one, has) for one in asked)

        scored = [(-round(score(number), 3), number) for number in near]
        return [number for _, number in sorted(scored)]

    def _by_codes(self, query: str) -> dict[int, float]:
        """Return the schools of a code in the query; of several, those that fit all."""
        text = " ".join(_NOT_CODE.sub(" ", query.casefold()).split())
        found: list[set[int]] = []
        for digits, letters, location in _BRIN.findall(text):
            school = self._by_code.get((digits + letters).upper(), ())
            code = f"{digits}{letters}{location.zfill(2)}".upper() if location else ""
            exact = {number for number in school if self._entries[number].code == code}
            if school:
                found.append(exact or set(school))
        numbers = [one for one in _BOARD_NUMBER.findall(text) if one in self._of_board]
        found.extend(set(self._of_board[number]) for number in numbers)
        if not found:
            return self._by_postcode(text)
        return dict.fromkeys(set.intersection(*found), 1.0)

    def _by_postcode(self, text: str) -> dict[int, float]:
        asked = _POSTCODE.search(text)
        if asked is None:
            return {}
        wanted = f"{asked[1]}{(asked[2] or '').upper()}"
        return {
            number: 1.0
            for number, entry in enumerate(self._entries)
            if entry.postcode.replace(" ", "").startswith(wanted)
        }

    def _by_words(self, asked: list[set[str]]) -> dict[int, float]:
        best: dict[int, float] = {}
        for pieces in asked:
            for number, score in self._schools.scores(pieces).items():
                if score > best.get(number, _LEAST):
                    best[number] = score
            for place, score in self._boards.scores(pieces).items():
                own = score * _BOARD_WEIGHT
                for number in self._of_board[self._board_numbers[place]] if own > _LEAST else ():
                    best[number] = max(best.get(number, 0.0), own)
        return best


def _pieces(spelled: Iterable[str]) -> set[str]:
    """Return the pieces of three letters of some words, their beginnings and ends marked."""
    found: set[str] = set()
    for word in spelled:
        marked = f" {word} "
        found.update(marked[start : start + 3] for start in range(len(marked) - 2))
    return found


class _Pieces:
    """Which things have which pieces, and how much each piece says."""

    def __init__(self) -> None:
        self._having: dict[str, array[int]] = defaultdict(lambda: array("H"))
        self._sizes: list[int] = []

    def add(self, pieces: set[str]) -> None:
        """Take one more thing in; its number is how many there were."""
        number = len(self._sizes)
        self._sizes.append(len(pieces))
        for piece in pieces:
            self._having[piece].append(number)

    def scores(self, asked: set[str]) -> dict[int, float]:
        """Return, of what shares a piece, the part of the asked weight that it has (0 to 1)."""
        having = {piece: self._having[piece] for piece in asked if piece in self._having}
        lost = self._weight(()) * (len(asked) - len(having))
        common = _COMMON * len(self._sizes)
        rare = {piece: found for piece, found in having.items() if len(found) <= common}
        told = rare if any(rare.values()) else having
        total = lost + sum(self._weight(found) for found in told.values())
        got: dict[int, float] = {}
        shared: dict[int, int] = {}
        for found in told.values():
            weight = self._weight(found) / total
            for number in found:
                got[number] = got.get(number, 0.0) + weight
                shared[number] = shared.get(number, 0) + 1
        return {
            number: part - _SURPLUS_COST * (1 - shared[number] / self._sizes[number])
            for number, part in got.items()
            if part > _LEAST
        }

    def likeness(self, asked: set[str], has: set[str]) -> float:
        """Return how much of the asked weight something has, less what it has besides."""
        weights = {piece: self._weight(self._having.get(piece, ())) for piece in asked | has}
        shared = sum(weights[piece] for piece in asked & has)
        total = sum(weights[piece] for piece in asked) or 1.0
        besides = sum(weights[piece] for piece in has) or 1.0
        return shared / total - _SURPLUS_COST * (1 - shared / besides)

    def _weight(self, found: Sequence[int]) -> float:
        return math.log(1 + len(self._sizes) / (1 + len(found)))
