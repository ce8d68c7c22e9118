"""Reading a roster of five thousand pupils beside peers: pupils a second, and memory.

Ours parses, checks, hashes, recognises, compares with what is stored and judges; the peers only
read into objects. Every sample is a fresh process; rounds are interleaved, so that a busy moment
of the machine falls on all alike.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.bench import environment
from infra.local import las_xml, rosters

REPORT = environment.ROOT / "docs" / "benchmarks" / "reading-rosters.md"
_ROUNDS = 7
_PUPILS_PER_GROUP = 625
_CHANGED_EVERY = 100
_LEAST_PUPILS_PER_S = 24_000
_LEAST_RATIO = 4.0
_MOST_MEMORY_MIB = 150


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a module of infra.bench.subjects and what it is in words."""

    module: str
    words: str


OWN = Subject("roster_own", "**ours: parse, check, hash, recognise, compare, judge**")
PEERS = (
    Subject("roster_pydantic_xml", "pydantic-xml, reading only"),
    Subject("roster_xsdata", "xsdata, reading only"),
    Subject("roster_zeep", "zeep, reading only"),
)

_METHOD = """\
One UWLR answer of {pupils} pupils ({megabytes:.1f} MB), one in a hundred of whom changed since the
night before. CPython {version}, {machine}, {cores} cores, {rounds} interleaved rounds of fresh
processes, best of four tries in each, medians of CPU time on one core. Memory is the most that a
process ever had, interpreter and imports included. Trust the ratios more than the numbers.
`make bench` measures anew.
"""


def _write(place: Path) -> tuple[Path, Path]:
    """Write the answers of two nights."""
    rows = rosters.of_school("99AA00", "2026-2027", pupils_per_group=_PUPILS_PER_GROUP)
    changed = tuple(
        replace(one, given_name=f"{one.given_name}e") if number % _CHANGED_EVERY == 0 else one
        for number, one in enumerate(rows.pupils)
    )
    before, after = place / "before.xml", place / "after.xml"
    before.write_bytes(las_xml.answer(rows))
    after.write_bytes(las_xml.answer(replace(rows, pupils=changed)))
    return before, after


def _sample(python: Path, subject: Subject, files: tuple[Path, Path]) -> dict[str, Any]:
    code = (
        f"import sys; sys.path.insert(0, {str(environment.SOURCES)!r}); "
        f"from infra.bench.subjects import {subject.module}; {subject.module}.run()"
    )
    command = [str(python), "-I", "-c", code, *map(str, files)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _row(subject: Subject, samples: list[dict[str, Any]], best_peer: float) -> str:
    rate = _rate(samples)
    memory = statistics.median(one["memory_mib"] for one in samples)
    return f"| {subject.words} | {rate:,.0f} | {rate / best_peer:.1f} | {memory:.0f} |"


def _rate(samples: list[dict[str, Any]]) -> float:
    return float(statistics.median(one["pupils"] / one["seconds"] for one in samples))


def report(
    samples: Mapping[str, list[dict[str, Any]]], version: str, megabytes: float
) -> tuple[str, bool]:
    """Return the page about a measurement, and whether every bar is held."""
    best_peer = max(_rate(samples[peer.module]) for peer in PEERS)
    own = _rate(samples[OWN.module])
    memory = max(one["memory_mib"] for one in samples[OWN.module])
    bars = (
        (f"at least {_LEAST_PUPILS_PER_S:,} pupils/s", f"{own:,.0f}", own >= _LEAST_PUPILS_PER_S),
        (
            f"at least {_LEAST_RATIO:.0f} times the best peer",
            f"{own / best_peer:.1f}",
            own >= best_peer * _LEAST_RATIO,
        ),
        (f"under {_MOST_MEMORY_MIB} MiB", f"{memory:.0f}", memory < _MOST_MEMORY_MIB),
    )
    lines = [
        "# Reading a roster",
        "",
        _METHOD.format(
            pupils=f"{samples[OWN.module][0]['pupils']:,}",
            megabytes=megabytes,
            version=version,
            machine=platform.machine(),
            cores=os.cpu_count(),
            rounds=len(samples[OWN.module]),
        ),
        "| | pupils/s | x best peer | memory, MiB |",
        "|---|---|---|---|",
        *(_row(subject, samples[subject.module], best_peer) for subject in (OWN, *PEERS)),
        "",
        *(f"- {bar}: {found}, {'held' if held else '**missed**'}" for bar, found, held in bars),
    ]
    return "\n".join(lines) + "\n", all(held for _, _, held in bars)


def main() -> int:
    """Measure, print, write the page; 1 when a bar is missed."""
    try:
        python = environment.prepare()
    except environment.NoPython as error:
        print(error, file=sys.stderr)
        return 2
    samples: dict[str, list[dict[str, Any]]] = {one.module: [] for one in (OWN, *PEERS)}
    with TemporaryDirectory() as place:
        files = _write(Path(place))
        megabytes = files[1].stat().st_size / 1_000_000
        for _ in range(_ROUNDS):
            for subject in (OWN, *PEERS):
                samples[subject.module].append(_sample(python, subject, files))
    asked = [str(python), "-I", "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603
    text, is_held = report(samples, version.stdout.strip(), megabytes)
    REPORT.write_text(text, "utf-8")
    print(text)
    return 0 if is_held else 1


if __name__ == "__main__":
    raise SystemExit(main())
