"""Invented rosters: the same school every time, seeded from its BRIN6, and never a real person.

A cohort of pupils keeps its people and keys from year to year and moves up a group, as in life;
group keys change every year. Given names, prefixes and surnames are common Dutch ones, put
together by chance.

    roster = rosters.of_school("00AA00", "2026-2027")
    roster.staff[0].address

Some pupils of adjoining years are brother and sister, and one counsellor works at every school.
The staff has, beside its teachers, everybody who must never be invited unasked: a parent (role OUD
only), somebody without a group, a placeholder for an address, and two who share one address.
"""

import random
import unicodedata
from dataclasses import dataclass

PUPILS_PER_GROUP = 8
_GROUPS = range(1, 9)
_COMBINED = (5, 6)
_COMBINED_EACH = 3
_PLUS_GROUPS = (6, 7, 8)
_SIBLING = 1
"""Who of a cohort has a brother or sister a year above or below."""

_GIRLS = [
    "Zoë",
    "Noëlle",
    "Fleur",
    "Sanne",
    "Amira",
    "Lotte",
    "Esmée",
    "Roos",
    "Yasmin",
    "Chloë",
    "Fenna",
    "Britt",
    "Nûr",
    "Julia",
    "Maud",
    "Saar",
    "Elif",
    "Anouk",
    "Renée",
    "Isa",
    "Jaël",
    "Tess",
    "Hanna",
    "Milou",
    "Aïsha",
    "Lieke",
    "Femke",
    "Noor",
    "Inès",
    "Puck",
]
_BOYS = [
    "Daan",
    "Noé",
    "Sem",
    "Mohammed",
    "Thijs",
    "Bram",
    "René",
    "Youssef",
    "Jens",
    "Luuk",
    "André",
    "Mees",
    "Kaï",
    "Tijn",
    "Job",
    "Emre",
    "Finn",
    "Siem",
    "Loïc",
    "Gijs",
    "Rayan",
    "Jurre",
    "Teun",
    "Adam",
    "Björn",
    "Koen",
    "Hugo",
    "Mats",
    "Ömer",
    "Wout",
]
_GROWN_UPS = [
    "Marijke",
    "Jolanda",
    "Saskia",
    "Ingrid",
    "Femke",
    "Ellen",
    "Karin",
    "Wendy",
    "Nadia",
    "Petra",
    "Judith",
    "Monique",
    "Fatima",
    "Esther",
    "Rob",
    "Erik",
    "Jeroen",
    "Marco",
    "Hans",
    "Bart",
    "Mark",
    "Dennis",
    "Sandra",
    "Renske",
    "Hilde",
    "Annelies",
    "Joost",
    "Ruud",
]
_SURNAMES = (
    ("de", "Vries"),
    ("van den", "Berg"),
    ("van", "Dijk"),
    ("", "Bakker"),
    ("", "Janssen"),
    ("", "Visser"),
    ("", "Smit"),
    ("de", "Boer"),
    ("van der", "Meer"),
    ("", "Özdemir"),
    ("el", "Amrani"),
    ("", "Müller"),
    ("van 't", "Hof"),
    ("ten", "Brinke"),
    ("de", "Graaf"),
    ("", "Hendriks"),
    ("", "Dekker"),
    ("van der", "Linden"),
    ("", "Çelik"),
    ("op den", "Akker"),
    ("", "Postma"),
    ("", "Hoekstra"),
    ("'s", "Gravendijk"),
    ("van", "Leeuwen"),
    ("", "Kuipers"),
    ("den", "Ouden"),
    ("", "Maas"),
    ("", "Nguyễn"),
    ("", "Kołodziej"),
    ("", "Bos"),
)

_TRAVELLER = (("Jorien", ("van 't", "Sant")), "jorien.vantsant@samen-begeleiden.example")
"""Somebody who supports pupils at every school, under one address and a key of each school."""

_slugs: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as a LAS has it; `kind` is the element's name on the wire."""

    kind: str
    key: str
    name: str
    year_group: str | None


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil as a LAS has him."""

    key: str
    eck_id: str
    given_name: str
    prefix: str
    surname: str
    birth_date: str
    year_group: str
    group_key: str
    composed_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff as a LAS has him; the address is whatever stands in that field."""

    key: str
    given_name: str
    prefix: str
    surname: str
    address: str | None
    roles: tuple[str, ...]
    group_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """One school's whole roster of a school year."""

    brin6: str
    school_year: str
    groups: tuple[GroupRow, ...]
    pupils: tuple[PupilRow, ...]
    staff: tuple[StaffRow, ...]


def name_school(brin6: str, slug: str) -> None:
    """Give a school the domain of its addresses: <slug>.example."""
    _slugs[brin6] = slug


def of_school(brin6: str, school_year: str, *, pupils_per_group: int = PUPILS_PER_GROUP) -> Rows:
    """Return a school's roster of a school year ("2026-2027")."""
    first_year = int(school_year[:4])
    pupils: list[PupilRow] = []
    for year_group in _GROUPS:
        size = pupils_per_group + (_COMBINED_EACH if year_group in _COMBINED else 0)
        pupils += _cohort(brin6, first_year, year_group, size)
    return Rows(
        brin6=brin6,
        school_year=school_year,
        groups=_groups(first_year),
        pupils=tuple(pupils),
        staff=tuple(_staff(brin6, first_year)),
    )


def _group_key(first_year: int, name: str) -> str:
    return f"{first_year % 100}-{name}"


def _groups(first_year: int) -> tuple[GroupRow, ...]:
    own = [
        GroupRow("groep", _group_key(first_year, str(year)), f"Groep {year}", str(year))
        for year in _GROUPS
    ]
    combined = GroupRow("groep", _group_key(first_year, "56"), "Groep 5/6", "C")
    plus = GroupRow("samengestelde_groep", _group_key(first_year, "plus"), "Plusklas", None)
    return (*own, combined, plus)


def _cohort(brin6: str, first_year: int, year_group: int, size: int) -> list[PupilRow]:
    began = first_year - year_group
    chance = random.Random(f"{brin6} cohort {began}")
    rows = []
    for number in range(size):
        given_name = chance.choice(_GIRLS if chance.random() < 1 / 2 else _BOYS)
        prefix, surname = chance.choice(_SURNAMES)
        if number == _SIBLING:
            prefix, surname = _family(brin6, began)
        combined = year_group in _COMBINED and number >= size - _COMBINED_EACH
        in_plus = year_group in _PLUS_GROUPS and number == 0
        rows.append(
            PupilRow(
                key=f"{began % 100:02d}{number + 1:03d}",
                eck_id=f"https://ketenid.example/{chance.getrandbits(128):032x}",
                given_name=given_name,
                prefix=prefix,
                surname=surname,
                birth_date=f"{began - 4}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
                year_group=str(year_group),
                group_key=_group_key(first_year, "56" if combined else str(year_group)),
                composed_keys=(_group_key(first_year, "plus"),) if in_plus else (),
            )
        )
    return rows


def _family(brin6: str, began: int) -> tuple[str, str]:
    """Return the name of a family that has a child in this cohort and one in the next."""
    return random.Random(f"{brin6} family {began // 2}").choice(_SURNAMES)


def _staff(brin6: str, first_year: int) -> list[StaffRow]:
    chance = random.Random(f"{brin6} staff")
    host = f"{_slugs.get(brin6, f'school-{brin6.lower()}')}.example"
    names = chance.sample(_GROWN_UPS, 16)
    surnames = [chance.choice(_SURNAMES) for _ in names]
    groups = [_group_key(first_year, str(year)) for year in _GROUPS]
    combined = _group_key(first_year, "56")
    plus = _group_key(first_year, "plus")
    shared = f"team@{host}"
    # Who stands where: eight teachers with one group each, then the ones that need thought.
    work: list[tuple[tuple[str, ...], tuple[str, ...], str | None]] = [
        *((("LRK",), (group,), None) for group in groups),
        (("LRK", "ICT"), (combined, plus), None),
        (("DIR",), (), None),
        (("IB",), tuple(groups), _TRAVELLER[1]),
        (("OUD",), (groups[0],), None),
        (("LOS",), (), None),
        (("LRK",), (groups[1],), "email"),
        (("LRK",), (groups[2],), shared),
        (("OWA",), (groups[3],), shared.upper()),
    ]
    rows = []
    for number, (roles, keys, address) in enumerate(work):
        prefix, surname = surnames[number]
        if address == _TRAVELLER[1]:
            names[number], surnames[number] = _TRAVELLER[0]
        own = f"{_ascii(names[number])}.{_ascii(prefix + surname)}@{host}"
        rows.append(
            StaffRow(
                key=f"M{number + 1:03d}",
                given_name=names[number],
                prefix=prefix,
                surname=surname,
                address=address or own,
                roles=roles,
                group_keys=keys,
            )
        )
    return rows


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l")).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())
