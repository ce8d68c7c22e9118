"""The circuit breaker as a table: what opens it, what closes it, and that it never sticks."""

from hypothesis import given
from hypothesis import strategies as st

from schoolpoort.captcha import breaker
from schoolpoort.captcha.breaker import Breaker, Event, State

NOW = 1_800_000_000


def _failed(times: int, state: Breaker | None = None) -> Breaker:
    found = state or Breaker()
    for _ in range(times):
        found = breaker.answered(found, NOW, is_success=False)
    return found


def test_four_failures_leave_it_closed_and_the_fifth_opens_it() -> None:
    """Five in a row, not fewer."""
    assert _failed(4).state is State.CLOSED
    assert _failed(5) == Breaker(State.OPEN, 5, NOW)


def test_a_success_between_starts_the_count_again() -> None:
    """Only failures in a row count."""
    again = breaker.answered(_failed(4), NOW, is_success=True)
    assert _failed(4, again).state is State.CLOSED


def test_open_for_thirty_seconds_then_one_try() -> None:
    """While open nobody asks; after that one does, and the next waits for the result."""
    opened = _failed(5)
    assert not breaker.may_ask(opened, NOW + 29)
    assert breaker.may_ask(opened, NOW + 30)
    trying = breaker.asked(opened, NOW + 30)
    assert trying.state is State.HALF_OPEN
    assert not breaker.may_ask(trying, NOW + 31)


def test_the_one_try_decides() -> None:
    """A success closes, one more failure opens for another 30 seconds."""
    trying = breaker.asked(_failed(5), NOW + 30)
    assert breaker.answered(trying, NOW + 31, is_success=True) == Breaker(State.CLOSED, 0, NOW + 31)
    again = breaker.answered(trying, NOW + 31, is_success=False)
    assert again.state is State.OPEN
    assert not breaker.may_ask(again, NOW + 60)
    assert breaker.may_ask(again, NOW + 61)


def test_a_try_that_never_ended_does_not_keep_it_shut() -> None:
    """When the one who tried was cut off, another tries 30 seconds later."""
    trying = breaker.asked(_failed(5), NOW + 30)
    assert breaker.may_ask(trying, NOW + 60)
    assert breaker.asked(trying, NOW + 60).state is State.HALF_OPEN


def test_the_table_is_whole() -> None:
    """Every state knows every event, but a closed breaker has nothing to rest from."""
    wanted = {(state, event) for state in State for event in Event}
    assert wanted - set(breaker.MOVES) == {(State.CLOSED, Event.RESTED)}


@given(st.lists(st.tuples(st.integers(-100, 100), st.booleans()), max_size=60))
def test_whatever_happened_it_is_asked_again_within_half_a_minute(
    history: list[tuple[int, bool]],
) -> None:
    """No history, with clocks that jump and answers that come late, shuts it for longer."""
    found, now = Breaker(), NOW
    for step_s, is_success in history:
        now += step_s
        if breaker.may_ask(found, now):
            found = breaker.asked(found, now)
        found = breaker.answered(found, now, is_success=is_success)
        assert breaker.may_ask(found, max(now, found.since_epoch_s) + breaker.OPEN_S)
        assert (found.state is State.CLOSED) == (found.failures < breaker.FAILURES)
