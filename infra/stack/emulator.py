"""The emulator as a process: started on a free port of this machine, and gone with this one."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from infra.local.template import ROOT

REGION = "eu-west-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}
"""The emulator's root user."""

_PROGRAM = ROOT / ".venvs/ministack/bin/ministack"
_START_LIMIT_S = 30
_STOP_LIMIT_S = 20


class EmulatorFailed(Exception):
    """The emulator did not start; the message names its log."""


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Run the emulator with roles enforced; give its address, and stop it at the end."""
    port = _free_port()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "AUTH": "true",
    }
    # Functions inherit this environment, so it holds nothing of the developer's own.
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own pinned tool
            [_PROGRAM], env=environment | settings, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, address, log)
            yield address
        finally:
            process.terminate()
            process.wait(_STOP_LIMIT_S)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while process.poll() is None and time.monotonic() < end:
        try:
            if urllib3.request("GET", f"{address}/_ministack/health", retries=False).status == 200:  # noqa: PLR2004
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    message = f"the emulator did not start; see {log}"
    raise EmulatorFailed(message)
