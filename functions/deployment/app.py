"""A custom resource of CloudFormation: what a deployment must do besides making resources.

It publishes the static files under their content-hashed names, makes the pepper that the template
names, and asks for an activation mail to each of the first helpdesk people who is new in the list.
All are safe to repeat: names change with content, a pepper that is there stays, and a request id
belongs to an address.

Whatever goes wrong is answered: CloudFormation waits an hour for an answer that does not come.
"""

import json
from collections.abc import Mapping
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from deployment import store
from schoolpoort import aws, pepper_keys, settings
from schoolpoort.errors import SchoolpoortError
from schoolpoort.log import logger

_TIMEOUT_S = 10
_TRIES = 3


class ReportRefused(SchoolpoortError):
    """CloudFormation did not take the answer; its address is a secret and stands nowhere here."""


def handler(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Do the work for Create and Update, and report to CloudFormation either way."""
    status, reason = "SUCCESS", "done"
    try:
        if event["RequestType"] != "Delete":
            deploy(_new_addresses(event))
    except (SchoolpoortError, ClientError, BotoCoreError) as error:
        status, reason = "FAILED", _reason(error)
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
    """Publish the static files, make the pepper and invite these people of the helpdesk."""
    store.publish_static_files()
    pepper_keys.make(int(settings.require("PEPPER_NUMBER")))
    store.invite_helpdesk(addresses)


def _new_addresses(event: Mapping[str, Any]) -> list[str]:
    """Return the addresses that the previous deployment did not have.

    The mail job forgets a request after two months; the stack remembers its addresses for ever.
    """
    before = event.get("OldResourceProperties", {}).get("FirstHelpdeskEmails", [])
    wanted: list[str] = event["ResourceProperties"]["FirstHelpdeskEmails"]
    return [address for address in wanted if address not in before]


def _reason(error: Exception) -> str:
    """Return what went wrong for the events of the stack, without names of people or resources."""
    if isinstance(error, SchoolpoortError):
        return f"{type(error).__name__}: {error}"
    return aws.failure(error)


def _report(url: str, report: Mapping[str, str]) -> None:
    """Answer CloudFormation; raises ReportRefused, so that Lambda runs the event again."""
    body = json.dumps(report).encode()
    for _ in range(_TRIES):
        # urllib3's own retries and errors write the address, with its signature, to the log.
        try:
            answer = urllib3.PoolManager().request(
                "PUT",
                url,
                body=body,
                headers={"Content-Type": ""},
                timeout=_TIMEOUT_S,
                retries=False,
            )
        except urllib3.exceptions.HTTPError:
            continue
        if answer.status == 200:  # noqa: PLR2004 - the one answer of S3 to a stored object
            return
    raise ReportRefused
