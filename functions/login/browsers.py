"""What a browser calls itself, in two words that a person recognises in a list of own sessions.

Nothing is decided on it: a browser says what it likes.
"""

import re

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("CrOS", "Chromebook"),
    ("Android", "Android"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

_OLDEST = (
    (re.compile(r"(?:iPhone|CPU) OS (\d{1,5})_(\d{1,5})?"), (15, 4)),
    (re.compile(r"Firefox/(\d{1,5})(?:\.(\d{1,5}))?"), (115, 0)),
    (re.compile(r"Chrome/(\d{1,5})(?:\.(\d{1,5}))?"), (109, 0)),
    (re.compile(r"Version/(\d{1,5})(?:\.(\d{1,5}))?.* Safari/"), (15, 4)),
)
"""The oldest versions in which our pages work: 'strict-dynamic' of the content policy is the last
to come, in Safari 15.4; of the others the oldest that still gets repairs or runs on Windows 7."""


def name_of(user_agent: str) -> str:
    """Return "Firefox, Windows" for a User-Agent header, as far as it is known; else ""."""
    found = (_first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS))
    return ", ".join(part for part in found if part)


def _first(user_agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in user_agent), "")


def is_too_old(user_agent: str) -> bool:
    """Say whether a browser lacks what our pages need; one that we do not know may be new."""
    if "MSIE " in user_agent or "Trident/" in user_agent:
        return True
    # All browsers of an iPhone or iPad are Safari of its system underneath.
    for pattern, least in _OLDEST:
        found = pattern.search(user_agent)
        if found:
            version = (int(found[1]), int(found[2] or 0))
            return version < least
    return False
