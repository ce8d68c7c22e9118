"""Browsers in which somebody gave the right password before: each has a budget of its own.

A cookie names a browser at random and carries, per account, a tag that only we can make: an HMAC
over both and the version of the password. So nothing is stored, nobody can tell from a cookie whose
it is, and another password makes every browser unknown again. Who steals the cookie gains its
twenty tries in fifteen minutes and nothing else (the device cookies of OWASP).
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

COOKIE_NAME = "__Host-known"
LIFE_S = 365 * 24 * 60 * 60
MOST_ACCOUNTS = 8
"""A computer in the staff room has several owners; the one who came first is forgotten first."""

_TAG_BYTES = 16
_PURPOSE = b"schoolpoort known device 1"
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}(\.[A-Za-z0-9_-]{22}){0,8}")


@dataclass(frozen=True, slots=True)
class Device:
    """A browser by its random name, and the tags of the accounts that it knows."""

    name: str
    tags: tuple[str, ...] = ()

    def cookie_value(self) -> str:
        """Return the form in which the browser keeps it."""
        return ".".join((self.name, *self.tags))


@dataclass(frozen=True, slots=True)
class Owner:
    """An account as a tag names it; version 0 where there is none."""

    account_hash: str
    password_version: int


def read(value: str) -> Device | None:
    """Return the browser that a cookie names, or None for anything that is not ours."""
    if not _COOKIE.fullmatch(value):
        return None
    name, *tags = value.split(".")
    return Device(name, tuple(tags))


def knows(device: Device | None, owner: Owner, pepper: bytes) -> bool:
    """Say whether somebody gave the right password of an account in this browser before."""
    if device is None:
        return False
    expected = _tag(device, owner, pepper)
    return any(hmac.compare_digest(expected, tag) for tag in device.tags)


def with_owner(device: Device, owner: Owner, pepper: bytes) -> Device:
    """Return the browser as it knows one account more."""
    tag = _tag(device, owner, pepper)
    others = tuple(one for one in device.tags if one != tag)
    return Device(device.name, (*others, tag)[-MOST_ACCOUNTS:])


def _tag(device: Device, owner: Owner, pepper: bytes) -> str:
    key = hmac.digest(pepper, _PURPOSE, hashlib.sha256)
    said = f"{device.name}#{owner.account_hash}#{owner.password_version}".encode()
    made = hmac.digest(key, said, hashlib.sha256)[:_TAG_BYTES]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
