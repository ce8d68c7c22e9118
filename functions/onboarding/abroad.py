"""Schools that DUO does not list: entered by one of the helpdesk, taken in by another.

    proposed ──► registered    a second person has looked at the evidence
       └───────► refused

A school abroad gets a code of its own in the shape of a BRIN, so that everything that knows schools
by their code works for it. Codes from 90XA on and board numbers under 01000 are ours: DUO counts
BRINs upwards and is at 32, and its board numbers begin at 10000. A row with such a code in one of
its lists is set aside.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product
from string import ascii_uppercase
from typing import Any

from onboarding.account_request import Claim
from onboarding.registry_index import Entry
from schoolpoort import registry
from schoolpoort.errors import SchoolpoortError

SECTOR = "x"
"""In the index, the mark of what no list of DUO is about."""
SOURCES = ("trade_register", "nob", "inspectorate", "statutes")
"""Where one can see that a school and its board exist: an official register, or its statutes."""
_TEXTS = ("board_name", "school_name", "place", "country", "phone", "website", "evidence")
_OPTIONAL = frozenset({"phone", "website"})
_LONGEST = {"evidence": 500}
_LONGEST_NAME = 80
_BOARD_NUMBER = re.compile(r"[0-9]{5}")


class SamePerson(SchoolpoortError):
    """Who entered a school cannot be the one who takes it in."""


class CodesUsedUp(SchoolpoortError):
    """There is no code left to give."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A school abroad and its board, on what evidence, and who entered and who decided.

    `board_number` is empty for a board that the registry does not know yet. `request_id` is the
    request that it was entered for, if any; `brin6` is known once it is registered.
    """

    registration_id: str
    board_number: str
    board_name: str
    school_name: str
    place: str
    country: str
    phone: str
    website: str
    source: str
    evidence: str
    request_id: str
    proposed_by: str
    proposed_at_epoch_s: int
    state: str = "proposed"
    brin6: str = ""
    decided_by: str = ""
    decided_at_epoch_s: int = 0
    note: str = ""

    def item(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


def from_item(item: Mapping[str, Any]) -> Registration:
    """Read a stored registration."""
    return Registration(**{name: item[name] for name in Registration.__dataclass_fields__})


def read(fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was typed, and a code per field that is missing or wrong."""
    typed: dict[str, Any] = {
        name: " ".join(fields.get(name, "").split()) for name in (*_TEXTS, "board_number")
    }
    typed["source"] = fields.get("source", "")
    errors = {}
    for name in _TEXTS:
        if len(typed[name]) > _LONGEST.get(name, _LONGEST_NAME):
            errors[name] = "too_long"
        elif not typed[name] and name not in _OPTIONAL:
            errors[name] = "missing"
    if typed["source"] not in SOURCES:
        errors["source"] = "missing"
    if typed["board_number"] and not _BOARD_NUMBER.fullmatch(typed["board_number"]):
        errors["board_number"] = "invalid"
    return typed, errors


def decided(
    found: Registration, *, registers: bool, account_id: str, note: str, now_epoch_s: int
) -> Registration:
    """Return it after the decision of another person; raises SamePerson for the same one."""
    if account_id == found.proposed_by:
        raise SamePerson(found.registration_id)
    return replace(
        found,
        state="registered" if registers else "refused",
        decided_by=account_id,
        decided_at_epoch_s=now_epoch_s,
        note=note,
    )


def coded(found: Registration, codes: Collection[str], numbers: Collection[str]) -> Registration:
    """Return it with the first codes that nobody has; raises CodesUsedUp.

    `codes` and `numbers` are those of all locations and boards in the index. A code that was given
    to this school before a crash is kept.
    """
    brins = {code[:4] for code in codes}
    brin6 = found.brin6 or next((f"{brin}00" for brin in _brins() if brin not in brins), "")
    number = found.board_number or next((one for one in _numbers() if one not in numbers), "")
    if not (brin6 and number):
        raise CodesUsedUp
    return replace(found, brin6=brin6, board_number=number)


def _brins() -> list[str]:
    """Return every code of ours, in order."""
    parts = product("9", "012345678", "XYZ", ascii_uppercase)
    return sorted("".join(part) for part in parts)


def _numbers() -> list[str]:
    return [f"{number:05d}" for number in range(1, 1000)]


def board_row(found: Registration) -> dict[str, Any]:
    """Return the board as the registry keeps it."""
    told = {"number": found.board_number, "name": found.board_name, "place": found.country}
    return {**registry.board_key(found.board_number), **_present(told), **_reached(found)}


def location_row(found: Registration, school_id: str) -> dict[str, Any]:
    """Return the school as the registry keeps it."""
    told = {
        "brin6": found.brin6,
        "school_id": school_id,
        "name": found.school_name,
        "place": found.place,
        "country": found.country,
        "board_number": found.board_number,
    }
    return {**registry.location_key(found.brin6), **told, **_reached(found)}


def _reached(found: Registration) -> dict[str, str]:
    return _present({"phone": found.phone, "website": found.website})


def _present(told: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}


def board_entry(found: Registration, digest: str) -> Entry:
    """Return the board's entry in the index."""
    number = found.board_number
    return Entry(number, "", digest, found.board_name, found.country, number, "", SECTOR)


def location_entry(found: Registration, school_id: str, digest: str) -> Entry:
    """Return the school's entry in the index."""
    place = f"{found.place}, {found.country}"
    return Entry(
        found.brin6, school_id, digest, found.school_name, place, found.board_number, "", SECTOR
    )


def of_claim(claim: Claim) -> dict[str, str]:
    """Return what a request tells already, for the form."""
    return {
        "board_name": claim.board_name,
        "board_number": claim.board_number,
        "school_name": claim.school_name,
        "country": claim.country,
    }


def completed(claim: Claim, found: Registration) -> Claim:
    """Return the claim of a request with the codes of its school."""
    return replace(
        claim,
        brin=found.brin6[:4],
        location_code=found.brin6[4:],
        board_number=found.board_number,
    )
