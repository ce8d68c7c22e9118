"""A chain of events shows every change, gap and swap."""

from typing import Any

import pytest

from dpa import event_chain


def _chain(length: int = 4) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for number in range(length):
        before = events[-1]["hash"] if events else ""
        events.append(event_chain.linked({"version": number, "who": "Ł’s"}, before))
    return events


def test_a_chain_as_it_was_made_is_whole() -> None:
    """The head is the hash of the last event; no events end in an empty text."""
    events = _chain()
    assert event_chain.is_whole(events, events[-1]["hash"])
    assert event_chain.is_whole([], "")


@pytest.mark.parametrize("position", range(4))
def test_a_changed_event_is_found(position: int) -> None:
    """One word in any event is enough."""
    events = _chain()
    head = events[-1]["hash"]
    events[position] = {**events[position], "who": "somebody else"}
    assert not event_chain.is_whole(events, head)


@pytest.mark.parametrize("position", range(4))
def test_an_event_that_is_gone_is_found(position: int) -> None:
    """Also the first and the last."""
    events = _chain()
    head = events[-1]["hash"]
    assert not event_chain.is_whole(events[:position] + events[position + 1 :], head)


def test_events_in_another_order_are_found() -> None:
    """The order is part of what happened."""
    first, second, third, fourth = _chain()
    assert not event_chain.is_whole([first, third, second, fourth], fourth["hash"])


def test_a_changed_event_with_a_new_hash_breaks_the_next_one() -> None:
    """Who rewrites one event must rewrite all that follow, and then the head differs."""
    events = _chain()
    head = events[-1]["hash"]
    forged = event_chain.linked({"version": 1, "who": "x"}, events[0]["hash"])
    assert not event_chain.is_whole([events[0], forged, *events[2:]], head)
    rebuilt = [events[0], forged]
    for number in (2, 3):
        said = {"version": number, "who": "Ł’s"}
        rebuilt.append(event_chain.linked(said, rebuilt[-1]["hash"]))
    assert not event_chain.is_whole(rebuilt, head)


def test_the_digest_does_not_hang_on_the_order_of_names() -> None:
    """What the store gives back in another order is the same event; a known value stays."""
    assert event_chain.digest({"b": 1, "a": "ł"}) == event_chain.digest({"a": "ł", "b": 1})
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert event_chain.digest({}) == empty
