"""Build, deploy, fill the house as its people do, and walk it: the whole of `make stack`."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from infra.local import messages, seed, server
from infra.local.house import LAS_SUPPLIERS
from infra.local.template import ROOT
from infra.stack import deployment, emulator
from infra.stack.house import StackHouse

_WORK = ROOT / ".local/stack"
_DEFAULT_PORT = 8090
_LAS_CLIENT_NAME = "schoolpoort"
_LAS_CLIENT_CODE = "local-client-code"
_TESTS = ("tests/end_to_end", "tests/stack")


def main() -> int:
    """Return the suite's own exit code; what fails before it is an exception."""
    started = time.monotonic()

    def tell(step: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {step}", flush=True)

    _WORK.mkdir(parents=True, exist_ok=True)
    messages.compile_all()
    tell("sam build")
    template = deployment.build(_WORK)
    tell("start the emulator, roles enforced")
    with emulator.running(_WORK / "emulator.log") as address:
        house = StackHouse(int(os.environ.get("PORT", _DEFAULT_PORT)), address)
        proxy = server.Server(house.port, house.answer, lambda: 0)
        proxy.start()
        tell("sam deploy")
        house.resources = deployment.deploy(template, address, _parameters(house))
        tell("fill the house by walking its pages")
        _act_as_the_world_outside(house)
        seed.fill(house)
        tell("walk the suite")
        code = _walk(house)
        proxy.stop()
    tell("done")
    return code


def _parameters(house: StackHouse) -> dict[str, str]:
    las = {name: f"{house.stand_in_url}/_las/{name}" for name in LAS_SUPPLIERS}
    return {
        "Stage": "local",
        "Architecture": "x86_64",
        "EdgeProtection": "false",
        "PublicBaseUrl": house.base_url,
        "FirstHelpdeskEmails": ",".join(seed.HELPDESK),
        "MailFrom": "deur@schoolpoort.example",
        "MailDomain": "schoolpoort.example",
        "RecaptchaSiteKey": "local-site-key",
        "RecaptchaSecretKey": "local-secret-key",
        "RecaptchaUrl": f"{house.stand_in_url}/_google/recaptcha",
        "LasEndpoints": json.dumps(las),
        "InvitationHours": "always",
        "NightSpreadSeconds": "0",
        "LasClientName": _LAS_CLIENT_NAME,
        "LasClientCode": _LAS_CLIENT_CODE,
    }


def _act_as_the_world_outside(house: StackHouse) -> None:
    """Let this process stand in for suppliers, and register a publisher as an operator does."""
    os.environ.update(emulator.CREDENTIALS)
    os.environ.update(
        AWS_ENDPOINT_URL=house.emulator,
        STAGE="local",
        PUBLIC_BASE_URL=house.base_url,
        LAS_CLIENT_NAME=_LAS_CLIENT_NAME,
        LAS_CLIENT_CODE=_LAS_CLIENT_CODE,
        PUBLISHERS_TABLE=house.resources["PublishersTable"],
    )


def _walk(house: StackHouse) -> int:
    settings = {
        **os.environ,
        "SCHOOLPOORT_BASE_URL": house.base_url,
        "SCHOOLPOORT_STACK": json.dumps({"address": house.emulator, "resources": house.resources}),
    }
    found = [path for path in _TESTS if (ROOT / path).exists()]
    command = [sys.executable, "-m", "pytest", "-m", "stack_walk", "-p", "no:xdist", *found]
    return subprocess.run(command, env=settings, cwd=Path(ROOT), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
