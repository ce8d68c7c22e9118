"""What password_reset writes about checks of persons and about how often somebody asks."""

import enum

from password_reset.budgets import Draw
from schoolpoort import captcha_once, dynamodb
from schoolpoort.dynamodb import Put, Update
from schoolpoort.errors import StoreUnavailable, TransactionRefused
from schoolpoort.settings import require

_REFUSED = "ConditionalCheckFailed"


class Asking(enum.Enum):
    """Whether somebody may have a link mailed."""

    GRANTED = "granted"
    CAPTCHA_REPLAYED = "captcha_replayed"
    SOURCE_EMPTY = "source_empty"
    ADDRESS_EMPTY = "address_empty"


def reserve_asking(token: str, draws: tuple[Draw, Draw, Draw], *, now_epoch_s: int) -> Asking:
    """Use up a captcha token and draw on the network and the address, or do nothing; one call."""
    table = require("THROTTLE_TABLE")
    used = Put(
        table, captcha_once.used_item(token, now_epoch_s), "attribute_not_exists(budget_key)"
    )
    try:
        dynamodb.transact([used, *(_drawn(draw) for draw in draws)])
    except TransactionRefused as error:
        if _REFUSED not in error.reasons:
            raise StoreUnavailable from error
        captcha_reason, source_reason, *_ = error.reasons
        if captcha_reason == _REFUSED:
            return Asking.CAPTCHA_REPLAYED
        return Asking.SOURCE_EMPTY if source_reason == _REFUSED else Asking.ADDRESS_EMPTY
    return Asking.GRANTED


def _drawn(draw: Draw) -> Update:
    return Update(
        require("THROTTLE_TABLE"),
        {"budget_key": draw.budget_key},
        "SET expires_at_epoch_s = :expires ADD spent :one",
        "attribute_not_exists(spent) OR spent < :most",
        values={":expires": draw.expires_at_epoch_s, ":one": 1, ":most": draw.most},
    )
