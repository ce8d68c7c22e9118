"""The form of a request, as a requester or the helpdesk fills it in; also what a mail lacks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from onboarding.account_request import Claim
from schoolpoort import addresses

_BRIN = re.compile(r"[0-9]{2}[A-Z]{2}")
_LOCATION = re.compile(r"[0-9]{2}")
_BOARD_NUMBER = re.compile(r"[0-9]{5}")
_LONGEST = 80
_LONGEST_ADDRESS = 254
_OPTIONAL = frozenset({"name_prefix", "location_code", "country"})
TEXTS = (
    "board_name", "board_number", "school_name", "brin", "location_code", "director_name",
    "director_function", "first_name", "name_prefix", "surname", "country",
)  # fmt: skip
ADDRESSES = ("director_address", "address")


def read(fields: Mapping[str, str]) -> tuple[Claim, dict[str, str]]:
    """Return what was typed, and a code per field that is missing or wrong."""
    typed = {name: " ".join(fields.get(name, "").split())[: _LONGEST + 1] for name in TEXTS}
    variant = "abroad" if fields.get("variant") == "abroad" else "nl"
    brin = typed["brin"].upper().replace(" ", "")
    location = typed["location_code"] or (brin[4:] if len(brin) > len("99AA") else "00")
    errors: dict[str, str] = {}
    told: dict[str, Any] = {**typed, "variant": variant, "brin": brin[:4]}
    told |= {"location_code": location, "coordinator_gone": fields.get("coordinator_gone") == "yes"}
    claim = Claim(**told)
    for name in ADDRESSES:
        try:
            spelled: Any = addresses.normalise(fields.get(name, "")[: _LONGEST_ADDRESS + 1])
        except addresses.InvalidAddress:
            errors[name] = "invalid" if fields.get(name, "").strip() else "missing"
            continue
        claim = replace(claim, **{name: spelled})
    errors |= _wrong(claim)
    return claim, errors


def _wrong(claim: Claim) -> dict[str, str]:
    is_abroad = claim.variant == "abroad"
    optional = _OPTIONAL | ({"brin", "board_number"} if is_abroad else set())
    errors = {}
    for name in TEXTS:
        value = getattr(claim, name)
        if len(value) > _LONGEST:
            errors[name] = "too_long"
        elif not value and name not in optional:
            errors[name] = "missing"
    if is_abroad and not claim.country:
        errors["country"] = "missing"
    shapes = (("brin", _BRIN), ("location_code", _LOCATION), ("board_number", _BOARD_NUMBER))
    for name, shape in shapes:
        value = getattr(claim, name)
        if value and not shape.fullmatch(value):
            errors.setdefault(name, "invalid")
    return errors


def missing(claim: Claim) -> list[str]:
    """Return the items that a request still lacks, apart from its paper."""
    fields = {name: getattr(claim, name) for name in (*TEXTS, *ADDRESSES)}
    return sorted(read({**fields, "variant": claim.variant})[1])
