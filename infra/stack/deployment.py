"""`sam build` and `sam deploy` as anybody runs them, aimed at the emulator."""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
import yaml

from infra.local.template import ROOT, resources
from infra.stack import adaptations, emulator

STACK = "schoolpoort"
_SAM = ROOT / ".venvs/sam/bin/sam"


class DeploymentFailed(Exception):
    """SAM could not build or deploy; the message is what it said."""


def build(work: Path) -> Path:
    """Build every function and layer for this processor; return the adapted template."""
    _sam(
        *("build", "--cached", "--parallel"),
        *("--build-dir", str(work / "build"), "--cache-dir", str(work / "cache" / _lock())),
        *("--parameter-overrides", "Architecture=x86_64"),
        environment={"LAMBDA_ARCHITECTURE": "x86_64"},
    )
    built = yaml.safe_load((work / "build/template.yaml").read_text("utf-8"))
    target = work / "build/adapted.yaml"
    target.write_text(yaml.safe_dump(adaptations.adapt(built), sort_keys=False), "utf-8")
    return target


def _lock() -> str:
    # SAM looks for changes in a layer's own folder, and the locks stand outside it.
    names = ("runtime.txt", "pdf.txt", "passkeys.txt")
    locks = [(ROOT / "requirements" / name).read_bytes() for name in names]
    return hashlib.sha256(b"".join(locks)).hexdigest()[:16]


def deploy(template: Path, address: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Deploy a built template into the emulator; return what each logical id became."""
    try:
        _deploy(template, address, parameters)
    except DeploymentFailed as error:
        raise DeploymentFailed("\n".join([str(error), *_failures(address)])) from error
    stack = client("cloudformation", address)
    pages = stack.get_paginator("list_stack_resources").paginate(StackName=STACK)
    made = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }
    _lock_buckets(made, address)
    return made


def _lock_buckets(made: Mapping[str, str], address: str) -> None:
    """Do for a bucket with Object Lock what the emulator's CloudFormation leaves out."""
    for logical_id, resource in resources("AWS::S3::Bucket"):
        if resource["Properties"].get("ObjectLockEnabled"):
            client("s3", address).put_object_lock_configuration(
                Bucket=made[logical_id], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
            )


def _deploy(template: Path, address: str, parameters: Mapping[str, str]) -> None:
    overrides = [f"{name}={json.dumps(value)}" for name, value in parameters.items()]
    _sam(
        *("deploy", "--template-file", str(template), "--stack-name", STACK),
        *("--resolve-s3", "--capabilities", "CAPABILITY_IAM"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--disable-rollback"),
        *("--parameter-overrides", *overrides),
        environment={"AWS_ENDPOINT_URL": address},
    )


def _failures(address: str) -> list[str]:
    events = client("cloudformation", address).describe_stack_events(StackName=STACK)
    return [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events["StackEvents"]
        if event["ResourceStatus"].endswith("FAILED") and "ResourceStatusReason" in event
    ]


def client(service: str, address: str) -> Any:
    """Return a client of the emulator's root user."""
    return botocore.session.get_session().create_client(
        service,
        region_name=emulator.REGION,
        endpoint_url=address,
        aws_access_key_id=emulator.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=emulator.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def _sam(*arguments: str, environment: Mapping[str, str]) -> None:
    python_home = str(Path(os.environ["PYTHON313"]).parent)
    settings = {
        **os.environ,
        **emulator.CREDENTIALS,
        "SAM_CLI_TELEMETRY": "0",
        "PATH": f"{python_home}:{os.environ['PATH']}",
        **environment,
    }
    # SAM's own Python must not see the two roots of our code.
    settings.pop("PYTHONPATH", None)
    done = subprocess.run(  # noqa: S603 - our own pinned tool
        [_SAM, *arguments], env=settings, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        message = f"sam {arguments[0]}:\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
        raise DeploymentFailed(message)
