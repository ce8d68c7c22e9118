"""Whether two kinds of requests take as long: the statistic, and the page about a measurement.

Pairs of seconds are taken in turns, so that a busy moment falls on both alike. The median of their
differences is resampled (bootstrap, percentiles); its 95 % interval has to lie within 2 ms or 3 %
of the median of what they are compared with.
"""

import datetime as dt
import os
import platform
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "timing.md"
_LARGEST_S = 0.002
_LARGEST_SHARE = 0.03
_RESAMPLES = 1_000
_TAIL = 0.025
_METHOD = """\
{ways} ways to ask after somebody, {rounds} times each, {day}, CPython {version}, {cores} cores.
Each is sent in turns with the same page for an address that nobody has; status, headers, names of
cookies and size are equal every time. Seconds are CPU of the thread that answers, without what the
emulated AWS in the same process takes; the calls are the same for both, which `make test` counts.
The 95 % interval of the median difference (bootstrap) has to lie within 2 ms or 3 %.
`TIMING_ROUNDS=2000 make soak` measures anew.
"""
_PLANTED = "A leak of 5 ms, planted for this, was seen in {red} of {runs} runs of {rounds} pairs."


@dataclass(frozen=True, slots=True)
class Gap:
    """The median difference of pairs in seconds, its 95 % interval, and how much is allowed."""

    median_s: float
    low_s: float
    high_s: float
    allowed_s: float

    @property
    def is_within(self) -> bool:
        """Say whether the whole interval lies within what is allowed."""
        return -self.allowed_s <= self.low_s and self.high_s <= self.allowed_s


def gap(pairs: Sequence[tuple[float, float]], *, seed: int = 1) -> Gap:
    """Return how much longer the first of each pair took than the second."""
    differences = [one - other for one, other in pairs]
    chance = random.Random(seed)
    medians = sorted(
        statistics.median(chance.choices(differences, k=len(differences)))
        for _ in range(_RESAMPLES)
    )
    beside = int(_TAIL * _RESAMPLES)
    usual = statistics.median(other for _, other in pairs)
    return Gap(
        statistics.median(differences),
        medians[beside],
        medians[-beside - 1],
        max(_LARGEST_S, _LARGEST_SHARE * usual),
    )


def page(
    taken: Mapping[str, Sequence[tuple[float, float]]],
    *,
    planted: Sequence[Gap],
    planted_rounds: int,
) -> str:
    """Return the page about a measurement: each path, and how often a planted leak was seen."""
    rounds = min(map(len, taken.values()))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    red = sum(not one.is_within for one in planted)
    lines = [
        "# Who is known: time",
        "",
        _METHOD.format(
            ways=len(taken),
            rounds=rounds,
            day=day,
            version=platform.python_version(),
            cores=os.cpu_count(),
        ),
        "| | median, ms | difference, ms | 95 % interval | |",
        "|---|---|---|---|---|",
    ]
    for name, pairs in taken.items():
        found = gap(pairs)
        usual = statistics.median(one for one, _ in pairs)
        verdict = "held" if found.is_within else "**missed**"
        lines.append(
            f"| {name} | {usual * 1000:.1f} | {found.median_s * 1000:+.2f}"
            f" | {found.low_s * 1000:+.2f} to {found.high_s * 1000:+.2f} | {verdict} |"
        )
    lines += ["", _PLANTED.format(red=red, runs=len(planted), rounds=planted_rounds)]
    return "\n".join(lines) + "\n"
