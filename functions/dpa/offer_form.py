"""The form of an offer, checked field by field; codes for what is wrong, words in pages."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dpa import forms
from dpa.offer import DIRECTOR, REVIEWER
from schoolpoort import addresses
from schoolpoort.addresses import InvalidAddress
from schoolpoort.registry import Location

_CODE = re.compile(r"[0-9]{2}[A-Z]{2}(?:[0-9]{2})?")
_SEPARATORS = re.compile(r"[\s,;]+")
ALL_SCHOOLS = "all"
LISTED_SCHOOLS = "listed"


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked to sign or to look first; the address is normalised."""

    part: str
    name: str
    function: str
    address: str


@dataclass(frozen=True, slots=True)
class OfferForm:
    """What was typed about an offer; whole only without errors."""

    people: tuple[Asked, ...]
    contact_address: str
    effective_from: dt.date | None
    scope_codes: tuple[str, ...]
    errors: Mapping[str, str] = field(default_factory=dict)


def read(fields: Mapping[str, str], locations: Iterable[Location], *, today: dt.date) -> OfferForm:
    """Read the form of an offer to a board with these locations."""
    errors: dict[str, str] = {}
    people = [_person(fields, "director", DIRECTOR, errors)]
    if any(fields.get(f"second_{part}", "").strip() for part in ("name", "address")):
        people.append(_person(fields, "second", DIRECTOR, errors))
    if any(fields.get(f"reviewer_{part}", "").strip() for part in ("name", "address")):
        people.append(_person(fields, "reviewer", REVIEWER, errors))
    _refuse_doubles(people, errors)
    contact = _address(fields.get("contact_address", ""))
    if contact is None:
        errors["contact_address"] = "address"
    codes = _codes(fields, locations, errors)
    effective_from = forms.read_date(fields.get("effective_from", ""))
    if effective_from is None or not today <= effective_from <= today + forms.FURTHEST:
        errors["effective_from"] = "date"
    return OfferForm(tuple(people), contact or "", effective_from, codes, errors)


def _person(fields: Mapping[str, str], name: str, part: str, errors: dict[str, str]) -> Asked:
    address = _address(fields.get(f"{name}_address", ""))
    if address is None:
        errors[f"{name}_address"] = "address"
    typed = fields.get(f"{name}_name", "").strip()
    if not forms.is_text(typed):
        errors[f"{name}_name"] = "text"
    function = fields.get(f"{name}_function", "").strip()
    if name != "reviewer" and not forms.is_text(function):
        errors[f"{name}_function"] = "text"
    return Asked(part, typed, function, address or "")


def _refuse_doubles(people: list[Asked], errors: dict[str, str]) -> None:
    """Two people have two addresses, because a code to the address is how each is known."""
    names = {DIRECTOR: "second_address", REVIEWER: "reviewer_address"}
    known = {people[0].address}
    for one in people[1:]:
        if one.address and one.address in known:
            errors[names[one.part]] = "same"
        known.add(one.address)


def _codes(
    fields: Mapping[str, str], locations: Iterable[Location], errors: dict[str, str]
) -> tuple[str, ...]:
    if fields.get("scope") == ALL_SCHOOLS:
        return ()
    if fields.get("scope") != LISTED_SCHOOLS:
        errors["scope"] = "choose"
        return ()
    typed = [one for one in _SEPARATORS.split(fields.get("codes", "").upper()) if one]
    own = {code for one in locations for code in (one.brin, one.brin6)}
    if not typed or any(not _CODE.fullmatch(code) for code in typed):
        errors["codes"] = "codes"
    elif not own.issuperset(typed):
        errors["codes"] = "not_yours"
    return tuple(dict.fromkeys(typed))


def _address(text: str) -> str | None:
    try:
        return addresses.normalise(text)
    except InvalidAddress:
        return None
