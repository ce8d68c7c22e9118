"""Lets a check of a person count once: a token that was used opens nothing a second time.

Apart from `captcha` because it writes. Whoever draws on a budget in the same transaction writes the
same item there.
"""

from typing import Any

from schoolpoort import captcha, dynamodb
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

SCHEMA_VERSION = 1


def used_item(token: str, now_epoch_s: int) -> dict[str, Any]:
    """Return what is stored of a used token, under the key that must not exist yet."""
    return {
        "budget_key": captcha.replay_key(token),
        "expires_at_epoch_s": now_epoch_s + captcha.REPLAY_LIFE_S,
        "schema_version": SCHEMA_VERSION,
    }


def use_up(token: str, *, now_epoch_s: int) -> bool:
    """Use up a captcha token; False when it was used before."""
    item = used_item(token, now_epoch_s)
    try:
        dynamodb.put(require("THROTTLE_TABLE"), item, unless_exists="budget_key")
    except ConditionFailed:
        return False
    return True
