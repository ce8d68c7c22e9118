"""E-mail addresses as account names: one spelling for each, and nothing that breaks a mail.

An address is compared casefolded, with its host in ASCII (IDNA). Plus tags stay: they are part of
the address that its owner chose. Before the @ stands ASCII only, because SES sends nowhere else
(its SendEmail API: no SMTPUTF8).
"""

import re
import unicodedata

from schoolpoort.errors import SchoolpoortError

_LONGEST = 254
_LONGEST_LOCAL_PART = 64
_LOCAL_PART = re.compile(r"[^\s@<>()\[\]\\,;:\"]+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_PLACEHOLDERS = frozenset(
    {"email", "e-mail", "geen", "onbekend", "nvt", "n.v.t.", "test", "noreply", "no-reply", "none"}
)


class InvalidAddress(SchoolpoortError):
    """A text is no e-mail address that a mail can be sent to."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid address: {reason}")
        self.reason = reason


def normalise(address: str) -> str:
    """Return the one spelling of an address; raises InvalidAddress.

    A dot at the end of the host is taken off; control characters, spaces inside, quotes and
    lists are refused, so that an address can never write a header of a mail.
    """
    text = unicodedata.normalize("NFC", address.strip())
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise InvalidAddress("control_character")
    local_part, at, host = text.rpartition("@")
    if not at or not local_part or not host:
        raise InvalidAddress("no_at")
    if not local_part.isascii() or not _LOCAL_PART.fullmatch(local_part):
        raise InvalidAddress("local_part")
    if len(local_part) > _LONGEST_LOCAL_PART:
        raise InvalidAddress("local_part")
    if local_part.startswith(".") or local_part.endswith(".") or ".." in local_part:
        raise InvalidAddress("local_part")
    normal = f"{local_part.casefold()}@{_ascii_host(host)}"
    if len(normal) > _LONGEST:
        raise InvalidAddress("too_long")
    return normal


def _ascii_host(host: str) -> str:
    try:
        ascii_host = host.removesuffix(".").casefold().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidAddress("host") from error
    if not _HOST.fullmatch(ascii_host):
        raise InvalidAddress("host")
    return ascii_host


def is_placeholder(text: str) -> bool:
    """Say whether a text stands where an address should, as administrations often have it."""
    local_part, _, host = text.strip().casefold().partition("@")
    return local_part in _PLACEHOLDERS or host.startswith("example.")
