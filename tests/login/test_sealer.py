"""The run that seals the record: every event once, whatever dies or runs beside it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from login import audit, seal_store, sealer, seals
from schoolpoort import aws as product_aws
from schoolpoort import dynamodb, settings
from schoolpoort.errors import StoreUnavailable
from tests.amounts import often
from tests.login.door import Door

STREAM = "school#42"


class Time:
    """A run with so many calls of time left."""

    def __init__(self, rounds: int = 10**6) -> None:
        self.rounds = rounds

    def get_remaining_time_in_millis(self) -> int:
        """Return much, and nothing once the rounds are over."""
        self.rounds -= 1
        return 300_000 if self.rounds >= 0 else 0


def write(door: Door, count: int, scope: str = STREAM) -> None:
    """Let staff sign in some times."""
    for number in range(count):
        made = audit.event(
            nonce=f"{door.now_epoch_s}-{number}-{scope}",
            action="sign_in",
            outcome="done",
            reason="signed_in",
            account_id="7",
            scope=scope,
            at_epoch_s=door.now_epoch_s,
        )
        dynamodb.put(settings.require("SIGN_IN_EVENTS_TABLE"), made)


def verdict(door: Door, stream: str = STREAM) -> seals.Verdict:
    """Hold a stream against its seals."""
    found = seal_store.record_of(stream)
    return seals.verify(found.head, found.chain, found.events, now_epoch_s=door.now_epoch_s)


def seal(door: Door, stream: str = STREAM) -> int:
    """Seal one stream now."""
    return sealer.seal_stream(stream, now_epoch_s=door.now_epoch_s)


def test_events_are_sealed_once_they_are_old_enough(door: Door) -> None:
    """What is being written now is left alone; later all of it stands in one seal, once."""
    write(door, 3)
    assert seal(door) == 0
    assert verdict(door) == seals.Verdict((), 0, 0, 3)
    door.move_clock(sealer.LEFT_ALONE_S + 1)
    assert seal(door) == 1
    assert seal(door) == 0
    assert verdict(door) == seals.Verdict((), 1, 3, 0)


def test_many_events_make_many_seals(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seal takes as many as fit; the next goes on behind it."""
    monkeypatch.setattr(seals, "MOST_EVENTS", 4)
    write(door, 10)
    door.move_clock(sealer.LEFT_ALONE_S + 1)
    assert seal(door) == 3
    assert verdict(door) == seals.Verdict((), 3, 10, 0)


def test_a_run_seals_every_stream(door: Door) -> None:
    """Staff and pupils of every school that DUO lists, and attempts without a school."""
    for school_id in ("42", "43"):
        place = {"entry": f"location#0{school_id}A", "school_id": school_id}
        dynamodb.put(settings.require("REGISTRY_TABLE"), place)
    streams = ["school#42", "pupils#43", "none"]
    write(door, 2, "school#42")
    write(door, 1, "helpdesk")
    made = audit.event(
        nonce="p",
        action="pin",
        outcome="refused",
        reason="pin_wrong",
        account_id="pupil-3",
        scope="school#43",
        at_epoch_s=door.now_epoch_s,
        pupil_at="school",
    )
    dynamodb.put(settings.require("SIGN_IN_EVENTS_TABLE"), made)
    door.move_clock(sealer.LEFT_ALONE_S + 1)
    assert sealer.handler({}, Time()) == {"streams": 5, "seals": 3}
    assert [verdict(door, one).sealed for one in streams] == [2, 1, 1]


def test_a_run_out_of_time_goes_on_next_time(door: Door) -> None:
    """It stops between streams, and the next hour begins elsewhere."""
    write(door, 1, "helpdesk")
    door.move_clock(sealer.LEFT_ALONE_S + 1)
    assert sealer.handler({}, Time(rounds=0)) == {"streams": 0, "seals": 0}
    assert sealer.handler({}, Time())["seals"] == 1
    many = [str(number) for number in range(50)]
    assert sealer._in_turn(many, 0) != sealer._in_turn(many, 3600)
    assert sorted(sealer._in_turn(many, 0)) == sorted(many)


def test_a_run_that_dies_anywhere_leaves_a_whole_record(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before or after each AWS call in turn, the next run makes the chain of one run."""
    monkeypatch.setattr(seals, "MOST_EVENTS", 2)
    events = product_aws.client("dynamodb").meta.events
    place = 0
    while True:
        stream = f"school#{1000 + place}"
        write(door, 5, stream)
        door.move_clock(sealer.LEFT_ALONE_S + 1)
        calls = 0

        def die(**_: Any) -> None:
            nonlocal calls
            calls += 1
            # Even places die before a call is sent, odd ones when its answer is on the way.
            if calls == place // 2 + 1:  # noqa: B023
                raise StoreUnavailable

        moment = _MOMENTS[place % 2]
        events.register(f"{moment}.dynamodb", die, unique_id="death")
        try:
            seal(door, stream)
            died = False
        except StoreUnavailable:
            died = True
        finally:
            events.unregister(f"{moment}.dynamodb", unique_id="death")
        seal(door, stream)
        assert verdict(door, stream) == seals.Verdict((), 3, 5, 0)
        if not died:
            break
        place += 1
    assert place >= 14


_MOMENTS = ("before-send", "after-call")


@pytest.mark.soak
def test_runs_at_once_seal_every_event_once(door: Door) -> None:
    """Eight runs beside each other: one chain, no event twice, none left out."""
    for number in range(min(often(1), 10)):
        stream = f"school#{2000 + number}"
        write(door, 6, stream)
        door.move_clock(sealer.LEFT_ALONE_S + 1)
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _, stream=stream: seal(door, stream), range(8)))
        assert sum(made) == 1
        assert verdict(door, stream) == seals.Verdict((), 1, 6, 0)


def test_an_event_written_late_shows_as_slipped_in(door: Door) -> None:
    """Nobody writes into the past: what is added behind the seal is found."""
    write(door, 2)
    past = door.now_epoch_s
    door.move_clock(sealer.LEFT_ALONE_S + 1)
    seal(door)
    door.now_epoch_s = past - 10
    write(door, 1)
    door.now_epoch_s = past + 1000
    assert [fault.code for fault in verdict(door).faults] == ["event_slipped_in"]


def test_nobody_may_change_or_remove_an_event() -> None:
    """No role of the template can update or delete in the record, or write seals but the sealer."""
    from infra.local import template

    writers = set()
    for function in template.functions():
        for statement in template.statements(function):
            named = str(statement["Resource"])
            actions = set(statement["Action"])
            if "SignInEventsTable" in named or "SignInSealsTable" in named:
                assert not actions & {"dynamodb:UpdateItem", "dynamodb:DeleteItem"}
                assert not {one for one in actions if "BatchWrite" in one}
            if "SignInSealsTable" in named and "dynamodb:PutItem" in actions:
                writers.add(function)
            if "SignInEventsTable" in named and "dynamodb:PutItem" in actions:
                assert function in {"LoginFunction", "PasskeyFunction", "TroubleFunction"}
    assert writers == {"SealerFunction"}
