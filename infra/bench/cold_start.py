"""The cold start of the sign-in function beside its peers: import and first sign-in.

Every sample is a fresh `python -I` that imports a subject and answers one sign-in; its CPU time
(user and system) is taken from the kernel when it ends. Rounds are interleaved, so that a busy
moment of the machine falls on all subjects alike. AWS is answered below botocore, siteverify by a
server in this process over loopback, the password hash is left out.
"""

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infra.bench import environment

REPORT = environment.ROOT / "docs" / "benchmarks" / "sign-in.md"
ROUNDS = 25
_HOST = "schoolpoort.example"
_TABLES = (
    "CREDENTIALS",
    "ACCOUNTS",
    "SESSIONS",
    "THROTTLE",
    "SIGN_IN_EVENTS",
    "SIGN_IN_ADDRESSES",
    "PUPIL_ACCESS",
    "ROSTER",
    "COVERAGE",
    "SCHOOL_LINKS",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a module of infra.bench.subjects and what it is in words."""

    module: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The sign-in function may cost at most so many times a peer."""

    peer: Subject
    at_most: float


PYTHON = Subject("python", "bare interpreter")
LOGIN = Subject("login", "**the sign-in function**")
BARE = Subject("bare", "bare boto3 handler, same calls")
FASTAPI = Subject("fastapi_mangum", "FastAPI + Mangum, same calls")
SUBJECTS = (PYTHON, LOGIN, BARE, FASTAPI)
BARS = (Bar(BARE, 1.25), Bar(FASTAPI, 0.65))

_METHOD = """\
Import and first sign-in in a fresh `python -I`, CPython {version}, {machine}, {cores} cores,
{rounds} interleaved rounds, medians of CPU time. Bytecode present, Powertools Logger loaded, AWS
answered below botocore (one secret, a BatchGetItem, a GetItem, a Decrypt, two transactions, a
Query), siteverify over loopback, password hash left out. Trust the ratios more than milliseconds.
`make bench` measures anew.
"""


class _Siteverify(BaseHTTPRequestHandler):
    """Google's answer to a solved challenge, over a connection that stays open as Google's does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Say yes."""
        self.rfile.read(int(self.headers["Content-Length"]))
        at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = {"success": True, "challenge_ts": at, "hostname": _HOST}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Stay silent."""


@contextmanager
def siteverify() -> Iterator[int]:
    """Answer for Google; yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Siteverify)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def variables(port: int) -> dict[str, str]:
    """Return the environment of a subject."""
    tables = {f"{name}_TABLE": name.lower() for name in _TABLES}
    return {
        **tables,
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "STAGE": "local",
        "PUBLIC_BASE_URL": f"https://{_HOST}",
        "RECAPTCHA_URL": f"http://127.0.0.1:{port}/recaptcha",
        "RECAPTCHA_SITE_KEY": "bench",
        "CAPTCHA_SECRET_ARN": "captcha",
        "SECRETS_KEY_ID": "secrets",
        "PEPPER_NUMBER": "1",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }


def _sample_ms(python: Path, subject: Subject, variables: Mapping[str, str]) -> float:
    """Run one cold start and return its CPU time in milliseconds."""
    code = (
        f"import sys; sys.path.insert(0, {str(environment.SOURCES)!r}); "
        f"from infra.bench.subjects import {subject.module}; {subject.module}.run()"
    )
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [str(python), "-I", "-c", code], env=dict(variables), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, subject.module)
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(python: Path, rounds: int) -> dict[str, list[float]]:
    """Return the samples of every subject in milliseconds, after one round that is not kept."""
    samples: dict[str, list[float]] = {subject.module: [] for subject in SUBJECTS}
    with siteverify() as port:
        env = variables(port)
        for number in range(rounds + 1):
            for subject in SUBJECTS:
                sample = _sample_ms(python, subject, env)
                if number:
                    samples[subject.module].append(sample)
    return samples


def report(samples: Mapping[str, list[float]], version: str) -> tuple[str, bool]:
    """Return the page about a measurement, and whether every bar is held."""
    medians = {name: statistics.median(found) for name, found in samples.items()}
    lines = [
        "# Signing in: cold start",
        "",
        _METHOD.format(
            version=version,
            machine=platform.machine(),
            cores=os.cpu_count(),
            rounds=len(samples[LOGIN.module]),
        ),
        "| | CPU, ms | quartiles | x interpreter | x bare handler |",
        "|---|---|---|---|---|",
    ]
    for subject in SUBJECTS:
        middle = medians[subject.module]
        low, _, high = statistics.quantiles(samples[subject.module], n=4)
        lines.append(
            f"| {subject.words} | {middle:.0f} | {low:.0f}-{high:.0f}"
            f" | {middle / medians[PYTHON.module]:.1f} | {middle / medians[BARE.module]:.2f} |"
        )
    lines.append("")
    is_held = True
    for bar in BARS:
        ratio = medians[LOGIN.module] / medians[bar.peer.module]
        verdict = "held" if ratio <= bar.at_most else "**missed**"
        is_held = is_held and ratio <= bar.at_most
        lines.append(
            f"- at most {bar.at_most:.2f} times {bar.peer.words.split(',')[0]}:"
            f" {ratio:.2f}, {verdict}"
        )
    return "\n".join(lines) + "\n", is_held


def main() -> int:
    """Measure, print, write the page; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    try:
        python = environment.prepare()
    except environment.NoPython as error:
        print(error, file=sys.stderr)
        return 2
    samples = measure(python, rounds)
    asked = [str(python), "-I", "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603
    text, is_held = report(samples, version.stdout.strip())
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text, "utf-8")
    print(text)
    return 0 if is_held else 1


if __name__ == "__main__":
    raise SystemExit(main())
