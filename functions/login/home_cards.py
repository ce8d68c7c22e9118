"""Cards that children take home, and the parent who fills in what stands on one.

    teacher: address ──► mail without a name ──► parent's password ──┐
        └──► card with a code ──► child takes it home ───────────────┴──► code ──► child at home

Before the code nobody at that address sees a name. A new card makes the one before it void.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from login import home_codes, home_store, store, throttle
from login.home_store import HomeSession, Waiting
from login.pupil_sign_in import Child
from schoolpoort import ids, kept_hashes
from schoolpoort.dynamodb import Operation


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed for one address of a child: its first name, and a code.

    `hint` is the first letter of the address where a child has a card for each of two parents;
    `address` is for the teacher's screen and never printed.
    """

    given_name: str
    code: str
    hint: str
    address: str


class Proof(enum.StrEnum):
    """What became of a code that a parent filled in."""

    DONE = "done"
    NO_CODE = "no_code"
    WRONG = "wrong"
    WAIT = "wait"


def make(
    school_id: str,
    pairs: Sequence[tuple[Child, str]],
    *,
    now_epoch_s: int,
    recorded: Callable[[str], Sequence[Operation]],
) -> list[Card]:
    """Return a new card for each child and address that still waits; older ones become void.

    `recorded` returns what writes down that a child got a card, in the card's own transaction.
    """
    cards: list[Card] = []
    for child, address in pairs:
        code = ids.new_recovery_secret()
        person_id = child.person.person_id
        kept = kept_hashes.sealed(home_codes.hashed(code), owner=_owner(school_id, person_id))
        ends = now_epoch_s + home_codes.LIFE_S
        is_kept = home_store.put_code(
            school_id,
            person_id,
            address,
            kept,
            ends_at_epoch_s=ends,
            recorded=recorded(person_id),
        )
        if is_kept:
            several = sum(one is child for one, _ in pairs) > 1
            hint = address[:1] if several else ""
            name = child.person.given_name
            cards.append(Card(name, home_codes.shown(code), hint, address))
    return cards


def picture_of(address: str) -> str:
    """Return the picture that a telephone reads as an address, as SVG to stand in a page."""
    import segno  # noqa: PLC0415 - only cards and the second step draw

    picture = segno.make(address, error="m", micro=False)
    return str(picture.svg_inline(scale=3, border=2, light="#fff", omitsize=True))


def prove(home: HomeSession, typed: str, *, now_epoch_s: int) -> Proof:
    """Judge a code within the budget of an address; a try is reserved before it is looked at."""
    code = home_codes.read(typed)
    if code is None:
        return Proof.NO_CODE
    address_hash = ids.sha256_hex(home.address_key)
    draws = throttle.home_code_draws(address_hash=address_hash, now_epoch_s=now_epoch_s)
    if not store.draw_on(draws):
        return Proof.WAIT
    for waiting in home_store.waiting_of(home.address_key, now_epoch_s=now_epoch_s):
        if _fits(waiting, code):
            done = home_store.prove(home.address_key, waiting, now_epoch_s=now_epoch_s)
            return Proof.DONE if done else Proof.WRONG
    return Proof.WRONG


def _fits(waiting: Waiting, code: str) -> bool:
    owner = _owner(waiting.school_id, waiting.person_id)
    phc = kept_hashes.opened(waiting.code_hash, owner=owner)
    return home_codes.is_right(phc, code)


def _owner(school_id: str, person_id: str) -> str:
    return f"card-{school_id}-{person_id}"
