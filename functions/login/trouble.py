"""Why somebody cannot sign in: what his browser shows, and what the record says of its attempts.

Who asks learns about his browser only. A short code stands for that browser; who looks after
people opens it and sees the causes. A coordinator sees those of his own school: an attempt with
an address of another school and one with an address that nobody has look the same to him.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from schoolpoort import ids

CODE_LIFE_S = 60 * 60
LOOK_BACK_S = 24 * 60 * 60
MOST_TRIES = 30
SCHEMA_VERSION = 1
_SAID = {
    "clock": frozenset({"right", "wrong"}),
    "captcha": frozenset({"loads", "blocked"}),
    "private": frozenset({"yes", "no"}),
}
"""What a browser may say of itself; anything else counts as nothing said."""

_OF_NOBODY = frozenset({"captcha_failed", "captcha_doubted", "captcha_unreachable", "wait"})
"""Reasons that are about a browser or a network and tell nothing of an address."""

_OF_CODES = frozenset({"code_wrong", "code_wait", "code_used"})
_OF_PASSKEYS = "passkey_"
"""How the reasons of passkeys begin (login.passkeys): what to do is the same for all of them."""

From = Literal["staff", "home", "school"]


@dataclass(frozen=True, slots=True)
class Checks:
    """What is known of a browser; empty where it could not be looked at."""

    asked_from: From
    has_cookies: bool
    browser: str
    is_too_old: bool
    is_school_network: bool
    clock: str = ""
    captcha: str = ""
    private: str = ""

    def findings(self) -> list[str]:
        """Return the codes of what stands in the way, the surest first."""
        found = {
            "cookies": not self.has_cookies,
            "old": self.is_too_old,
            "clock": self.clock == "wrong",
            "captcha": self.captcha == "blocked",
            "network": self.asked_from == "school" and not self.is_school_network,
            "private": self.private == "yes",
        }
        return [code for code, is_so in found.items() if is_so]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: `school_id` is None for the helpdesk. What is known of the people in the record.

    `names` by account id; `without_password` are those who never chose one.
    """

    school_id: str | None
    names: Mapping[str, str]
    without_password: frozenset[str]


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt as somebody may see it: `cause` is a code, `who` a name or ""."""

    at_epoch_s: int
    is_at_home: bool
    cause: str
    who: str = ""


def said(checks: Checks, fields: Mapping[str, str]) -> Checks:
    """Return the checks with what the browser says of itself in a form."""

    def one(name: str) -> str:
        value = fields.get(name, "")
        return value if value in _SAID[name] else ""

    return replace(checks, clock=one("clock"), captcha=one("captcha"), private=one("private"))


def code_item(key: str, checks: Checks, trace: str, *, now_epoch_s: int) -> dict[str, Any]:
    """Return what is kept under a code: no address and no name."""
    return {
        "budget_key": key,
        "checks": asdict(checks),
        "trace": trace,
        "at_epoch_s": now_epoch_s,
        "expires_at_epoch_s": now_epoch_s + CODE_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def read_code(typed: str) -> str | None:
    """Return a code as it is kept, however it was typed, or None for what is none."""
    letters = "".join(letter for letter in typed.upper()[:64] if letter.isalnum())
    is_code = len(letters) == ids.TROUBLE_LENGTH and set(letters) <= set(ids.TROUBLE_ALPHABET)
    return letters if is_code else None


def shown(code: str) -> str:
    """Return a code in two halves, as people read it out."""
    return f"{code[:4]}-{code[4:]}"


def tries(events: Iterable[Mapping[str, Any]], viewer: Viewer) -> list[Try]:
    """Return attempts as the viewer may see them; an event may carry `school_ids` of its row."""
    return [_try(event, viewer) for event in events]


def _try(event: Mapping[str, Any], viewer: Viewer) -> Try:
    is_at_home = event["action"] == "home_opened"
    at_epoch_s = event["at_epoch_s"]
    account_id, reason = event["account_id"], event["reason"]
    if reason in _OF_NOBODY:
        is_own = viewer.school_id is None or account_id in viewer.names
        who = viewer.names.get(account_id or "", "") if is_own else ""
        return Try(at_epoch_s, is_at_home, reason, who)
    if account_id is None and reason.startswith(_OF_PASSKEYS):
        return Try(at_epoch_s, is_at_home, "passkey")
    if not _may_see(event, viewer):
        return Try(at_epoch_s, is_at_home, "not_yours")
    return Try(
        at_epoch_s, is_at_home, _cause(event, viewer), viewer.names.get(account_id or "", "")
    )


def _may_see(event: Mapping[str, Any], viewer: Viewer) -> bool:
    if viewer.school_id is None:
        return True
    is_of_school = event["stream"] == f"school#{viewer.school_id}"
    if is_of_school or viewer.school_id in event.get("school_ids", ()):
        return True
    return event["account_id"] in viewer.names


def _cause(event: Mapping[str, Any], viewer: Viewer) -> str:
    account_id, reason = event["account_id"], event["reason"]
    if event["outcome"] == "done":
        return reason if reason.startswith("next_") else "in"
    if reason.startswith(_OF_PASSKEYS):
        return "passkey"
    if reason == "wrong" and event["action"] in {"sign_in", "home_opened"}:
        if account_id is None:
            return "no_account"
        return "no_password" if account_id in viewer.without_password else "wrong_password"
    if reason == "wrong":
        return "code_wrong"
    return reason if reason in _OF_CODES | {"no_membership"} else "other"
