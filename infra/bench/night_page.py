"""What a simulated night means at AWS: money for a month, functions at once, time; as a page.

Prices are list prices of eu-west-1 in US dollars, without what accounts get for free. DynamoDB's
are those that Ireland had before 1 November 2024, halved, as AWS announced for that day.
"""

import datetime as dt
import os
import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local import template

if TYPE_CHECKING:
    from infra.bench.night import Amounts, Found

REPORT = template.ROOT / "docs" / "benchmarks" / "night.md"

_SCHOOLS = 8_000
_NIGHTS = 30
_MOST_CPU_S = 300
_MOST_DOLLARS = 5.0
_WAITS_S = (1, 5, 15)

_MILLION = 1_000_000
_WRITE_UNIT = 1.4135 / 2 / _MILLION
_READ_UNIT = 0.283 / 2 / _MILLION
_GIB_MONTH_STORED = 0.283
_SQS_REQUEST = 0.40 / _MILLION
_KMS_REQUEST = 0.03 / 10_000
_LAMBDA_REQUEST = 0.20 / _MILLION
_GIB_S = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
_SOURCES = """\
| price | for | source |
|---|---|---|
| 0.70675 $ a million write units, 0.1415 $ a million read units, 0.283 $ a GiB stored | DynamoDB, \
on demand | aws.amazon.com/dynamodb/pricing/on-demand: 1.4135 and 0.283 until October 2024, halved \
since 1 November 2024 (AWS Database Blog) |
| 0.40 $ a million requests | SQS, standard queues | aws.amazon.com/sqs/pricing |
| 0.03 $ for 10,000 requests | KMS | aws.amazon.com/kms/pricing |
| 0.20 $ a million requests, 0.0000133334 $ a GiB-second on arm64 | Lambda | \
aws.amazon.com/lambda/pricing |
"""

_MEMORY_OF_A_CPU_MIB = 1769
"""AWS gives a function one whole processor at this much memory."""

_CALL_S = 0.010
"""What a call to AWS is taken to last, the SDK's own work included; assumed, not measured."""

_POLLERS = 5
_LONG_POLL_S = 20
_MONTH_S = 30 * 24 * 60 * 60
_SHARES = {"ParnasSysAtOnce": 0.5, "EsisAtOnce": 0.4}


@dataclass(frozen=True, slots=True)
class Worker:
    """The worker as the template has it, and for how long a night needs one."""

    memory_mib: int
    architecture: str
    own_s: float
    """How long a delivery lasts without the waiting for a system."""

    def lasts_s(self, wait_s: float) -> float:
        """Return how long a delivery lasts with a system that takes so long."""
        return self.own_s + wait_s

    def dollars(self, deliveries: float, asked: float, wait_s: float) -> float:
        """Return what so many deliveries cost, of which so many asked a system."""
        seconds = deliveries * self.own_s + asked * wait_s
        return seconds * self.memory_mib / 1024 * _GIB_S[self.architecture]


def worker_of(found: "Found") -> Worker:
    """Return the worker of the template, with what a night measured."""
    functions = dict(template.resources("AWS::Serverless::Function"))
    memory = int(functions["RosterWorkerFunction"]["Properties"]["MemorySize"])
    cpu_s = found.our_cpu_s / found.deliveries * _MEMORY_OF_A_CPU_MIB / memory
    calls_s = sum(found.calls.values()) / found.deliveries * _CALL_S
    return Worker(memory, _default("Architecture"), cpu_s + calls_s)


def _default(parameter: str) -> Any:
    return template.load()["Parameters"][parameter]["Default"]


def costs(found: "Found", worker: Worker) -> dict[str, float]:
    """Return dollars a month for all schools, by service, without the waiting for systems."""
    times = _SCHOOLS / found.schools * _NIGHTS
    calls = {
        service: sum(number for name, number in found.calls.items() if name.startswith(service))
        for service in ("sqs", "kms", "s3")
    }
    polled = 2 * found.deliveries
    idle = 3 * _POLLERS * _MONTH_S / _LONG_POLL_S
    stored_gib = found.stored_bytes / found.schools * _SCHOOLS / 2**30
    return {
        "DynamoDB, written": found.units["write"] * times * _WRITE_UNIT,
        "DynamoDB, read": found.units["read_halves"] / 2 * times * _READ_UNIT,
        "DynamoDB, stored": stored_gib * _GIB_MONTH_STORED,
        "SQS, messages": (calls["sqs"] + polled) * times * _SQS_REQUEST,
        "SQS, Lambda's asking of three empty queues day and night": idle * _SQS_REQUEST,
        "KMS": calls["kms"] * times * _KMS_REQUEST,
        "S3 (a night uses none)": calls["s3"] * times,
        "Lambda, our own work": found.deliveries * times * _LAMBDA_REQUEST
        + worker.dollars(found.deliveries, 0, 0) * times,
    }


def page(found: "Found", amounts: "Amounts", people: int) -> tuple[str, bool]:
    """Return the page about a night, and whether every bar is held."""
    worker = worker_of(found)
    by_service = costs(found, worker)
    times = _SCHOOLS / found.schools * _NIGHTS
    waits = {wait: worker.dollars(0, found.asked, wait) * times for wait in _WAITS_S}
    cpu_s = found.our_cpu_s * _SCHOOLS / found.schools
    total = sum(by_service.values()) + waits[1]
    bars = (
        ("nothing wrong at any school", f"{len(found.wrong)} wrong", not found.wrong),
        (f"{_SCHOOLS:,} schools under {_MOST_CPU_S} s on one core", f"{cpu_s:.0f} s",
         cpu_s < _MOST_CPU_S),
        (f"at most {_MOST_DOLLARS:.0f} $ a month, waiting 1 s", f"{total:.2f} $",
         total <= _MOST_DOLLARS),
    )  # fmt: skip
    lines = [
        "# A night of every school",
        "",
        _method(found, amounts, people),
        *(f"- {bar}: {said}, {'held' if held else '**missed**'}" for bar, said, held in bars),
        "",
        *_what_happened(found, amounts),
        *_money(by_service, waits, worker),
        *_time(found, worker),
        "## Prices",
        "",
        _SOURCES,
        "List prices of 2025, entered by hand; `make bench` does not read them again.",
        "Not in it: data transfer, logs, alarms, backups, the mails, and the dollar a month for",
        "each key of KMS, which the whole house shares.",
    ]
    return "\n".join(lines) + "\n", all(held for _, _, held in bars)


def _method(found: "Found", amounts: "Amounts", people: int) -> str:
    extent = (
        "Nothing is extrapolated but the month."
        if found.schools == _SCHOOLS
        else f"**Measured with {found.schools:,} schools; all else is that, times "
        f"{_SCHOOLS / found.schools:g}.**"
    )
    python = f"{platform.python_implementation()} {platform.python_version()}"
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return f"""\
`make bench`, {python}, {platform.machine()}, {os.cpu_count()} cores, {day}.

{found.schools:,} schools of {people} people are planned, asked, read, compared, written and judged
by the product's own planner, worker, reader, plan, brake and stores. Each person changes with one
chance in a hundred. {amounts.faulting:.0%} of the schools have a system with a bad night,
{amounts.weather.throttled:.0%} of the tries at AWS are throttled, {amounts.weather.killed:.1%} of
the writes are a worker's last (a batch may be half written then), and {amounts.twice:.0%} of the
messages come twice. DynamoDB, SQS, KMS and the systems answer from memory; the SDK's own work and
the network are not in the processor time. A planner that is cut off plans again; the second
message of a school that is done by then is counted ("planned twice") and not delivered.
{extent}
`NIGHT_SCHOOLS=500` makes a smaller night.
"""


def _what_happened(found: "Found", amounts: "Amounts") -> list[str]:
    per_school = ", ".join(
        f"{name} {number / found.schools:.2f}" for name, number in sorted(found.calls.items())
    )
    bad = round(found.schools * amounts.faulting)
    each_ms = found.our_cpu_s / found.schools * 1000
    write, read = (found.units[name] / found.schools for name in ("write", "read_halves"))
    kept = found.stored_bytes / found.schools / 1024
    return [
        "## What happened",
        "",
        f"- Runs: {_listed(found.outcomes)}.",
        f"- {bad} schools had a bad night; each is as it was, with its cause:",
        f"  {_listed(found.causes)}.",
        f"- Mishaps: {_listed(found.mishaps)}.",
        f"- {found.deliveries:,} deliveries for {found.schools:,} schools; no message is left.",
        f"- Our own code took {found.our_cpu_s:.1f} s, {each_ms:.1f} ms a school; the stand-ins",
        f"  took {found.stand_ins_cpu_s:.1f} s.",
        f"- Calls a school: {per_school}.",
        f"- A school costs {write:.1f} write units and {read / 2:.1f} read units a night, and",
        f"  keeps {kept:.0f} KiB.",
        "",
    ]


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counted.items())) or "none"


def _money(
    by_service: Mapping[str, float], waits: Mapping[int, float], worker: Worker
) -> list[str]:
    usual = sum(by_service.values())
    return [
        f"## What {_SCHOOLS:,} schools cost a month",
        "",
        f"{_NIGHTS} nights, the worker with {worker.memory_mib} MB on {worker.architecture}.",
        "",
        "| | $ a month |",
        "|---|---|",
        *(f"| {name} | {dollars:.2f} |" for name, dollars in by_service.items()),
        f"| all but the waiting | {usual:.2f} |",
        *(f"| Lambda, waiting {wait} s for a system | {waits[wait]:.2f} |" for wait in waits),
        *(f"| **all, waiting {wait} s** | **{usual + waits[wait]:.2f}** |" for wait in waits),
        "",
    ]


def _time(found: "Found", worker: Worker) -> list[str]:
    """Extrapolate how many workers there are at once, and for how long."""
    spread_s = int(_default("NightSpreadSeconds"))
    tries = found.deliveries / found.schools
    rows = []
    for wait in _WAITS_S:
        lasts_s = worker.lasts_s(wait) * tries
        ends = {
            name: max(spread_s, _SCHOOLS * share * lasts_s / int(_default(name)))
            for name, share in _SHARES.items()
        }
        told = [f"{seconds / 60:.0f}" for seconds in ends.values()]
        rows.append(f"| {wait} s | {' | '.join(told)} | {_SCHOOLS * lasts_s / spread_s:.0f} |")
    caps = ", ".join(f"{name} {_default(name)}" for name in _SHARES)
    return [
        "## How many at once, and how long",
        "",
        f"Reckoned, not measured: a delivery lasts {worker.own_s * 1000:.0f} ms and the waiting:",
        "our processor time at the worker's share of a processor, and for each call to AWS",
        f"{_CALL_S * 1000:.0f} ms, assumed. Half of the schools have ParnasSys and four tenths",
        f"ESIS; {caps} are the template's. Messages are spread over {spread_s // 60} minutes.",
        "",
        "| waiting | ParnasSys, minutes | ESIS, minutes | at once, to end with the spread |",
        "|---|---|---|---|",
        *rows,
        "",
    ]
