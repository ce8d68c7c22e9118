"""The chain over the record shows every change, gap, swap and addition."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import audit, seals
from login.seals import Head, Verdict

NOW = 1_800_000_000
STREAM = "school#42"


def events(count: int, first_at: int = NOW, *, keep_s: int | None = None) -> list[dict[str, Any]]:
    """Return events of one stream, a second apart."""
    made = [
        audit.event(
            nonce=f"{first_at}-{number}",
            action="sign_in",
            outcome="done",
            reason="signed_in",
            account_id=str(number),
            scope=STREAM,
            at_epoch_s=first_at + number,
        )
        for number in range(count)
    ]
    if keep_s is not None:
        for one in made:
            one["expires_at_epoch_s"] = one["at_epoch_s"] + keep_s
    return made


def chained(parts: list[list[dict[str, Any]]]) -> tuple[Head, list[dict[str, Any]]]:
    """Return the head and the seals over parts of a stream."""
    head, chain = Head(STREAM), []
    for part in parts:
        chain.append(seals.seal(head, part, now_epoch_s=NOW + 3600))
        head = seals.head_after(chain[-1])
    return head, chain


def verdict(
    head: Head, chain: list[dict[str, Any]], found: list[dict[str, Any]], now: int = NOW + 7200
) -> Verdict:
    """Verify."""
    return seals.verify(head, chain, found, now_epoch_s=now)


def codes(found: Verdict) -> set[str]:
    """Return what is wrong."""
    return {fault.code for fault in found.faults}


@pytest.fixture
def parts() -> list[list[dict[str, Any]]]:
    """Three parts of a stream, sealed one after the other."""
    return [events(3), events(2, NOW + 100), events(4, NOW + 200)]


def test_a_record_as_it_was_written_is_whole(parts: list[list[dict[str, Any]]]) -> None:
    """All sealed, the youngest waiting; an empty stream is whole too."""
    head, chain = chained(parts[:2])
    found = verdict(head, chain, [event for part in parts for event in part])
    assert found == Verdict((), seals=2, sealed=5, waiting=4)
    assert verdict(Head(STREAM), [], []).is_whole


@pytest.mark.parametrize("position", range(9))
def test_a_changed_event_is_found(parts: list[list[dict[str, Any]]], position: int) -> None:
    """One word in any event is enough."""
    head, chain = chained(parts)
    found = [event for part in parts for event in part]
    found[position] = found[position] | {"outcome": "refused"}
    assert codes(verdict(head, chain, found)) == {"event_changed"}


@pytest.mark.parametrize("position", range(9))
def test_an_event_that_is_gone_is_found(parts: list[list[dict[str, Any]]], position: int) -> None:
    """Also the first and the last."""
    head, chain = chained(parts)
    found = [event for part in parts for event in part]
    del found[position]
    assert codes(verdict(head, chain, found)) == {"event_missing"}


def test_an_event_that_was_slipped_in_is_found(parts: list[list[dict[str, Any]]]) -> None:
    """What stands before the head and in no seal came too late."""
    head, chain = chained(parts)
    found = [event for part in parts for event in part] + events(1, NOW + 50)
    assert codes(verdict(head, chain, found)) == {"event_slipped_in"}


def test_events_in_another_order_are_found(parts: list[list[dict[str, Any]]]) -> None:
    """The order within a seal and between seals is part of what happened."""
    within = [[parts[0][1], parts[0][0], parts[0][2]], *parts[1:]]
    between = [parts[1], parts[0], parts[2]]
    for wrong in (within, between):
        head, chain = chained(wrong)
        found = [event for part in parts for event in part]
        assert "event_reordered" in codes(verdict(head, chain, found))


@pytest.mark.parametrize("number", range(3))
def test_a_seal_that_is_gone_or_changed_is_found(
    parts: list[list[dict[str, Any]]], number: int
) -> None:
    """Without a seal the links do not meet; with another content its hash does not fit."""
    head, chain = chained(parts)
    found = [event for part in parts for event in part]
    less = chain[:number] + chain[number + 1 :]
    assert not verdict(head, less, found).is_whole
    changed = list(chain)
    changed[number] = chain[number] | {"sealed_at_epoch_s": 1}
    assert "seal_changed" in codes(verdict(head, changed, found))
    assert not verdict(head, [], found).is_whole


def test_a_forged_seal_breaks_the_next(parts: list[list[dict[str, Any]]]) -> None:
    """Who reseals a part must reseal all that follow, and then the head differs."""
    head, chain = chained(parts)
    forged = [parts[0][:2], parts[1], parts[2]]
    other_head, other_chain = chained(forged)
    found = [event for part in forged for event in part]
    assert "chain_broken" in codes(verdict(head, [other_chain[0], *chain[1:]], found))
    assert codes(verdict(head, other_chain, found)) == {"head_differs"}
    assert other_head.hash != head.hash


def test_what_expired_may_be_gone_or_not() -> None:
    """Bodies of a month beside bodies of a year: the chain stays whole as they go."""
    short, long = events(3, keep_s=1000), events(3, NOW + 10)
    head, chain = chained([short + long])
    assert verdict(head, chain, long, now=NOW + 5000).is_whole
    assert verdict(head, chain, short + long, now=NOW + 5000).is_whole
    assert codes(verdict(head, chain, long, now=NOW + 500)) == {"event_missing"}


def test_seals_expire_from_the_oldest_on() -> None:
    """A seal never ends before an older one, so what is left is always the end of the chain."""
    head, chain = chained([events(2), events(2, NOW + 100, keep_s=10), events(2, NOW + 200)])
    ends = [one["expires_at_epoch_s"] for one in chain]
    assert ends == sorted(ends)
    late = ends[0]
    left = events(2, NOW + 200)
    assert verdict(head, chain[1:], left, now=late).is_whole
    assert codes(verdict(head, chain[1:], left, now=late - 1)) == {"seal_missing"}
    assert verdict(head, [], [], now=ends[-1]).is_whole
    assert codes(verdict(head, [], [], now=ends[-1] - 1)) == {"seal_missing"}


@given(st.data())
def test_every_single_harm_is_found(data: st.DataObject) -> None:
    """However a stream is cut into seals, one harm anywhere is never whole."""
    found = events(data.draw(st.integers(2, 12)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(found) - 1), max_size=4)))
    bounds = [0, *cuts, len(found)]
    parts = [found[a:b] for a, b in itertools.pairwise(bounds)]
    head, chain = chained(parts)
    assert verdict(head, chain, found).is_whole
    place = data.draw(st.integers(0, len(found) - 1))
    match data.draw(st.sampled_from(["change", "drop", "swap"])):
        case "change":
            name = data.draw(st.sampled_from(sorted(found[place])))
            found[place] = found[place] | {name: "other"}
        case "drop":
            del found[place]
        case "swap":
            other = (place + 1) % len(found)
            one, two = found[place]["account_id"], found[other]["account_id"]
            found[place] = found[place] | {"account_id": two}
            found[other] = found[other] | {"account_id": one}
    assert not verdict(head, chain, found).is_whole
