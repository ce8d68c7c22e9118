"""The counts of nights in the roster table.

Partition "nights" has an item a night. Partition "acting#<night>" has the schools of that night
that need somebody, an item a page, so that a page of the helpdesk is one read. Both go after
ninety days. No run writes here: a morning's job counts once, and may count again.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from roster_sync.causes import Cause
from roster_sync.tally import NIGHTS_SHOWN, SCHEMA_VERSION, Acting, Tally, count
from schoolpoort import dynamodb, roster_nights
from schoolpoort.settings import require

PER_PAGE = 25
_TABLE = "ROSTER_TABLE"
_NIGHTS = "nights"
_KEPT_S = 90 * 24 * 60 * 60


def count_night(night: dt.date, now_epoch_s: int) -> Tally:
    """Count a night from its runs, keep the counts over those of before, and return them.

    The list is written first: counts that are there always have their list.
    """
    tally, acting = count(night, roster_nights.visits(night), now_epoch_s=now_epoch_s)
    expires_at = now_epoch_s + _KEPT_S
    pages = [acting[start : start + PER_PAGE] for start in range(0, len(acting), PER_PAGE)]
    items = [_page_item(night, number, page, expires_at) for number, page in enumerate(pages)]
    dynamodb.batch_write(require(_TABLE), puts=[*items, _item(tally, expires_at)])
    return tally


def latest(until: dt.date) -> list[Tally]:
    """Return the counts of the nights that are shown up to a day, oldest first; one Query."""
    first = until - dt.timedelta(days=NIGHTS_SHOWN - 1)
    items = dynamodb.query(
        require(_TABLE),
        "school_id = :nights AND item_key BETWEEN :first AND :last",
        values={":nights": _NIGHTS, ":first": first.isoformat(), ":last": until.isoformat()},
    )
    return [_tally(item) for item in items]


def acting(night: dt.date, page: int) -> list[Acting]:
    """Return a page (from 0) of the schools that need somebody after a night; one GetItem."""
    item = dynamodb.get(require(_TABLE), _page_key(night, page))
    return [_acting(one) for one in item["schools"]] if item else []


def _item(tally: Tally, expires_at_epoch_s: int) -> dict[str, Any]:
    return {
        "school_id": _NIGHTS,
        "item_key": tally.night.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "suppliers": {name: dict(own) for name, own in tally.suppliers.items()},
        "causes": dict(tally.causes),
        "acting": tally.acting,
        "counted_at_epoch_s": tally.counted_at_epoch_s,
        "expires_at_epoch_s": expires_at_epoch_s,
    }


def _tally(item: dynamodb.Item) -> Tally:
    return Tally(
        night=dt.date.fromisoformat(item["item_key"]),
        suppliers=item["suppliers"],
        causes=item["causes"],
        acting=item["acting"],
        counted_at_epoch_s=item["counted_at_epoch_s"],
    )


def _page_key(night: dt.date, page: int) -> dict[str, str]:
    return {"school_id": f"acting#{night.isoformat()}", "item_key": f"{page:04d}"}


def _page_item(
    night: dt.date, number: int, page: Sequence[Acting], expires_at_epoch_s: int
) -> dict[str, Any]:
    return {
        **_page_key(night, number),
        "schema_version": SCHEMA_VERSION,
        "schools": [
            {
                "school_id": one.school_id,
                "supplier": one.supplier,
                "state": one.state,
                "cause": one.cause.value if one.cause else None,
            }
            for one in page
        ],
        "expires_at_epoch_s": expires_at_epoch_s,
    }


def _acting(stored: dict[str, Any]) -> Acting:
    cause = Cause(stored["cause"]) if stored["cause"] else None
    return Acting(stored["school_id"], stored["supplier"], stored["state"], cause)
