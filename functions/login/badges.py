"""What stands on paper for a pupil: a badge that lasts, a card that works once, a PIN for today.

    badge   128 random bits in a QR; in place of picture and PIN, until it is made void or anew
    card    the same, for one time; gone at its first use, when made void or anew, after two weeks
    PIN     four digits, for as long as they last or for eight hours

All of it works only where the pupils' pages open: on a network or device of the school, or in a
lesson that the teacher opened. A QR leads to the school's own address with the secret behind the
#, which no browser sends; a form brings it once and the address loses it. What is stored is the
SHA-256 of a secret that nobody can guess, so there is no budget for guesses and none to block.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from login.pupil_access import PupilAccess, SchoolAccess
from login.pupil_sign_in import Child
from schoolpoort.ids import sha256_hex

BADGE_LIFE_S = 400 * 24 * 60 * 60
"""A school year and the weeks around it: a badge that is lost unseen does not open for ever."""

CARD_LIFE_S = 14 * 24 * 60 * 60
MOST_AT_ONCE = 100
"""So many pupils go into one print, three classes and a bit."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")

Kind = Literal["badge", "card"]
LIFE_S: Mapping[Kind, int] = {"badge": BADGE_LIFE_S, "card": CARD_LIFE_S}


@dataclass(frozen=True, slots=True)
class Shown:
    """A badge or card that fits a pupil."""

    person_id: str
    kind: Kind
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed for one pupil: first name, group, and what lets him in."""

    child: Child
    group_name: str
    qr_svg: str = ""
    pin: str = ""


def read(typed: str) -> str | None:
    """Return the hash of a secret that a browser brought, or None for what is none."""
    return sha256_hex(typed) if _SECRET.fullmatch(typed) else None


def address(base_url: str, code: str, secret: str) -> str:
    """Return what a QR says."""
    return f"{base_url}/login/school/{code}/badge#{secret}"


def find(access: SchoolAccess, secret_hash: str, *, now_epoch_s: int) -> Shown | None:
    """Return whose badge or card this is today, or None."""
    for pupil in access.pupils.values():
        kind = _kind(pupil, secret_hash, now_epoch_s)
        if kind is not None:
            return Shown(pupil.person_id, kind, secret_hash)
    return None


def _kind(pupil: PupilAccess, secret_hash: str, now_epoch_s: int) -> Kind | None:
    if pupil.badge_hash == secret_hash and now_epoch_s < pupil.badge_ends_at_epoch_s:
        return "badge"
    if pupil.card_hash == secret_hash and now_epoch_s < pupil.card_ends_at_epoch_s:
        return "card"
    return None
