"""What Google's kinds of answer have in common: an age and a score."""

import datetime as dt

LARGEST_AGE_S = 120
_CLOCK_SKEW_S = 60


def is_fresh(stamp: object, now_epoch_s: int) -> bool:
    """Say whether a challenge is at most two minutes old and not of the future."""
    if not isinstance(stamp, str):
        return False
    try:
        at = dt.datetime.fromisoformat(stamp)
    except ValueError:
        return False
    if at.tzinfo is None:
        return False
    return -_CLOCK_SKEW_S <= now_epoch_s - at.timestamp() <= LARGEST_AGE_S


def refusal(score: object, least_score: float) -> str | None:
    """Return why a score does not count; NaN lies in no range."""
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return "no_score"
    return None if score >= least_score else "low_score"
