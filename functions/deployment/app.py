"""A custom resource of CloudFormation: what a deployment must do besides making resources.

It publishes the static files under their content-hashed names, and asks for an activation mail
to each of the first helpdesk people. Both are safe to repeat: names change with content, and a
request id belongs to an address.
"""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from deployment import store
from schoolpoort.errors import SchoolpoortError
from schoolpoort.log import logger

_TIMEOUT_S = 10


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Do the work for Create and Update, and report to CloudFormation either way."""
    status, reason = "SUCCESS", "done"
    try:
        if event["RequestType"] != "Delete":
            deploy(event["ResourceProperties"]["FirstHelpdeskEmails"])
    except SchoolpoortError as error:
        status, reason = "FAILED", type(error).__name__
    report = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": "deployment",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    logger.info("deployment", extra={"request_type": event["RequestType"], "outcome": status})
    _report(event["ResponseURL"], report)
    return report


def deploy(addresses: list[str]) -> None:
    """Publish the static files and invite the first helpdesk people."""
    store.publish_static_files()
    store.invite_helpdesk(addresses)


def _report(url: str, report: Mapping[str, str]) -> None:
    body = json.dumps(report).encode()
    urllib3.PoolManager().request(
        "PUT", url, body=body, headers={"Content-Type": ""}, timeout=_TIMEOUT_S, retries=3
    )
