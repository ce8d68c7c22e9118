"""A circuit breaker: after five failures in a row Google is left alone for half a minute.

    CLOSED --succeeded, failed--> CLOSED
    CLOSED --tripped (the fifth failure in a row)--> OPEN
    OPEN --rested (asked after 30 s)--> HALF_OPEN
    HALF_OPEN --succeeded--> CLOSED
    HALF_OPEN --failed, tripped--> OPEN
    HALF_OPEN --rested (the one try never told its end)--> HALF_OPEN

While it is open nobody waits for a service that is away: people get our own check at once. Half
open lets one person in 30 s try. What was asked before it opened may still answer: a success
closes it, a failure changes nothing. Each execution environment has its own; time comes in.
"""

import enum
from dataclasses import dataclass

FAILURES = 5
OPEN_S = 30


class State(enum.Enum):
    """Whether the service is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Event(enum.Enum):
    """What happened to the breaker."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TRIPPED = "tripped"
    RESTED = "rested"


MOVES = {
    (State.CLOSED, Event.SUCCEEDED): State.CLOSED,
    (State.CLOSED, Event.FAILED): State.CLOSED,
    (State.CLOSED, Event.TRIPPED): State.OPEN,
    (State.OPEN, Event.RESTED): State.HALF_OPEN,
    (State.OPEN, Event.SUCCEEDED): State.CLOSED,
    (State.OPEN, Event.FAILED): State.OPEN,
    (State.OPEN, Event.TRIPPED): State.OPEN,
    (State.HALF_OPEN, Event.SUCCEEDED): State.CLOSED,
    (State.HALF_OPEN, Event.FAILED): State.OPEN,
    (State.HALF_OPEN, Event.TRIPPED): State.OPEN,
    (State.HALF_OPEN, Event.RESTED): State.HALF_OPEN,
}


@dataclass(frozen=True, slots=True)
class Breaker:
    """A state, the failures in a row that led to it, and when it was entered."""

    state: State = State.CLOSED
    failures: int = 0
    since_epoch_s: int = 0


def may_ask(breaker: Breaker, now_epoch_s: int) -> bool:
    """Say whether the service may be asked now."""
    if breaker.state is State.CLOSED:
        return True
    # A clock that was set back must not keep it open for ever.
    return not 0 <= now_epoch_s - breaker.since_epoch_s < OPEN_S


def asked(breaker: Breaker, now_epoch_s: int) -> Breaker:
    """Return the breaker after somebody who may ask has asked."""
    if breaker.state is State.CLOSED:
        return breaker
    state = MOVES[breaker.state, Event.RESTED]
    return Breaker(state, breaker.failures, now_epoch_s)


def answered(breaker: Breaker, now_epoch_s: int, *, is_success: bool) -> Breaker:
    """Return the breaker after the service gave a verdict, or none."""
    failures = 0 if is_success else min(breaker.failures + 1, FAILURES)
    if is_success:
        event = Event.SUCCEEDED
    else:
        event = Event.TRIPPED if failures == FAILURES else Event.FAILED
    state = MOVES[breaker.state, event]
    is_new = state is not breaker.state
    return Breaker(state, failures, now_epoch_s if is_new else breaker.since_epoch_s)
