"""Rule 4 of the design: without a current agreement nothing of a school is fetched or read."""

import datetime as dt

from schoolpoort import coverage
from schoolpoort.dynamodb import Item


def is_open(coverage_item: Item | None, day: dt.date) -> bool:
    """Say whether the board's agreement covers the school on a day."""
    return coverage.is_covered(coverage.from_item(coverage_item), day)
