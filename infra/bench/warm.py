"""Full sign-ins in one warm process, beside the floor that argon2id or their AWS calls set.

AWS is answered below botocore, siteverify by a server in the parent over loopback. Sign-ins and
bare verifications of the same hash take turns in blocks of ten.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.bench import cold_start, environment

REPORT = environment.ROOT / "docs" / "benchmarks" / "sign-in-warm.md"
_OF_FLOOR = 0.8
_P95_MS = 150.0
_PLACE_OF_P95 = 94
_OF_CALLS = 1.5
_CHILDREN = {"picture": "group and picture", "pin": "and a PIN"}
"""The ways in of infra.bench.subjects.children, in words."""


def measure(python: Path) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds, of CPU and on the wall, of each sign-in and of each floor."""
    with cold_start.siteverify() as port:
        return _samples(python, "warm", port) | _samples(python, "children", port)


def _samples(python: Path, subject: str, port: int) -> dict[str, list[tuple[float, float]]]:
    code = (
        f"import sys; sys.path.insert(0, {str(environment.SOURCES)!r}); "
        f"from infra.bench.subjects import {subject}; {subject}.run()"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [str(python), "-I", "-c", code],
        env=cold_start.variables(port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, list[tuple[float, float]]] = json.loads(done.stderr.strip().splitlines()[-1])
    return found


def report(samples: Mapping[str, list[tuple[float, float]]]) -> tuple[str, bool]:
    """Return the page about a measurement, and whether both bars are held."""
    cpu = {name: [one for one, _ in found] for name, found in samples.items()}
    wall = [one for _, one in samples["sign_in"]]
    rate = {name: 1 / statistics.fmean(found) for name, found in cpu.items()}
    p95_ms = statistics.quantiles(wall, n=100)[_PLACE_OF_P95] * 1000
    what = f"One process, CPython 3.13, {platform.machine()}, {os.cpu_count()} cores, {len(wall)}"
    share = rate["sign_in"] / rate["floor"]
    is_share, is_p95 = share >= _OF_FLOOR, p95_ms < _P95_MS
    times = {
        door: statistics.fmean(cpu[door]) / statistics.fmean(cpu[f"{door} floor"])
        for door in _CHILDREN
    }
    slowest = max(times.values())
    is_children = slowest <= _OF_CALLS
    lines = [
        "# Signing in: a warm process",
        "",
        f"{what} sign-ins: everything of a sign-in with",
        "a password, argon2id (19 MiB, 2 passes) and the pepper included; AWS answered below",
        "botocore, siteverify over loopback. The floor is argon2id alone, in turns of ten with it.",
        "A second is one of CPU, as a core is what is paid for; the 95 % is on the wall clock.",
        "`make bench` measures anew.",
        "",
        "| | a second of a core | median of CPU, ms |",
        "|---|---|---|",
        *(
            f"| {words} | {rate[name]:.1f} | {statistics.median(cpu[name]) * 1000:.1f} |"
            for name, words in (("floor", "argon2id alone"), ("sign_in", "**a whole sign-in**"))
        ),
        "",
        f"- at least {_OF_FLOOR:.0%} of the floor: {share:.0%}, {_verdict(is_held=is_share)}",
        f"- 95 of 100 within {_P95_MS:.0f} ms: {p95_ms:.0f} ms, {_verdict(is_held=is_p95)}",
        "",
        "## Children at school",
        "",
        "A school of two hundred pupils. The floor is the same calls with the same parameters,",
        "alone in the same botocore client; for a PIN, its one argon2id too.",
        "",
        "| | a second of a core | median of CPU, ms | of its floor | x floor |",
        "|---|---|---|---|---|",
        *(
            f"| {words} | {rate[door]:.0f} | {statistics.median(cpu[door]) * 1000:.1f}"
            f" | {statistics.median(cpu[f'{door} floor']) * 1000:.1f} | {times[door]:.2f} |"
            for door, words in _CHILDREN.items()
        ),
        "",
        f"- within {_OF_CALLS} times its own calls: {slowest:.2f}, {_verdict(is_held=is_children)}",
    ]
    return "\n".join(lines) + "\n", is_share and is_p95 and is_children


def _verdict(*, is_held: bool) -> str:
    return "held" if is_held else "**missed**"


def main() -> int:
    """Measure, print, write the page; 1 when a bar is missed."""
    try:
        python = environment.prepare()
    except environment.NoPython as error:
        print(error, file=sys.stderr)
        return 2
    text, is_held = report(measure(python))
    REPORT.write_text(text, "utf-8")
    print(text)
    return 0 if is_held else 1


if __name__ == "__main__":
    raise SystemExit(main())
