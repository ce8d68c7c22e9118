"""Who may have a password tried: budgets and tickets, as pure rules.

Accounts are never locked (docs/decisions). Failures draw on budgets of the account and of the
network they come from; in a browser that the account knows, on one of that browser alone. An
attempt first reserves one failure in each and gets them back when the password was right, so a
hundred attempts at once cannot pass a check that none of them has failed yet. Where a budget is
empty the answer is a ticket: a secret for this browser and this account, due within half a minute.
An attempt with a due ticket and a fresh captcha is always evaluated, so whoever knows the password
gets in, however hard somebody else is guessing.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schoolpoort.ids import sha256_hex

TICKET_DELAY_S = 20
"""How long a ticket waits before it counts; the rule of the product is at most 30 s."""

TICKET_LIFE_S = 15 * 60
"""How long an unused ticket counts once it is due."""

TOLD_EVERY_S = 24 * 60 * 60
"""How often at most an owner hears that somebody is guessing."""

SCHEMA_VERSION = 1
_KEEP_S = 60 * 60
_IPV4_PREFIX = 32
_IPV6_PREFIX = 56


@dataclass(frozen=True, slots=True)
class Budget:
    """So many failures in a window of so many seconds; windows stand still on the clock."""

    name: str
    failures: int
    window_s: int


ACCOUNT = Budget("account", failures=10, window_s=5 * 60)
ACCOUNT_HOUR = Budget("account_hour", failures=50, window_s=60 * 60)
"""All browsers together that an account does not know; a right password from one of them waits."""

DEVICE = Budget("device", failures=20, window_s=15 * 60)
"""One browser that an account knows: whoever guesses elsewhere takes nothing from it."""

SOURCE = Budget("source", failures=60, window_s=5 * 60)
SCHOOL_SOURCE = Budget("source", failures=600, window_s=5 * 60)
"""A registered network of a school: all its people come from one address. The same counter."""

CODES = (
    Budget("code", failures=5, window_s=5 * 60),
    Budget("code_hour", failures=20, window_s=60 * 60),
    Budget("code_day", failures=50, window_s=24 * 60 * 60),
)
"""Whoever has the password too and guesses codes all year finds one with a chance of 4 %."""

RECOVERY = Budget("recovery", failures=20, window_s=5 * 60)
"""Fifty bits need no budget; ours for argon2 do. Who is out of codes gets in with one of these."""


EVERYWHERE = Budget("everywhere", failures=1000, window_s=5 * 60)
"""All wrong passwords together, above twice those of the same minutes a week ago."""

_A_WEEK_S = 7 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Draw:
    """One reserved failure: the counter's key, how far it may count, when it may be forgotten."""

    budget_key: str
    failures: int
    expires_at_epoch_s: int


PINS = (
    Budget("pin", failures=5, window_s=60),
    Budget("pin_day", failures=15, window_s=24 * 60 * 60),
)
"""A child waits a minute at most; after fifteen wrong PINs in a day the teacher helps."""

CARD_CODES = (
    Budget("card", failures=5, window_s=5 * 60),
    Budget("card_day", failures=20, window_s=24 * 60 * 60),
)
"""Codes of cards that parents fill in."""


WAITS = Budget("waits", failures=60, window_s=10 * 60)
"""How often a group's children may begin to wait for their teacher."""

LESSON_SOURCE = Budget("lesson_source", failures=20, window_s=5 * 60)
LESSON_SCHOOL = Budget("lesson_school", failures=600, window_s=5 * 60)
"""Wrong codes of a lesson. Of a school together so many that nobody shuts a class by guessing;
with twenty classes open, an hour of it finds one with a chance of 0.05 %.
"""


HANDOVERS = Budget("handover", failures=30, window_s=5 * 60)
"""Codes of substitutes, of one network; fifty bits need no more."""


def draws(
    *, account_hash: str, source_ip: str, now_epoch_s: int, is_at_school: bool = False
) -> tuple[Draw, ...]:
    """Return what an attempt from a browser that is new to an account draws on, network last."""
    source = SCHOOL_SOURCE if is_at_school else SOURCE
    return (
        _draw(ACCOUNT, account_hash, now_epoch_s),
        _draw(ACCOUNT_HOUR, account_hash, now_epoch_s),
        _draw(source, sha256_hex(source_prefix(source_ip)), now_epoch_s),
    )


def device_draws(*, account_hash: str, device_name: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what an attempt from a browser that an account knows draws on: its own budget."""
    return (_draw(DEVICE, sha256_hex(f"{device_name}#{account_hash}"), now_epoch_s),)


def is_of_account(draw: Draw) -> bool:
    """Say whether a budget is that of all new browsers of an account together."""
    return draw.budget_key.startswith(ACCOUNT.name)


def everywhere_draw(now_epoch_s: int) -> Draw:
    """Return the counter of all wrong passwords of this moment; kept for next week's measure."""
    window = now_epoch_s // EVERYWHERE.window_s
    expires = now_epoch_s + _A_WEEK_S + _KEEP_S
    return Draw(f"{EVERYWHERE.name}#{window}", EVERYWHERE.failures, expires)


def everywhere_keys(now_epoch_s: int) -> tuple[str, str]:
    """Return the keys of the counters of now and of the same minutes a week ago."""
    return (
        everywhere_draw(now_epoch_s).budget_key,
        everywhere_draw(now_epoch_s - _A_WEEK_S).budget_key,
    )


def is_guessed_everywhere(spent: int, spent_a_week_ago: int) -> bool:
    """Say whether so many passwords are wrong that somebody must be guessing at many accounts.

    Then a browser that is new to an account, from no school, waits on a ticket before each try.
    """
    return spent >= EVERYWHERE.failures + 2 * spent_a_week_ago


def told_item(*, account_hash: str, now_epoch_s: int) -> dict[str, Any]:
    """Return the item that keeps an owner from being told twice a day that somebody guesses."""
    return {
        "budget_key": f"told#{account_hash}",
        "expires_at_epoch_s": now_epoch_s + TOLD_EVERY_S,
        "schema_version": SCHEMA_VERSION,
    }


def code_draws(*, account_hash: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what a code of an app draws on; only somebody with the password comes this far."""
    return tuple(_draw(budget, account_hash, now_epoch_s) for budget in CODES)


def recovery_draws(*, account_hash: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what a recovery code draws on."""
    return (_draw(RECOVERY, account_hash, now_epoch_s),)


def pin_draws(
    *, school_id: str, person_id: str, releases: int, now_epoch_s: int
) -> tuple[Draw, ...]:
    """Return what a pupil's PIN draws on; each help of a teacher begins new budgets."""
    subject = sha256_hex(f"{school_id}#{person_id}#{releases}")
    return tuple(_draw(budget, subject, now_epoch_s) for budget in PINS)


def home_pin_draws(*, home_hash: str, person_id: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what a PIN at home draws on; each time the parent gives the password begins anew."""
    subject = sha256_hex(f"{home_hash}#{person_id}")
    return tuple(_draw(budget, subject, now_epoch_s) for budget in PINS)


def home_code_draws(*, address_hash: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what the code of a card draws on; only who gave the parent's password comes here."""
    return tuple(_draw(budget, address_hash, now_epoch_s) for budget in CARD_CODES)


def wait_draws(*, code: str, group_id: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what beginning to wait draws on."""
    return (_draw(WAITS, sha256_hex(f"{code}#{group_id}"), now_epoch_s),)


def lesson_draws(*, code: str, source_ip: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what the code of a lesson draws on: the network, and the school."""
    source = sha256_hex(f"{code}#{source_prefix(source_ip)}")
    return (
        _draw(LESSON_SOURCE, source, now_epoch_s),
        _draw(LESSON_SCHOOL, sha256_hex(code), now_epoch_s),
    )


def handover_draws(*, source_ip: str, now_epoch_s: int) -> tuple[Draw, ...]:
    """Return what a substitute's code draws on."""
    return (_draw(HANDOVERS, sha256_hex(source_prefix(source_ip)), now_epoch_s),)


def window_ends_in_s(budget: Budget, now_epoch_s: int) -> int:
    """Return after how many seconds a budget is whole again."""
    return budget.window_s - now_epoch_s % budget.window_s


def _draw(budget: Budget, subject_hash: str, now_epoch_s: int) -> Draw:
    window = now_epoch_s // budget.window_s
    return Draw(
        budget_key=f"{budget.name}#{subject_hash}#{window}",
        failures=budget.failures,
        expires_at_epoch_s=(window + 1) * budget.window_s + _KEEP_S,
    )


def source_prefix(source_ip: str) -> str:
    """Return the network that shares a budget: one IPv4 address, or an IPv6 subscriber's /56.

    What is no address at all shares one budget, so that it is no way around the others.
    """
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = _IPV4_PREFIX if address.version == 4 else _IPV6_PREFIX  # noqa: PLR2004 - IP version
    return str(ipaddress.ip_network((address, prefix), strict=False))


def ticket_key(ticket_secret: str) -> str:
    """Return the key under which a ticket is stored; the secret itself is the browser's alone."""
    return f"ticket#{sha256_hex(ticket_secret)}"


def new_ticket(*, ticket_secret: str, account_hash: str, now_epoch_s: int) -> dict[str, Any]:
    """Return the item of a ticket that one attempt on this account may use once it is due."""
    due = now_epoch_s + TICKET_DELAY_S
    return {
        "budget_key": ticket_key(ticket_secret),
        "account_hash": account_hash,
        "due_at_epoch_s": due,
        "expires_at_epoch_s": due + TICKET_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def remaining_wait_s(
    ticket: Mapping[str, Any] | None, *, account_hash: str, now_epoch_s: int
) -> int | None:
    """Return how many seconds until a stored ticket counts for an account; None if it never will.

    Zero means that it counts now.
    """
    if ticket is None or ticket["account_hash"] != account_hash:
        return None
    if now_epoch_s >= ticket["expires_at_epoch_s"]:
        return None
    return max(0, int(ticket["due_at_epoch_s"]) - now_epoch_s)
