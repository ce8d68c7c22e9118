"""Seals the record of sign-ins, stream by stream; a schedule runs it every hour.

Running it twice, at once or after a crash in the middle does no harm: a seal and the head move in
one transaction that names the head it builds on. Events are left alone for a few minutes, because
one that is being written now may carry an older moment; after that a stream is closed up to there.
"""

import hashlib
from typing import Any, Protocol

from login import audit, seal_store, seals
from schoolpoort import clock, registry
from schoolpoort.log import logger

LEFT_ALONE_S = 5 * 60
"""Far longer than a request can take (the function's 20 s) and clocks can differ."""

_STOP_BEFORE_MS = 20_000


class Context(Protocol):
    """What the run asks of Lambda."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long this run may last still."""


def handler(_event: object, context: Context) -> dict[str, Any]:
    """Seal every stream of the house, in another order each time, as far as the time goes."""
    now = clock.now_epoch_s()
    done = made = 0
    streams = _in_turn(_streams(), now)
    for stream in streams:
        if context.get_remaining_time_in_millis() < _STOP_BEFORE_MS:
            logger.warning("sealing goes on next time", extra={"left": len(streams) - done})
            break
        made += seal_stream(stream, now_epoch_s=now)
        done += 1
    logger.info("record sealed", extra={"streams": done, "seals": made})
    return {"streams": done, "seals": made}


def seal_stream(stream: str, *, now_epoch_s: int) -> int:
    """Seal what a stream has waiting; return how many seals that made."""
    head = seal_store.head(stream)
    made = 0
    while events := seal_store.events_after(
        stream,
        head.last_event_id or "0",
        before_epoch_s=now_epoch_s - LEFT_ALONE_S,
        limit=seals.MOST_EVENTS,
    ):
        sealed = seals.seal(head, events, now_epoch_s=now_epoch_s)
        if not seal_store.add_seal(sealed, head):
            return made
        head = seals.head_after(sealed)
        made += 1
        # The log is kept elsewhere: who rewrites a whole chain does not reach this line.
        logger.info("sealed", extra={"stream": stream, "seal": head.number, "hash": head.hash})
    return made


def _streams() -> list[str]:
    schools = registry.school_ids()
    return [
        audit.STREAM_WITHOUT_SCHOOL,
        *map(audit.staff_stream, schools),
        *map(audit.pupils_stream, schools),
    ]


def _in_turn(streams: list[str], now_epoch_s: int) -> list[str]:
    """Return another order each hour, so that a run out of time leaves nobody last for ever."""

    def turn(stream: str) -> bytes:
        return hashlib.sha256(f"{now_epoch_s // 3600} {stream}".encode()).digest()

    return sorted(streams, key=turn)
