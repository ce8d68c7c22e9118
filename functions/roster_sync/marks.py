"""Marks of ECK iDs: what people are recognised by, without opening an ECK iD.

A mark is a keyed hash, so that it says nothing to who has the table alone. It is over the
lower-cased ECK iD, because systems differ in capitals and the real ones have none.
"""

import hashlib
import hmac
import operator
from dataclasses import fields, replace

from roster_sync.model import Person, Roster

_FIELDS = tuple(field.name for field in fields(Person))
_ECK_ID, _ECK_MARK = _FIELDS.index("eck_id"), _FIELDS.index("eck_mark")
_values = operator.attrgetter(*_FIELDS)

KEY_BYTES = 32
_MARK_BYTES = 16
"""128 bits: two of a few thousand people in one school never share one."""


def mark(key: bytes, eck_id: str) -> str:
    """Return the mark of an ECK iD as 32 hexadecimal digits."""
    return hmac.digest(key, eck_id.lower().encode(), hashlib.sha256)[:_MARK_BYTES].hex()


def marked(roster: Roster, key: bytes) -> Roster:
    """Return a roster that holds marks where it held ECK iDs."""
    return replace(roster, people=tuple(_marked(person, key) for person in roster.people))


def _marked(person: Person, key: bytes) -> Person:
    if person.eck_id is None:
        return person
    # What `replace` does, without its looking up of every field for each of five thousand people.
    values = list(_values(person))
    values[_ECK_ID] = None
    values[_ECK_MARK] = mark(key, person.eck_id)
    return Person(*values)
