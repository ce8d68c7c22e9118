"""Finds in the XML of a feed what we read of it, and counts what we do not.

Most elements of a large feed are not for us. The parser passes over them in C; Python sees only
what is asked for, which is what makes five thousand pupils cheap.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from roster_sync.xml_input import Element

_SEVERAL = frozenset({"groep", "samengestelde_groep", "rol"})


@dataclass(slots=True)
class Record:
    """One person or group of a feed: first texts by name, and what it may have several of."""

    element: Element
    texts: dict[str, str]
    several: list[tuple[str, Element]]


def filled(parent: Element | None, prefix: str, unwanted: Mapping[str, str]) -> Counter[str]:
    """Count the elements that hold something which we do not keep; nothing of it is read."""
    found = Counter[str]()
    if parent is None:
        return found
    kinds = {prefix + name: kind for name, kind in unwanted.items()}
    by_tag = Counter(
        one.tag
        for one in parent.iter(*kinds)
        if ((text := one.text) and not text.isspace()) or len(one)
    )
    for tag, count in by_tag.items():
        found[kinds[tag]] += count
    # What a supplier added may have names that mean something else elsewhere.
    etree.strip_elements(parent, prefix + "toevoegingen", with_tail=False)
    return found


def each(
    parent: Element | None, prefix: str, records: tuple[str, ...], wanted: tuple[str, ...]
) -> Iterator[Record]:
    """Return each record under a parent, with what is wanted of it.

    One pass over the whole parent, in which the parser finds what is wanted and Python sees
    nothing else: this is where the time of a large school goes.
    """
    if parent is None:
        return
    names = {prefix + name: name for name in (*records, *wanted)}
    record: Record | None = None
    for element in parent.iter(*names):
        name = names[element.tag]
        if name in records and element.getparent() is parent:
            if record is not None:
                yield record
            record = Record(element, {}, [])
        elif record is None:
            continue
        elif name in _SEVERAL:
            record.several.append((name, element))
        elif (text := element.text) and name not in record.texts:
            record.texts[name] = text.strip()
    if record is not None:
        yield record
