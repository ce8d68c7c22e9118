"""Secrets that must not be found again: in no log line, no table, and no mail but the one meant.

The secrets are taken where they are born (schoolpoort.ids, schoolpoort.passwords), so that a new
flow is searched without anybody thinking of it. After each test of the house everything it wrote
is searched: a secret that lies somewhere in clear fails that very test.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import moto.dynamodb.models

from infra.local import mailbox, seed
from infra.local.cloud import ACCOUNT, REGION
from schoolpoort import ids, passwords
from schoolpoort.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOWHERE = re.compile(
    r"sleutel-\d\d[A-Z]{2}"  # an authorisation key of the stand-in administration systems
    r"|local-(?:secret-key|client-code)"  # what the house itself has from others
    r"|https://ketenid\.example/"  # an ECK iD of an invented pupil
    r"|eyJ(?:hbGciOi|0eXAiOi)"  # a signed token: its header in base64url
    r"|-----BEGIN"  # a key in PEM
)
_ADDRESS = re.compile(r"[\w.+-]@[\w-]+\.\w")
"""Log lines hold internal ids; an address is personal."""


class _Lines(logging.Handler):
    """Keeps each line as CloudWatch would have it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.kept.append(self.format(record))


@dataclass
class Canaries:
    """What was born and what was logged since the house opened or a test began."""

    born: set[str] = field(default_factory=lambda: {seed.PASSWORD})
    mailed: set[str] = field(default_factory=set)
    _ours: _Lines = field(default_factory=_Lines)
    _others: _Lines = field(default_factory=_Lines)

    def install(self) -> None:
        """Listen at the births and at the log, for as long as the process lives."""
        setattr(ids, "new_secret", self._noting(ids.new_secret, self.born))  # noqa: B010 - mypy
        setattr(ids, "new_token", self._noting(ids.new_token, self.mailed))  # noqa: B010 - mypy
        kept = passwords.hash_password

        @functools.wraps(kept)
        def hash_password(password: str) -> str:
            stored = kept(password)
            self.born.add(password)
            return stored

        passwords.hash_password = hash_password
        self._ours.setFormatter(logger.registered_formatter)
        logger.addHandler(self._ours)
        logging.getLogger().addHandler(self._others)

    def _noting(self, make: Callable[[], str], into: set[str]) -> Callable[[], str]:
        @functools.wraps(make)
        def made() -> str:
            secret = make()
            into.add(secret)
            return secret

        return made

    def begin(self) -> None:
        """Forget the log of the test before; secrets of the seed live on in the house."""
        self._ours.kept.clear()
        self._others.kept.clear()

    def leaks(self) -> list[str]:
        """Return where a secret lies in clear; the secret itself is left out."""
        found = []
        for place, text in self._places():
            secrets = self.born if place.startswith("mail body") else self.born | self.mailed
            if _NOWHERE.search(text) or any(secret in text for secret in secrets):
                found.append(place)
            elif place == "log" and _ADDRESS.search(text):
                found.append("log (an address)")
        return found

    def _places(self) -> Iterator[tuple[str, str]]:
        for line in (*self._ours.kept, *self._others.kept):
            yield "log", line
        for name, rows in _tables():
            yield f"table {name}", rows
        for mail in mailbox.sent():
            yield "mail subject", mail["subject"] + mail["from"] + mail["message_id"]
            yield "mail body", mail["text"] + mail["html"]


def _tables() -> Iterator[tuple[str, str]]:
    """Read the emulator's memory: a scan by the service's own call takes fifty times as long."""
    tables: dict[str, Any] = moto.dynamodb.models.dynamodb_backends[ACCOUNT][REGION].tables
    for name, table in tables.items():
        rows = [item.to_json()["Attributes"] for item in table.all_items()]
        yield name, json.dumps(rows, default=repr, ensure_ascii=False)
