"""A list of keys that turned out to be wrong: read, looked up, and taken away from their schools.

A line names a school by its BRIN and location, and may name the last four characters of the key:
then a key that was replaced since is left alone.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from roster_sync import key_notices, link_store
from roster_sync.link_store import LinkChanged
from roster_sync.links import Link
from schoolpoort import registry

MOST_LINES = 200
"""How many schools one form takes: each is looked up and told while the page is waited for."""

_LINE = re.compile(r"([0-9]{2}[A-Za-z]{2})([0-9]{2})?(?:[\s;,]+(\S{1,4}))?")

Found = Literal["will_go", "gone", "unreadable", "unknown_school", "no_key", "other_key"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was typed, what it is about, and what happens to it."""

    typed: str
    brin6: str = ""
    last_four: str | None = None
    school_id: str = ""
    school_name: str = ""
    found: Found = "unreadable"


def read_lines(typed: str) -> list[Line]:
    """Return a line for each school of a list, each school once."""
    lines: dict[tuple[str, str | None], Line] = {}
    for text in filter(None, map(str.strip, typed.splitlines())):
        match = _LINE.fullmatch(text)
        if match is None:
            lines.setdefault((text, None), Line(text))
            continue
        brin6 = match[1].upper() + (match[2] or "00")
        lines.setdefault((brin6, match[3]), Line(text, brin6, match[3]))
    return list(lines.values())


def look_up(line: Line) -> Line:
    """Return a line with what would happen to its school's key; nothing is written."""
    return _looked_up(line)[0]


def withdraw(line: Line, now_epoch_s: int) -> Line:
    """Take a school's keys away and tell its coordinators; a key that changed is left alone."""
    looked, link = _looked_up(line)
    if link is None or looked.found != "will_go":
        return looked
    # The mail is asked for first: a crash between the two is mended by sending the list again.
    about = str(link.checked_at_epoch_s)
    key_notices.tell(looked.school_id, "key_withdrawn", link.supplier, about=about)
    try:
        link_store.change_link(looked.school_id, link, link.withdrawn(now_epoch_s))
    except LinkChanged:
        return replace(looked, found="other_key")
    return replace(looked, found="gone")


def _looked_up(line: Line) -> tuple[Line, Link | None]:
    if not line.brin6:
        return line, None
    school = registry.location(line.brin6)
    if school is None:
        return replace(line, found="unknown_school"), None
    named = replace(line, school_id=school.school_id, school_name=school.name)
    link = link_store.link(school.school_id)
    if link is None or link.key is None:
        return replace(named, found="no_key"), link
    if line.last_four not in {None, link.key.last_four}:
        return replace(named, found="other_key"), link
    return replace(named, found="will_go"), link
