"""A whole country of invented schools: 6,107 locations in the layout and the habits of DUO."""

import functools
import random

from infra.local import duo

_KINDS = (
    "Openbare Basisschool",
    "OBS",
    "Basisschool",
    "Christelijke Basisschool",
    "CBS",
    "Kindcentrum",
    "Rooms Katholieke Basisschool",
    "Jenaplanschool",
    "Montessorischool",
    "Daltonschool",
    "",
)
_ARTICLES = ("De", "De", "’t", "Het", "")
_FIRST = (
    "Regen", "Zonne", "Vlinder", "Water", "Wind", "Ster", "Berg", "Bos", "Haven", "Molen", "Kompas",
    "Toren", "Vuur", "Spring", "Linde", "Kastanje", "Wilgen", "Duin", "Heide", "Polder", "Schelp",
    "Meer", "Zand", "Klaver", "Appel", "Beuken", "Esch", "Horizon", "Hoek", "Wissel", "Wereld",
)  # fmt: skip
_LAST = (
    "boog", "bloem", "steen", "wijzer", "hof", "burcht", "sprong", "plein", "boom", "veld", "kring",
    "gaarde", "weide", "brug", "poort", "stroom", "haven", "toren", "nest", "tuin", "vaart", "rand",
    "kamp", "akker", "horst", "krans", "lier", "schans", "wiek", "beek", "bron", "duin", "kade",
)  # fmt: skip
_MIDDLE = ("", "", "er", "elaar", "ling", "sterren", "vogel", "kinder", "klok", "ridder", "rozen")
_SAINTS = (
    "St. Jozefschool",
    "Sint Martinus",
    "St Jan Baptist",
    "Sint Willibrordus",
    "Prinses Beatrix",
)
_TOWNS = ("Wilgen", "Esch", "Vlieger", "Zonne", "Wâlter", "Hoog", "Nieuw", "Rijs", "Oude", "Grave")
_ENDS = ("dam", "veen", "dorp", "stêd", "burg", "wijk", "broek", "drecht", "hoven", "land", "meer")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNT = 6107
_MOVED = 40


@functools.cache
def many_locations(seed: int = 2026, board: str = "") -> bytes:
    """Return the list as the old site gives it; `board` is that of the first forty instead."""
    chance = random.Random(seed)
    places = [f"{one}{two}".upper() for one in _TOWNS for two in _ENDS]
    schools = []
    for number in range(COUNT):
        brin = f"{number // 676:02d}{_LETTERS[number // 26 % 26]}{_LETTERS[number % 26]}"
        own_board = f"{10_000 + chance.randrange(750)}"
        name, place = _name(chance), chance.choice(places)
        is_moved = board and number < _MOVED
        schools.append(duo.School(f"{brin}00", name, place, board if is_moved else own_board))
    return duo.locations_csv(tuple(schools))


def _name(chance: random.Random) -> str:
    if chance.random() < 1 / 20:
        return chance.choice(_SAINTS)
    words = (
        chance.choice(_KINDS),
        chance.choice(_ARTICLES),
        chance.choice(_FIRST) + chance.choice(_MIDDLE) + chance.choice(_LAST),
    )
    return " ".join(word for word in words if word)
