"""How alike two names or two domains are, as an attacker and an honest typist make them."""

import difflib
from collections.abc import Iterable
from urllib.parse import urlsplit

from onboarding.registry_spelling import distance, folded_words, telling_words

_SHORTEST_STEM = 6
_SHORTEST_PART = 3
_FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.nl", "outlook.com", "outlook.nl",
        "live.nl", "live.com", "icloud.com", "me.com", "yahoo.com", "ziggo.nl", "kpnmail.nl",
        "kpnplanet.nl", "planet.nl", "home.nl", "xs4all.nl", "hetnet.nl", "proton.me", "gmx.com",
        "protonmail.com", "upcmail.nl", "casema.nl", "chello.nl", "telfort.nl", "solcon.nl",
    }
)  # fmt: skip
_SAME_TO_THE_EYE = (("0", "o"), ("1", "l"), ("3", "e"), ("5", "s"), ("rn", "m"), ("vv", "w"))


def names(one: str, other: str) -> float:
    """Return how alike two names are (0 to 1); DUO's own abbreviations count as whole words."""
    first, second = (telling_words(folded_words(text)) for text in (one, other))
    if not first or not second:
        return 0.0
    left = list(second)
    matched = 0
    for word in first:
        found = next((each for each in left if _same_word(word, each)), None)
        if found is not None:
            left.remove(found)
            matched += 1
    by_words = 2 * matched / (len(first) + len(second))
    by_letters = difflib.SequenceMatcher(None, "".join(first), "".join(second)).ratio()
    return max(by_words, by_letters)


def _same_word(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _SHORTEST_PART and longer.startswith(shorter):
        return True
    return shorter == longer or (len(shorter) >= _SHORTEST_STEM and distance(one, other) == 1)


def host_of(place: str) -> str:
    """Return the domain that an address or a website stands at: its last two labels."""
    text = place.strip().casefold()
    if "@" in text:
        host = text.rpartition("@")[2]
    else:
        try:
            host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        except ValueError:
            host = ""
    return ".".join(host.strip(".").split(".")[-2:]) if "." in host else ""


def hosts_of(places: Iterable[str | None]) -> frozenset[str]:
    """Return the domains of websites and addresses, without those that everybody may have."""
    found = {host_of(place) for place in places if place}
    return frozenset(found - _FREE_MAIL - {""})


def is_free_mail(host: str) -> bool:
    """Say whether anybody may have an address at a domain."""
    return host in _FREE_MAIL


def mimicked(host: str, known: Iterable[str]) -> str | None:
    """Return the known domain that another one looks like without being it, or None."""
    for one in known:
        if one != host and _looks_like(host, one):
            return one
    return None


def _looks_like(host: str, known: str) -> bool:
    stem, _, end = host.rpartition(".")
    known_stem, _, known_end = known.rpartition(".")
    if host.startswith("xn--"):
        return end == known_end
    if end != known_end or min(len(stem), len(known_stem)) < _SHORTEST_STEM:
        return _to_the_eye(stem) == _to_the_eye(known_stem) and stem != known_stem
    bare, known_bare = stem.replace("-", ""), known_stem.replace("-", "")
    is_near = distance(bare, known_bare) <= 1 + (len(known_bare) > 2 * _SHORTEST_STEM)
    return is_near or _to_the_eye(bare) == _to_the_eye(known_bare)


def _to_the_eye(stem: str) -> str:
    for drawn, read in _SAME_TO_THE_EYE:
        stem = stem.replace(drawn, read)
    return stem
