"""Simulates a night of every school, and writes docs/benchmarks/night.md.

Planner, worker, reader, plan, brake and stores are those of the product; DynamoDB, SQS, KMS and
the administration systems answer from memory. Calls are throttled, processes end between writes,
systems have bad nights, and messages come twice. At the end every good school is what its system
says, every bad one is as it was and has a cause, and no message is left or lost.

Times are of the processor, on one core, of our own code: what the stand-ins take is counted apart.
"""

import json
import logging
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.bench import night_las, night_page
from infra.bench.memory_cloud import CALM, Cloud, Killed, Message, Weather
from infra.bench.night_las import BAD_NIGHTS, Systems, brin6_of
from infra.bench.night_stage import (
    DEAD_LETTERS,
    NIGHT_EPOCH_S,
    QUEUES,
    in_place_of_aws,
    link_of,
    live_the_day_before,
)
from schoolpoort import clock
from schoolpoort.errors import StoreUnavailable

_RECEIVED_MOST = 5


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many schools, which share of them has a bad night, and the weather at AWS."""

    schools: int = 8_000
    faulting: float = 0.02
    twice: float = 0.01
    weather: Weather = field(default_factory=Weather)
    seed: int = 1


@dataclass(slots=True)
class Found:
    """What a night came to; `wrong` says in words what must not be, and is empty."""

    schools: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    mishaps: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    deliveries: int = 0
    asked: int = 0
    stored_bytes: int = 0
    our_cpu_s: float = 0.0
    stand_ins_cpu_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def simulate(amounts: Amounts) -> Found:
    """Let a night pass and return what it came to."""
    cloud = Cloud(amounts.seed)
    with in_place_of_aws(cloud) as systems:
        return _Night(amounts, cloud, systems).pass_by()


class _Night:
    """One night, school by school, so that no more than some schools are in memory at a time."""

    def __init__(self, amounts: Amounts, cloud: Cloud, systems: Systems) -> None:
        self._amounts = amounts
        self._cloud = cloud
        self._systems = systems
        self._chance = random.Random(f"night {amounts.seed}")
        self._bad_kinds = list(BAD_NIGHTS)
        self._before: dict[str, dict[str, Any]] = {}
        self._done: set[str] = set()
        self._found = Found(schools=amounts.schools)

    def pass_by(self) -> Found:
        """Plan the night, work it off, hand out again what gave up, and count."""
        from roster_sync import night_store

        with self._cloud.unmetered():
            self._list_schools()
        self._cloud.weather = self._amounts.weather
        clock.replace_source(lambda: NIGHT_EPOCH_S)
        self._plan()
        self._work_off()
        while self._cloud.queues[DEAD_LETTERS]:
            with self._cloud.unmetered():
                self._found.mishaps["handed out again by the helpdesk"] += night_store.try_again(10)
            self._work_off()
        return self._counted()

    def _list_schools(self) -> None:
        from roster_sync import links
        from schoolpoort import dynamodb

        bad = {}
        numbers = range(self._amounts.schools)
        count = round(self._amounts.schools * self._amounts.faulting)
        for turn, number in enumerate(self._chance.sample(numbers, count)):
            bad[brin6_of(number)] = self._bad_kinds[turn % len(self._bad_kinds)]
        self._systems.bad = bad
        items = (links.listed_item(str(number), link_of(number, None)) for number in numbers)
        dynamodb.batch_write("ROSTER_TABLE", puts=items)

    def _plan(self) -> None:
        """Begin the night, again when it fails, as the scheduler does."""
        from roster_sync import planner

        while not self._ours(planner.handler, {}):
            self._found.mishaps["planned again"] += 1

    def _ours(self, handler: Any, event: Any) -> bool:
        """Let a function of ours answer an event, and say whether it came to an end."""
        from roster_sync import mark_key

        others, began = self._cloud.meter.own_cpu_s, time.process_time()
        try:
            return not handler(event, None).get("batchItemFailures")
        except Killed:
            # The next process knows nothing of this one.
            mark_key.mark_key.cache_clear()
            return False
        except (ClientError, StoreUnavailable):
            self._found.mishaps["ended by an error"] += 1
            return False
        finally:
            spent = self._cloud.meter.own_cpu_s - others
            self._found.our_cpu_s += time.process_time() - began - spent

    def _work_off(self) -> None:
        for name in QUEUES.values():
            queue = self._cloud.queues[name]
            while queue:
                message = queue.popleft()
                self._deliver(message)
                if message.received and message.received < _RECEIVED_MOST:
                    queue.insert(min(len(queue), 50), message)
                elif message.received:
                    self._cloud.queues[DEAD_LETTERS].append(Message(message.body))
                    self._found.mishaps["gave up"] += 1

    def _deliver(self, message: Message) -> None:
        """Let a worker have a message; afterwards `received` is 0 when it may be deleted."""
        from roster_sync import worker

        body = json.loads(message.body)
        number = int(body["school_id"])
        if str(number) in self._done:
            message.received = 0
            self._found.mishaps["planned twice"] += 1
            return
        if str(number) not in self._before:
            live_the_day_before(self._systems, number)
            self._before[str(number)] = self._kept(str(number))
        event = {"Records": [{"messageId": "1", "body": message.body}]}
        self._found.deliveries += 1
        self._systems.is_night = True
        message.received += 1
        if self._ours(worker.handler, event):
            if self._chance.random() < self._amounts.twice:
                self._found.mishaps["delivered twice"] += 1
                self._ours(worker.handler, event)
            message.received = 0
            self._judge(number)

    def _kept(self, school_id: str) -> dict[str, Any]:
        """Return what no bad night may touch: all but runs and the state of the link."""
        items = self._cloud.tables.items["ROSTER_TABLE"][school_id]
        passing = ("run#", "las_link")
        return {key: item for key, (item, _) in items.items() if not key.startswith(passing)}

    def _judge(self, number: int) -> None:
        """Compare a school with its system or with the day before, and let it go."""
        from roster_sync import store

        school_id, brin6 = str(number), brin6_of(number)
        with self._cloud.unmetered():
            result = store.latest_runs(school_id, 1)[0].result
            self._found.outcomes[result.outcome.value] += 1
            if brin6 in self._systems.bad:
                kind = self._systems.bad[brin6]
                self._found.causes[result.cause.value if result.cause else "none"] += 1
                is_right = result.cause == BAD_NIGHTS[kind]
                is_right &= self._kept(school_id) == self._before[school_id]
                what = f"after {kind}: {result.cause}"
            else:
                is_right = self._is_equal(school_id, brin6)
                what = f"not what its system says: {result.outcome} {result.cause}"
            if not is_right:
                self._found.wrong.append(f"school {brin6} {what}")
            for table in ("ROSTER_TABLE", "ECK_TABLE"):
                self._found.stored_bytes += self._cloud.tables.forget(table, school_id)
        self._done.add(school_id)
        self._before[school_id] = {}

    def _is_equal(self, school_id: str, brin6: str) -> bool:
        """Say whether a school has everybody of its system, with the ECK iDs that this gave."""
        from roster_sync import eck_store, roster_store

        rows = night_las.tonight(brin6)
        people = roster_store.contents(school_id, NIGHT_EPOCH_S).people
        marks = {
            one.key: one.eck_mark for one in people.people.values() if one.active and one.eck_mark
        }
        some = [*rows.pupils[::25], *(one for one in rows.pupils if one.key.startswith("n"))]
        sealed = all(
            eck_store.opened(school_id, marks.get(one.key, "")) == one.eck_id for one in some
        )
        return sealed and night_las.said(rows) == night_las.stored(people)

    def _counted(self) -> Found:
        found, meter = self._found, self._cloud.meter
        lost = self._amounts.schools - len(self._done)
        if lost:
            found.wrong.append(f"{lost} schools were never asked")
        found.mishaps += meter.mishaps
        found.calls, found.units = meter.calls, self._cloud.tables.units
        found.asked, found.stand_ins_cpu_s = self._systems.wait_count, meter.own_cpu_s
        self._cloud.weather = CALM
        return found


def main() -> int:
    """Simulate, print and write the page; 1 when something is wrong or a bar is missed."""
    from schoolpoort.log import logger

    logger.setLevel(logging.CRITICAL)
    amounts = Amounts(schools=int(os.environ.get("NIGHT_SCHOOLS", "8000")))
    found = simulate(amounts)
    text, is_held = night_page.page(found, amounts, night_las.PEOPLE)
    night_page.REPORT.write_text(text, "utf-8")
    print(text)
    for one in found.wrong[:20]:
        print(one, file=sys.stderr)
    return 0 if is_held and not found.wrong else 1


if __name__ == "__main__":
    raise SystemExit(main())
