"""Reads a feed: a UWLR answer and an EDEXML file differ in their namespace and in nothing else.

Children are found by name, never by position, because real systems order them differently. What
rule 7 of the design forbids is counted and left behind here, before anything else sees it.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from roster_sync import banned, feed_xml
from roster_sync.causes import Cause, FeedRefused
from roster_sync.feed_xml import Record
from roster_sync.model import Feed, Group, GroupKey, GroupKind, Person, PersonKind, School
from roster_sync.school_year import epoch_s_of
from roster_sync.xml_input import Element

EDEXML = ""
UWLR_2 = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"

_LONGEST_KEY = 256
_LONGEST_TEXT = 256
_LEFT_SCHOOL = "H"
_YEAR_GROUPS = frozenset({"B", "D", *map(str, range(9)), *map(str, range(11, 17)), "S", "V"})
_WITHOUT_YEAR = frozenset({"C", "N", "H"})
_BRIN = re.compile(r"([0-9]{2}[A-Z]{2})([0-9]{2})?")
_LOCATION = re.compile(r"[0-9]{2}")
# What a LAS makes an ECK iD of; it must never travel itself.
_STEM_PSEUDONYM = "/sppilot/"
# UTF-8 read as Latin-1 or as Windows-1252 ("Ã«"), and Windows-1252 read as Latin-1 (control signs).
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf]|[ÂÃÄÅ][€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[\u0080-\u009f]"
)

# When no accented letter of a whole feed is right, its encoding is wrong, not what people typed.
_BROKEN_NAMES = 3

_Value = TypeVar("_Value")

# What is looked at of each; all else is passed over without being looked at.
_NAMES = ("roepnaam", "voornamen", "voorletters-1", "voorvoegsel", "achternaam")
_MEMBERSHIPS = ("groep", "samengestelde_groep")
_OF_PUPILS = (*_NAMES, "jaargroep", "uitstroomdatum", *_MEMBERSHIPS)
_OF_STAFF = (*_NAMES, "emailadres", "rol", *_MEMBERSHIPS)
_OF_GROUPS = ("naam", "jaargroep")
_OF_SCHOOLS = ("schooljaar", "brincode", "dependancecode", "aanmaakdatum")

_UNWANTED = {
    "groepen": banned.OF_GROUPS,
    "leerlingen": banned.OF_PUPILS,
    "leerkrachten": banned.OF_STAFF,
}
_GROUP_KINDS = {"groep": GroupKind.BASE, "samengestelde_groep": GroupKind.COMPOSED}


def read(root: Element, namespace: str) -> Feed:
    """Read a feed from its root element (`EDEX`, or `leerlinggegevens` of an answer).

    Raises FeedRefused when its letters are broken throughout.
    """
    return _Reader(namespace).feed(root)


class _Reader:
    """One pass over one feed; keeps the counts of what was dropped and what was odd."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}" if namespace else ""
        self._kinds = self._tagged(_GROUP_KINDS)
        self._warnings: Counter[str] = Counter()
        self._whole_letters = False

    def _tagged(self, names: Mapping[str, _Value]) -> dict[str, _Value]:
        return {self._prefix + name: value for name, value in names.items()}

    def feed(self, root: Element) -> Feed:
        parts: dict[str, Element] = {}
        for child in root:
            parts.setdefault(child.tag.removeprefix(self._prefix), child)
        staff = parts.get("leerkrachten")
        places = sum(1 for _ in self._each(parts.get("vestigingen"), ("vestiging",)))
        if places > 1:
            self._warnings["several_locations"] += places
        dropped = Counter[str]()
        for part, unwanted in _UNWANTED.items():
            dropped += feed_xml.filled(parts.get(part), self._prefix, unwanted)
        feed = Feed(
            school=self._school(parts.get("school")),
            groups=tuple(self._groups(parts.get("groepen"))),
            pupils=self._people(self._pupil, parts.get("leerlingen"), "leerling", _OF_PUPILS),
            staff=None
            if staff is None
            else self._people(self._staff, staff, "leerkracht", _OF_STAFF),
            dropped=dict(dropped),
            warnings=dict(self._warnings),
        )
        if self._warnings["encoding"] >= _BROKEN_NAMES and not self._whole_letters:
            raise FeedRefused(Cause.LETTERS_BROKEN)
        return feed

    def _people(
        self,
        read_one: Callable[[Record], Person],
        parent: Element | None,
        name: str,
        wanted: tuple[str, ...],
    ) -> tuple[Person, ...]:
        return tuple(map(read_one, self._each(parent, (name,), wanted)))

    def _each(
        self, parent: Element | None, names: tuple[str, ...], wanted: tuple[str, ...] = ()
    ) -> Iterator[Record]:
        return feed_xml.each(parent, self._prefix, names, wanted)

    def _school(self, element: Element | None) -> School:
        if element is None:
            return School(None, None)
        found = {name: _text(element.find(self._prefix + name)) for name in _OF_SCHOOLS}
        texts = {name: text for name, text in found.items() if text}
        brin = _BRIN.fullmatch(texts.get("brincode", "").upper())
        location = texts.get("dependancecode") or (brin and brin[2]) or "00"
        usable = brin is not None and _LOCATION.fullmatch(location)
        return School(
            school_year=texts.get("schooljaar") or None,
            brin6=brin[1] + location if brin and usable else None,
            made_at_epoch_s=epoch_s_of(texts.get("aanmaakdatum")),
        )

    def _groups(self, parent: Element | None) -> Iterator[Group]:
        for record in self._each(parent, tuple(_GROUP_KINDS), _OF_GROUPS):
            key = _key(record.element)
            if key is None:
                continue
            texts = record.texts
            kind = self._kinds[record.element.tag]
            name = self._words(texts.get("naam")) or key
            yield Group(kind, key, name, self._year_group(texts.get("jaargroep")))

    def _pupil(self, record: Record) -> Person:
        element, texts = record.element, record.texts
        year_group = texts.get("jaargroep")
        leaves_on = texts.get("uitstroomdatum")
        return Person(
            PersonKind.PUPIL,
            self._person_key(element),
            self._given_name(texts),
            self._words(texts.get("voorvoegsel")),
            self._words(texts.get("achternaam")),
            self._year_group(year_group),
            groups=_memberships(record.several),
            former=year_group == _LEFT_SCHOOL,
            leaves_on=self._date(leaves_on) if leaves_on else None,
            eck_id=self._eck_id(element),
        )

    def _staff(self, record: Record) -> Person:
        element, texts = record.element, record.texts
        roles = {_text(one) for name, one in record.several if name == "rol"}
        address = texts.get("emailadres") or None
        if address is not None and len(address) > _LONGEST_TEXT:
            self._warnings["text_cut"] += 1
            address = None
        return Person(
            kind=PersonKind.STAFF,
            key=self._person_key(element),
            given_name=self._given_name(texts),
            prefix=self._words(texts.get("voorvoegsel")),
            surname=self._words(texts.get("achternaam")),
            address=address,
            roles=tuple(sorted(role for role in roles if role and len(role) <= _LONGEST_TEXT)),
            groups=_memberships(record.several),
            eck_id=self._eck_id(element),
        )

    def _person_key(self, element: Element) -> str | None:
        key = _key(element)
        # "#" marks a key that the sender does not keep (EDEXML handbook, keys).
        if key is None or key.startswith("#"):
            return None
        return key

    def _eck_id(self, element: Element) -> str | None:
        found = (element.get("eckid") or "").strip() or None
        if found is None:
            return None
        if len(found) > _LONGEST_KEY or _STEM_PSEUDONYM in found:
            self._warnings["eck_id_unusable"] += 1
            return None
        return found

    def _given_name(self, texts: Mapping[str, str]) -> str:
        for name in ("roepnaam", "voornamen", "voorletters-1"):
            words = self._words(texts.get(name))
            if words:
                return words
        return ""

    def _words(self, text: str | None) -> str:
        """Return a name in one Unicode form, with single spaces; empty when there is none."""
        if not text:
            return ""
        if text.isascii() and text.isalpha() and len(text) <= _LONGEST_TEXT:
            return text
        if not text.isascii():
            if _MOJIBAKE.search(text):
                self._warnings["encoding"] += 1
            else:
                self._whole_letters = True
            text = unicodedata.normalize("NFC", text)
        words = " ".join(text.split())
        if len(words) > _LONGEST_TEXT:
            self._warnings["text_cut"] += 1
        return words[:_LONGEST_TEXT]

    def _year_group(self, code: str | None) -> str | None:
        if code in _YEAR_GROUPS:
            return code
        if code and code not in _WITHOUT_YEAR:
            self._warnings["year_group_unknown"] += 1
        return None

    def _date(self, text: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            self._warnings["date_unreadable"] += 1
            return None


def _text(element: Element | None) -> str | None:
    """Return the text of an element; None when it is absent or holds only white space."""
    if element is None or element.text is None:
        return None
    return element.text.strip() or None


def _memberships(several: Iterable[tuple[str, Element]]) -> tuple[GroupKey, ...]:
    found = {
        (_GROUP_KINDS[name], key)
        for name, one in several
        if name in _GROUP_KINDS and (key := _key(one)) is not None
    }
    return tuple(sorted(found)) if len(found) > 1 else tuple(found)


def _key(element: Element) -> str | None:
    """Return the key of an element; outer spaces are not significant (EDEXML handbook, keys)."""
    key = (element.get("key") or "").strip()
    return key if 0 < len(key) <= _LONGEST_KEY else None
