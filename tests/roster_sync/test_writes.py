"""What a run costs and survives: calls and written items counted, and death after any write."""

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.local import rosters
from infra.local.stand_ins import las
from roster_sync import roster_store, runs
from roster_sync.model import PersonKind
from roster_sync.pull import pull
from roster_sync.records import Snapshot
from roster_sync.runs import Outcome, Result, Run
from schoolpoort import aws, clock
from tests.amounts import IS_SOAK
from tests.roster_sync.samples import BRIN6, YEAR, as_roster
from tests.roster_sync.school import SCHOOL_ID, School

_WRITES = frozenset({"PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"})
_KIB = 1024


def _size(typed: Mapping[str, Any]) -> int:
    """Return the size of a value as DynamoDB reckons it, in bytes."""
    [(kind, value)] = typed.items()
    match kind:
        case "M":
            return 3 + sum(len(name) + 1 + _size(entry) for name, entry in value.items())
        case "L":
            return 3 + sum(1 + _size(entry) for entry in value)
        case "S" | "N":
            return len(value.encode())
        case "B":
            return len(value)
        case _:
            return 1


class Killed(BaseException):
    """The end of a process, which no code of ours can catch."""


@pytest.fixture
def written(school: School) -> Iterator[list[int]]:
    """Collect the write units of every item that is written: one for each KiB begun."""
    units: list[int] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        match model.name:
            case "BatchWriteItem":
                requests = [one for entries in params["RequestItems"].values() for one in entries]
                items = [one["PutRequest"]["Item"] for one in requests if "PutRequest" in one]
            case "PutItem":
                items = [params["Item"]]
            case "UpdateItem":
                items = [params.get("ExpressionAttributeValues", {})]
            case _:
                items = []
        units.extend(math.ceil(_size({"M": item}) / _KIB) for item in items)

    events = aws.client("dynamodb").meta.events
    events.register("before-parameter-build.dynamodb", note, unique_id="units")
    yield units
    events.unregister("before-parameter-build.dynamodb", unique_id="units")


def _run(school: School) -> Run:
    now = clock.now_epoch_s()
    return Run(runs.night_run_id(school.today()), "night", now, None, Result(Outcome.RUNNING))


def _people() -> Snapshot:
    return roster_store.contents(SCHOOL_ID, clock.now_epoch_s()).people


def test_writes_are_as_many_as_the_changes_and_reads_are_one_snapshot(
    school: School, written: list[int]
) -> None:
    """One of seventy left: he, his ECK iD, the reverse, the lease, the feed, the run; one Query."""
    school.link()
    pull(SCHOOL_ID, _run(school))
    school.next_day()
    las.set_fixture(BRIN6, "some_left")
    school.calls.clear()
    written.clear()
    pull(SCHOOL_ID, _run(school))
    assert sorted(school.calls) == [
        "BatchGetItem",
        "BatchWriteItem",
        "BatchWriteItem",
        "Decrypt",
        "PutItem",
        "Query",
        "UpdateItem",
        "UpdateItem",
        "UpdateItem",
    ]
    assert written == [1, 1, 1, 1, 1, 1]


def test_four_changes_are_eleven_written_items(school: School, written: list[int]) -> None:
    """Three new pupils with an ECK iD each and one who moves: the same four records beside them."""
    school.link()
    pull(SCHOOL_ID, _run(school))
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    written.clear()
    pull(SCHOOL_ID, _run(school))
    assert len(written) == 4 + 3 + 4


def test_first_night_writes_everybody_once(school: School, written: list[int]) -> None:
    """A school of ninety-six people and groups is ninety-six items and the four records."""
    school.link()
    written.clear()
    pull(SCHOOL_ID, _run(school))
    rows = rosters.of_school(BRIN6, YEAR)
    everybody = len(rows.pupils) + len(rows.staff) + len(rows.groups)
    people = _people()
    assert len(people.people) + len(people.groups) == everybody
    eck_ids_and_their_key = len(rows.pupils) + 1
    # The key of marks is made once for all schools; another test may have been first.
    assert len(written) - (everybody + eck_ids_and_their_key + 4) in {0, 1}


def _die_after(monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """Let the process end right after so many calls that write."""
    real = aws.client("dynamodb")._make_api_call
    done = []

    def call(operation: str, arguments: dict[str, Any]) -> Any:
        answer = real(operation, arguments)
        if operation in _WRITES:
            done.append(operation)
            if len(done) == last:
                raise Killed
        return answer

    monkeypatch.setattr(aws.client("dynamodb"), "_make_api_call", call)


@pytest.mark.parametrize("fixture", ["normal", "many_left", "moved", "key_twice"])
@pytest.mark.parametrize("last", range(1, 12) if IS_SOAK else (2, 3))
def test_run_that_dies_after_any_write_is_finished_by_the_next(
    school: School, last: int, fixture: str
) -> None:
    """First night or later, whatever was the last write: the same message ends with the LAS."""
    school.link()
    if fixture != "normal":
        pull(SCHOOL_ID, _run(school))
        school.next_day()
        las.set_fixture(BRIN6, fixture)
    before = set(_people().people)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _die_after(monkeypatch, last)
        with contextlib.suppress(Killed):
            pull(SCHOOL_ID, _run(school))
    pull(SCHOOL_ID, _run(school))
    held = roster_store.contents(SCHOOL_ID, clock.now_epoch_s()).held
    assert len(held.changes) == (8 if fixture == "many_left" else 0)
    assert len(held.apart) == (2 if fixture == "key_twice" else 0)
    people = _people()
    assert before <= set(people.people)
    assert len(people.active(PersonKind.PUPIL)) == (73 if fixture == "moved" else 70)
    identities = [(one.kind, one.key) for one in as_roster(people).people]
    assert len(identities) == len(set(identities))
    items = school.roster_items()
    school.next_day()
    pull(SCHOOL_ID, _run(school))
    assert school.roster_items() == items
