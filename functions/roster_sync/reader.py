"""Reads a feed: a UWLR answer and an EDEXML file differ in their namespace and in nothing else.

Children are found by name, never by position, because real systems order them differently. What
rule 7 of the design forbids is counted and left behind here, before anything else sees it.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from roster_sync import banned
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed, Group, GroupKey, GroupKind, Person, PersonKind, School
from roster_sync.school_year import AMSTERDAM
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

_GROUP_KINDS = {"groep": GroupKind.BASE, "samengestelde_groep": GroupKind.COMPOSED}

_Children = Mapping[str, Element]


def read(root: Element, namespace: str) -> Feed:
    """Read a feed from its root element (`EDEX`, or `leerlinggegevens` of an answer).

    Raises FeedRefused when its letters are broken throughout.
    """
    return _Reader(namespace).feed(root)


class _Reader:
    """One pass over one feed; keeps the counts of what was dropped and what was odd."""

    def __init__(self, namespace: str) -> None:
        self._prefix = f"{{{namespace}}}" if namespace else ""
        self._dropped: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._whole_letters = False
        self._names: dict[str, str] = {}

    def feed(self, root: Element) -> Feed:
        parts = self._children(root)
        staff = parts.get("leerkrachten")
        places = sum(1 for _ in self._each(parts.get("vestigingen"), "vestiging"))
        if places > 1:
            self._warnings["several_locations"] += places
        feed = Feed(
            school=self._school(parts.get("school")),
            groups=tuple(self._groups(parts.get("groepen"))),
            pupils=tuple(map(self._pupil, self._each(parts.get("leerlingen"), "leerling"))),
            staff=None if staff is None else self._all_staff(staff),
            dropped=dict(self._dropped),
            warnings=dict(self._warnings),
        )
        if self._warnings["encoding"] >= _BROKEN_NAMES and not self._whole_letters:
            raise FeedRefused(Cause.LETTERS_BROKEN)
        return feed

    def _all_staff(self, parent: Element) -> tuple[Person, ...]:
        return tuple(map(self._staff, self._each(parent, "leerkracht")))

    def _name(self, tag: str) -> str:
        """Return the name of an element of ours, or nothing for a stranger's."""
        name = self._names.get(tag)
        if name is None:
            bare = tag.removeprefix(self._prefix)
            is_ours = tag.startswith(self._prefix) and not bare.startswith("{")
            name = self._names[tag] = bare if is_ours else ""
        return name

    def _children(self, element: Element) -> dict[str, Element]:
        """Return the first child of each name."""
        found: dict[str, Element] = {}
        for child in element:
            found.setdefault(self._name(child.tag), child)
        return found

    def _each(self, parent: Element | None, name: str) -> Iterator[Element]:
        return iter(()) if parent is None else parent.iterchildren(self._prefix + name)

    def _school(self, element: Element | None) -> School:
        if element is None:
            return School(None, None)
        children = self._children(element)
        brin = _BRIN.fullmatch((_text(children.get("brincode")) or "").upper())
        location = _text(children.get("dependancecode")) or (brin and brin[2]) or "00"
        usable = brin is not None and _LOCATION.fullmatch(location)
        return School(
            school_year=_text(children.get("schooljaar")),
            brin6=brin[1] + location if brin and usable else None,
            made_at_epoch_s=_moment(_text(children.get("aanmaakdatum"))),
        )

    def _groups(self, parent: Element | None) -> Iterator[Group]:
        for element in () if parent is None else parent:
            kind = _GROUP_KINDS.get(self._name(element.tag))
            key = _key(element)
            if kind is None or key is None:
                continue
            children = self._children(element)
            if _is_filled(children.get("toevoegingen")):
                self._dropped["extension"] += 1
            name = self._words(children.get("naam")) or key
            yield Group(kind, key, name, self._year_group(children.get("jaargroep")))

    def _pupil(self, element: Element) -> Person:
        children = self._children(element)
        self._drop(children, banned.OF_PUPILS)
        key = self._person_key(element)
        return Person(
            kind=PersonKind.PUPIL,
            key=key,
            given_name=self._given_name(children),
            prefix=self._words(children.get("voorvoegsel")),
            surname=self._words(children.get("achternaam")),
            year_group=self._year_group(children.get("jaargroep")),
            groups=self._memberships(element, children.get("samengestelde_groepen")),
            former=_text(children.get("jaargroep")) == _LEFT_SCHOOL,
            leaves_on=self._date(children.get("uitstroomdatum")),
            eck_id=self._eck_id(element),
        )

    def _staff(self, element: Element) -> Person:
        children = self._children(element)
        self._drop(children, banned.OF_STAFF)
        roles = {_text(role) for role in element.iter(self._prefix + "rol")}
        address = _text(children.get("emailadres"))
        if address is not None and len(address) > _LONGEST_TEXT:
            self._warnings["text_cut"] += 1
            address = None
        return Person(
            kind=PersonKind.STAFF,
            key=self._person_key(element),
            given_name=self._given_name(children),
            prefix=self._words(children.get("voorvoegsel")),
            surname=self._words(children.get("achternaam")),
            address=address,
            roles=tuple(sorted(role for role in roles if role and len(role) <= _LONGEST_TEXT)),
            groups=self._memberships(children.get("groepen")),
            eck_id=self._eck_id(element),
        )

    def _memberships(self, *parents: Element | None) -> tuple[GroupKey, ...]:
        found: set[GroupKey] = set()
        for parent in parents:
            for element in () if parent is None else parent:
                kind = _GROUP_KINDS.get(self._name(element.tag))
                key = None if kind is None else _key(element)
                if kind is not None and key is not None:
                    found.add((kind, key))
        return tuple(sorted(found)) if len(found) > 1 else tuple(found)

    def _drop(self, children: _Children, names: Mapping[str, str]) -> None:
        for name in names.keys() & children.keys():
            if _is_filled(children[name]):
                self._dropped[names[name]] += 1

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
        self._dropped["eck_id"] += 1
        if len(found) > _LONGEST_KEY or _STEM_PSEUDONYM in found:
            self._warnings["eck_id_unusable"] += 1
            return None
        return found

    def _given_name(self, children: _Children) -> str:
        for name in ("roepnaam", "voornamen", "voorletters-1"):
            words = self._words(children.get(name))
            if words:
                return words
        return ""

    def _words(self, element: Element | None) -> str:
        """Return a name in one Unicode form, with single spaces; empty when there is none."""
        text = _text(element)
        if text is None:
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

    def _year_group(self, element: Element | None) -> str | None:
        code = _text(element)
        if code in _YEAR_GROUPS:
            return code
        if code is not None and code not in _WITHOUT_YEAR:
            self._warnings["year_group_unknown"] += 1
        return None

    def _date(self, element: Element | None) -> dt.date | None:
        text = _text(element)
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            self._warnings["date_unreadable"] += 1
            return None


def _moment(text: str | None) -> int | None:
    """Return when a feed says it was made; one without a zone is in Dutch time."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
        return int((moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)).timestamp())
    except ValueError:
        return None


def _text(element: Element | None) -> str | None:
    """Return the text of an element; None when it is absent or holds only white space."""
    if element is None or element.text is None:
        return None
    return element.text.strip() or None


def _is_filled(element: Element | None) -> bool:
    return element is not None and (len(element) > 0 or _text(element) is not None)


def _key(element: Element) -> str | None:
    """Return the key of an element; outer spaces are not significant (EDEXML handbook, keys)."""
    key = (element.get("key") or "").strip()
    return key if 0 < len(key) <= _LONGEST_KEY else None
