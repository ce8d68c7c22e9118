"""Reads a feed: a UWLR answer and an EDEXML file differ in their namespace and in nothing else.

Children are found by name, never by position, because real systems order them differently. What
rule 7 of the design forbids is counted and left behind here, before anything else sees it.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from roster_sync import banned
from roster_sync.causes import Cause, FeedRefused
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
_Sorted = tuple[dict[str, str], list[Element]]

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
        self._group_tags = {*self._kinds, self._prefix + "groepen"}
        self._group_tags.add(self._prefix + "samengestelde_groepen")
        self._unwanted_of_pupils = self._tagged(banned.OF_PUPILS)
        self._unwanted_of_staff = self._tagged(banned.OF_STAFF)
        self._unwanted_of_groups = self._tagged(banned.OF_GROUPS)
        self._dropped_kinds: list[str] = []
        self._warnings: Counter[str] = Counter()
        self._whole_letters = False

    def _tagged(self, names: Mapping[str, _Value]) -> dict[str, _Value]:
        return {self._prefix + name: value for name, value in names.items()}

    def feed(self, root: Element) -> Feed:
        parts: dict[str, Element] = {}
        for child in root:
            parts.setdefault(child.tag.removeprefix(self._prefix), child)
        staff = parts.get("leerkrachten")
        places = sum(1 for _ in self._each(parts.get("vestigingen"), "vestiging"))
        if places > 1:
            self._warnings["several_locations"] += places
        feed = Feed(
            school=self._school(parts.get("school")),
            groups=tuple(self._groups(parts.get("groepen"))),
            pupils=tuple(map(self._pupil, self._each(parts.get("leerlingen"), "leerling"))),
            staff=None if staff is None else self._all_staff(staff),
            dropped=dict(Counter(self._dropped_kinds)),
            warnings=dict(self._warnings),
        )
        if self._warnings["encoding"] >= _BROKEN_NAMES and not self._whole_letters:
            raise FeedRefused(Cause.LETTERS_BROKEN)
        return feed

    def _all_staff(self, parent: Element) -> tuple[Person, ...]:
        return tuple(map(self._staff, self._each(parent, "leerkracht")))

    def _sorted(self, element: Element, unwanted: Mapping[str, str]) -> _Sorted:
        """Return the first text of each child by name, and the children that hold groups.

        One pass: this is where the time of a large school goes. What is unwanted is only counted.
        """
        texts: dict[str, str] = {}
        groups: list[Element] = []
        prefix = self._prefix
        for child in element:
            tag = child.tag
            if tag in unwanted:
                text = child.text
                if (text and not text.isspace()) or len(child):
                    self._dropped_kinds.append(unwanted[tag])
            elif tag in self._group_tags:
                groups.append(child)
            else:
                text = child.text
                if text:
                    texts.setdefault(tag.removeprefix(prefix), text.strip())
        return texts, groups

    def _each(self, parent: Element | None, name: str) -> Iterator[Element]:
        return iter(()) if parent is None else parent.iterchildren(self._prefix + name)

    def _school(self, element: Element | None) -> School:
        if element is None:
            return School(None, None)
        texts, _ = self._sorted(element, {})
        brin = _BRIN.fullmatch(texts.get("brincode", "").upper())
        location = texts.get("dependancecode") or (brin and brin[2]) or "00"
        usable = brin is not None and _LOCATION.fullmatch(location)
        return School(
            school_year=texts.get("schooljaar") or None,
            brin6=brin[1] + location if brin and usable else None,
            made_at_epoch_s=epoch_s_of(texts.get("aanmaakdatum")),
        )

    def _groups(self, parent: Element | None) -> Iterator[Group]:
        for element in () if parent is None else parent:
            kind = self._kinds.get(element.tag)
            key = _key(element)
            if kind is None or key is None:
                continue
            texts, _ = self._sorted(element, self._unwanted_of_groups)
            name = self._words(texts.get("naam")) or key
            yield Group(kind, key, name, self._year_group(texts.get("jaargroep")))

    def _pupil(self, element: Element) -> Person:
        texts, groups = self._sorted(element, self._unwanted_of_pupils)
        year_group = texts.get("jaargroep")
        leaves_on = texts.get("uitstroomdatum")
        return Person(
            PersonKind.PUPIL,
            self._person_key(element),
            self._given_name(texts),
            self._words(texts.get("voorvoegsel")),
            self._words(texts.get("achternaam")),
            self._year_group(year_group),
            groups=self._memberships(groups),
            former=year_group == _LEFT_SCHOOL,
            leaves_on=self._date(leaves_on) if leaves_on else None,
            eck_id=self._eck_id(element),
        )

    def _staff(self, element: Element) -> Person:
        texts, groups = self._sorted(element, self._unwanted_of_staff)
        roles = {_text(role) for role in element.iter(self._prefix + "rol")}
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
            groups=self._memberships(groups),
            eck_id=self._eck_id(element),
        )

    def _memberships(self, holders: Sequence[Element]) -> tuple[GroupKey, ...]:
        """Return the groups in elements that are one themselves, or stand around several."""
        found: set[GroupKey] = set()
        for holder in holders:
            for member in (holder, *holder):
                kind = self._kinds.get(member.tag)
                key = None if kind is None else _key(member)
                if kind is not None and key is not None:
                    found.add((kind, key))
        return tuple(sorted(found)) if len(found) > 1 else tuple(found)

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
        self._dropped_kinds.append("eck_id")
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


def _key(element: Element) -> str | None:
    """Return the key of an element; outer spaces are not significant (EDEXML handbook, keys)."""
    key = (element.get("key") or "").strip()
    return key if 0 < len(key) <= _LONGEST_KEY else None
