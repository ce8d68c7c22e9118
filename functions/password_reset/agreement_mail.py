"""Mails about agreements with boards: what each says, and the code that opens an invitation."""

from collections.abc import Mapping
from typing import Any

from password_reset import code_store
from schoolpoort import ids, mailed_codes
from schoolpoort.settings import require_url

NEWS = frozenset(
    {
        "offered",
        "told",
        "reminded",
        "answered",
        "ready",
        "cosigned",
        "signed",
        "returned",
        "active",
        "scheduled",
        "refused",
        "withdrawn",
        "lapsed",
        "notice",
        "notice_withdrawn",
        "ending",
        "ended",
        "suspended",
        "resumed",
        "void",
        "declaration_ending",
    }
)
"""Everything that the template has words for."""


def news_values(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template says; raises KeyError for news that it has no words for."""
    if message["news"] not in NEWS:
        raise KeyError(message["news"])
    until = message["until"]
    return {
        "news": message["news"],
        "board_name": message["board_name"],
        "link": require_url("PUBLIC_BASE_URL") + message["path"] if message["path"] else "",
        "name": message["name"],
        "reason": message["reason"],
        "day": f"{until[8:]}-{until[5:7]}-{until[:4]}" if until else "",
    }


def minted_code(message: Mapping[str, Any], now_epoch_s: int) -> dict[str, Any]:
    """Mint the code of a challenge, keep its hash, and return what the mail says."""
    code = ids.new_mailed_code()
    expires_at_epoch_s = now_epoch_s + mailed_codes.LIFE_S
    code_store.keep(message["challenge_id"], code, expires_at_epoch_s=expires_at_epoch_s)
    return {
        "code": f"{code[:4]} {code[4:]}",
        "board_name": message["board_name"],
        "minutes": mailed_codes.LIFE_S // 60,
    }
