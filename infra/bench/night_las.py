"""The administration systems of a simulated night: what each school's says, and what that means.

Every school has its seeded roster of two hundred people. In the night each of them changes with
one chance in a hundred; some schools' systems have a bad night of the kinds that the stand-in LAS
knows. Bad nights that are of the network itself are with the tests of the client.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.bench.memory_cloud import Cloud
from infra.local import rosters
from infra.local.rosters import PupilRow, Rows
from infra.local.stand_ins.las_fixtures import FAULTS, FIXTURES, refused
from roster_sync.causes import Cause
from roster_sync.records import Snapshot, StoredPerson

YEAR = "2026-2027"
PEOPLE = 200
_PUPILS_PER_GROUP = 22
_CHANGED = 0.01
_BRIN = re.compile(rb"<[^>]*brincode>(\w+)<")
_KEY = re.compile(rb"<[^>]*autorisatiesleutel>([^<]+)<")

BAD_NIGHTS: Mapping[str, Cause] = {
    "interne_fout": Cause.LAS_INTERNAL,
    "tijdelijk_niet_beschikbaar": Cause.LAS_UNAVAILABLE,
    "autorisatie_ongeldig": Cause.KEY_REFUSED,
    "fault_with_200": Cause.LAS_INTERNAL,
    "geengegevens": Cause.NO_DATA,
    "truncated": Cause.LAS_GARBLED,
    "html_200": Cause.LAS_WEB_PAGE,
    "html_503": Cause.LAS_UNAVAILABLE,
    "wrong_school": Cause.WRONG_SCHOOL,
    "previous_year": Cause.WRONG_YEAR,
    "empty": Cause.EMPTY,
    "no_groups": Cause.NO_GROUPS,
    "half": Cause.TOO_FEW_PEOPLE,
    "mojibake": Cause.LETTERS_BROKEN,
    "doctype": Cause.LAS_GARBLED,
    "old_version": Cause.LAS_OLD_VERSION,
}
"""What a system answers on a bad night, and the cause that the school must find."""


def brin6_of(number: int) -> str:
    """Return the location code of the school with a number."""
    letters = number // 100
    return f"{number % 100:02d}{chr(65 + letters // 26 % 26)}{chr(65 + letters % 26)}00"


def key_of(brin6: str) -> str:
    """Return the authorisation key of a school."""
    return f"sleutel-{brin6}"


@dataclass(slots=True)
class Systems:
    """All systems: `bad` names the bad nights by school; by day all is well and as it was."""

    cloud: Cloud
    bad: Mapping[str, str] = field(default_factory=dict)
    is_night: bool = False
    wait_count: int = 0

    def post(self, _door: Any, body: bytes, _headers: Any, **_: Any) -> tuple[int, bytes]:
        """Answer in the place of the network."""
        with self.cloud.away():
            self.wait_count += self.is_night
            return self._answer(body)

    def _answer(self, body: bytes) -> tuple[int, bytes]:
        brin, key = _BRIN.search(body), _KEY.search(body)
        brin6 = f"{brin[1].decode()}00" if brin else ""
        if key is None or key[1].decode() != key_of(brin6):
            answer = refused(FAULTS["autorisatie_ongeldig"])
            return answer.status, answer.body
        name = self.bad.get(brin6) if self.is_night else None
        if name in FAULTS:
            answer = refused(FAULTS[name])
        else:
            rows = tonight(brin6) if self.is_night else yesterday(brin6)
            answer = FIXTURES[name or "normal"](rows)
        return answer.status, answer.body


def yesterday(brin6: str) -> Rows:
    """Return a school's roster of the night before."""
    rows = rosters.of_school(brin6, YEAR, pupils_per_group=_PUPILS_PER_GROUP)
    lacking = PEOPLE - len(rows.pupils) - len(rows.staff)
    more = tuple(_newcomer(rows.pupils[number], f"a{number}") for number in range(lacking))
    return replace(rows, pupils=(*rows.pupils, *more))


def tonight(brin6: str) -> Rows:
    """Return a school's roster of the night: who changes is renamed, moved, new or gone."""
    rows, chance = yesterday(brin6), random.Random(f"{brin6} tonight")
    pupils: list[PupilRow] = []
    for number, one in enumerate(rows.pupils):
        if chance.random() >= _CHANGED:
            pupils.append(one)
            continue
        match number % 4:
            case 0:
                pupils.append(replace(one, surname=f"{one.surname}-Bos"))
            case 1:
                pupils.append(replace(one, group_key=rows.groups[number % 8].key))
            case 2:
                pupils += [one, _newcomer(one, f"n{number}")]
            case _:
                continue
    staff = tuple(
        replace(one, surname=f"{one.surname}-Bos") if chance.random() < _CHANGED else one
        for one in rows.staff
    )
    return replace(rows, pupils=tuple(pupils), staff=staff)


def _newcomer(beside: PupilRow, key: str) -> PupilRow:
    return replace(beside, key=key, given_name="Jip", eck_id=f"{beside.eck_id}{key}")


def said(rows: Rows) -> list[Any]:
    """Return in plain values who is where by a system: what `stored` has to be equal to."""
    groups = [
        ("composed" if row.kind.startswith("samen") else "base", row.key, row.name)
        for row in rows.groups
    ]
    pupils = [
        (
            *("pupil", one.key, one.given_name, one.prefix, one.surname),
            one.year_group,
            *sorted((one.group_key, *one.composed_keys)),
        )
        for one in rows.pupils
    ]
    staff = [
        (
            *("staff", one.key, one.given_name, one.prefix, one.surname),
            one.address,
            *sorted(one.roles),
            *sorted(one.group_keys),
        )
        for one in rows.staff
    ]
    return [sorted(groups), sorted(pupils), sorted(staff, key=repr)]


def stored(people: Snapshot) -> list[Any]:
    """Return the same of what a school has in its table."""
    groups = {one.group_id: one for one in people.active_groups()}

    def row(one: StoredPerson) -> tuple[Any, ...]:
        name = (one.kind.value, one.key, one.given_name, one.prefix, one.surname)
        keys = sorted(groups[ref.group_id].key for ref in one.groups)
        if one.kind == "pupil":
            return (*name, one.year_group, *keys)
        return (*name, one.address, *sorted(one.roles), *keys)

    here = [row(one) for one in people.people.values() if one.active]
    return [
        sorted((one.kind.value, one.key, one.name) for one in groups.values()),
        sorted(one for one in here if one[0] == "pupil"),
        sorted((one for one in here if one[0] == "staff"), key=repr),
    ]
