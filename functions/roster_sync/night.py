"""The plan of a night: which school is asked when, and by which queue.

Each school has a moment of its own, the same every night, spread evenly over the first minutes;
from there the number of workers of its supplier's queue decides how fast a LAS is asked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Visit:
    """One school's sync of a night, as it is queued."""

    school_id: str
    supplier: str
    delay_s: int

    def message(self, night: str) -> dict[str, str]:
        """Return what the worker reads; `night` is the date on which it begins."""
        return {
            "school_id": self.school_id,
            "trigger": "night",
            "night": night,
            "supplier": self.supplier,
        }


def visits(schools: Iterable[tuple[str, str]], spread_s: int) -> list[Visit]:
    """Return the visits of a night from (school, supplier), spread over so many seconds."""
    return [
        Visit(school_id, supplier, delay_s(school_id, spread_s)) for school_id, supplier in schools
    ]


def delay_s(school_id: str, spread_s: int) -> int:
    """Return how many seconds after the night began a school is asked, below `spread_s`."""
    if spread_s == 0:
        return 0
    return int.from_bytes(hashlib.sha256(school_id.encode()).digest()[:8]) % spread_s


def queue_of(supplier: str, queues: Mapping[str, str]) -> str:
    """Return the queue of a supplier, which caps how many workers ask it; or that of the rest."""
    return queues.get(supplier) or queues[_OTHERS]
