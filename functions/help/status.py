"""How the parts of the house are doing, as everybody may read it: words and numbers of schools.

A look every five minutes. A day keeps the worst that was seen of each part, for ninety days.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from help import notices
from schoolpoort.roster_nights import Night

PARTS = ("sign_in", "rosters", "mail", "papers")
STATES = ("good", "unknown", "hindered", "down")
"""From best to worst; what cannot be looked at is neither good nor bad."""

LATE_S = 15 * 60
"""Three looks that did not come: what the page knew of then is no news any more."""

_LEAST_GOOD = 0.8


def of_queue(failed: int | None, waiting: int | None) -> str:
    """Return the state of a part that works off a queue: what gave up, and how long it is."""
    if failed is None or waiting is None:
        return "unknown"
    return "hindered" if failed or waiting > _LONG_QUEUE else "good"


_LONG_QUEUE = 5_000


def of_rosters(nights: Mapping[str, Night]) -> dict[str, dict[str, Any]]:
    """Return per supplier the schools, those that came over, and the state."""
    return {
        supplier: {"schools": night.schools, "good": night.good, "state": _of_night(night)}
        for supplier, night in nights.items()
    }


def _of_night(night: Night) -> str:
    """Return the state; of a night in which nobody was visited yet nothing is known."""
    if night.visited == 0:
        return "unknown"
    if night.good == 0:
        return "down"
    return "good" if night.good >= _LEAST_GOOD * night.schools else "hindered"


def worst(states: Iterable[str]) -> str:
    """Return the worst of some states; of none, that nothing is known."""
    return max(states, key=STATES.index, default="unknown")


def day_item(
    day: dt.date, before: Mapping[str, Any] | None, now: Mapping[str, str], *, now_epoch_s: int
) -> dict[str, Any]:
    """Return a day with what was seen of it so far, and now."""
    seen = before["parts"] if before else {}
    return {
        "part": "day",
        "item_key": day.isoformat(),
        "parts": {
            part: worst([now[part], *([seen[part]] if part in seen else [])]) for part in now
        },
        "expires_at_epoch_s": now_epoch_s + notices.KEEP_S,
        "schema_version": notices.SCHEMA_VERSION,
    }
