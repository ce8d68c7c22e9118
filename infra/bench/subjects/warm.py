"""Many full sign-ins in one warm process, argon2id included, and the floor of argon2id beside them.

Writes a line of JSON to stderr: seconds of each; the caller makes the page.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import argon2

from infra.bench.subjects import event, stub
from login import app
from schoolpoort import aws, passwords, pepper

SEE_OTHER = 303
PASSWORD = event.FIELDS["password"]


def _sealed() -> str:
    phc = passwords.hash_password(PASSWORD)
    return pepper.seal(pepper.Pepper(1, stub.PEPPER), phc, owner="7")


def _sign_in() -> None:
    fields = event.FIELDS | {"g-recaptcha-response": secrets.token_urlsafe(30)}
    made = event.of(urlencode(fields), "application/x-www-form-urlencoded")
    answer = app.handler(made, None)
    if answer["statusCode"] != SEE_OTHER:
        message = f"not signed in: {answer}"
        raise SystemExit(message)


def timed(act: Callable[[], object], rounds: int) -> list[tuple[float, float]]:
    """Return seconds of CPU and of the clock on the wall, for each time."""
    taken = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        act()
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    return taken


def run(rounds: int = 200) -> None:
    """Measure in blocks of ten, so that a busy moment of the machine falls on both alike."""
    aws.session().register("before-send", stub.answer)
    credential: dict[str, Any] = stub.ANSWERS["BatchGetItem"]["Responses"]["credentials"][0]
    credential["password_hash"] = {"S": _sealed()}
    floor = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    phc = floor.hash(PASSWORD)
    _sign_in()
    floors: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    for _ in range(rounds // 10):
        floors += timed(lambda: floor.verify(phc, PASSWORD), 10)
        whole += timed(_sign_in, 10)
    sys.stderr.write(json.dumps({"floor": floors, "sign_in": whole}) + "\n")
