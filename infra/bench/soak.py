"""The long runs: every property and race of the suite, ten times as often as in `make test`.

Writes down when, with which seed and how much was tried, so that a run can be repeated.
"""

import datetime as dt
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from infra.local.template import ROOT

REPORT = ROOT / "docs/benchmarks/soak.md"
_WORKERS = os.environ.get("WORKERS", "2")


def main() -> int:
    """Run, write the page when all passed, and return pytest's exit code."""
    seed = int(os.environ.get("SEED", secrets.randbelow(2**32)))
    print(f"seed {seed}; SEED={seed} make soak repeats this run", flush=True)
    with TemporaryDirectory() as place:
        results = Path(place, "results.xml")
        command = [
            *(sys.executable, "-m", "pytest", "-m", "soak", "-n", _WORKERS, "--dist", "loadgroup"),
            *(f"--hypothesis-seed={seed}", f"--junit-xml={results}", "-q"),
        ]
        settings = os.environ | {"SCHOOLPOORT_PROFILE": "soak"}
        code = subprocess.run(command, env=settings, cwd=ROOT, check=False).returncode  # noqa: S603
        if code == 0:
            REPORT.write_text(_page(results, seed), "utf-8")
    return code


def _page(results: Path, seed: int) -> str:
    suite = etree.parse(results).getroot()[0]
    cases: Counter[str] = Counter()
    took_s: Counter[str] = Counter()
    for case in suite.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name', '').partition('[')[0]}"
        cases[name] += 1
        took_s[name] += round(float(case.get("time", "0")))
    today = dt.datetime.now(dt.UTC).date().isoformat()
    lines = [
        "# Long runs",
        "",
        f"Every property and race of the suite, ten times as often as in `make test`: {today},",
        f"seed {seed}, {sum(cases.values())} runs, all passed. `SEED={seed} make soak` repeats it.",
        "",
        "| Property or race | Runs | Seconds |",
        "|---|---|---|",
        *(f"| `{name}` | {count} | {took_s[name]} |" for name, count in sorted(cases.items())),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
