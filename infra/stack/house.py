"""The deployed house behind one address, as the seed, the controls and the suite know it."""

import email.utils
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from infra.local import controls, mailbox
from infra.local.gateway import HttpRequest, HttpResponse
from infra.local.server import outside
from infra.stack import deployment

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}
_IDLE_LIMIT_S = 90
_QUIET_S = 1.0
"""How long every queue must be empty: a message in flight may add others when it is done."""


class NeverIdle(Exception):
    """The queues were not worked off in time; the message tells how full they are."""


@dataclass(slots=True)
class StackHouse:
    """A house whose functions, tables and queues live in the emulator."""

    port: int
    emulator: str
    resources: dict[str, str] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    _http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, timeout=60, maxsize=16)
    )

    @property
    def base_url(self) -> str:
        """Return the address of the house for browsers: this machine's reverse proxy."""
        return f"http://localhost:{self.port}"

    @property
    def stand_in_url(self) -> str:
        """Return the address of the outside world: another site than the house."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def configuration_set(self) -> str:
        """Return the name of the set that mails are sent with."""
        return self.resources["MailConfigurationSet"]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer whatever is asked on the port."""
        if request.path.startswith("/_local/"):
            return controls.answer(self, request, controls.ANYWHERE)
        return outside(request) or self.call(request)

    def call(self, request: HttpRequest) -> HttpResponse:
        """Pass a request on to the API."""
        api = self.resources["Api"]
        return self._pass_on(
            f"{self.emulator}/restapis/{api}/live/_user_request_{request.target}", request
        )

    def post_file(self, url: str, request: HttpRequest) -> HttpResponse:
        """Post a file to the emulator's S3, where the form points."""
        return self._pass_on(url, request)

    def _pass_on(self, url: str, request: HttpRequest) -> HttpResponse:
        headers = urllib3.HTTPHeaderDict()
        for name, value in request.headers:
            if name.lower() not in _HOP_BY_HOP | {"host"}:
                headers.add(name, value)
        headers["Host"] = urlsplit(url).netloc
        answer = self._http.request(
            request.method,
            url,
            body=request.body,
            headers=headers,
            redirect=False,
            decode_content=False,
        )
        kept = tuple(
            (name, value)
            for name, value in answer.headers.items()
            if name.lower() not in _HOP_BY_HOP
        )
        return HttpResponse(answer.status, kept, answer.data)

    def deploy(self, helpdesk: list[str]) -> None:
        """Do nothing: the stack's custom resource has invited the helpdesk."""

    def pump_until_idle(self) -> None:
        """Wait until every queue has been empty for a moment; raises NeverIdle."""
        sqs = deployment.client("sqs", self.emulator)
        queues = [url for name, url in self.resources.items() if name.endswith("Queue")]
        end = time.monotonic() + _IDLE_LIMIT_S
        empty_since = None
        while time.monotonic() < end:
            left = sum(_messages(sqs, url) for url in queues)
            if left:
                empty_since = None
            elif empty_since is None:
                empty_since = time.monotonic()
            elif time.monotonic() - empty_since > _QUIET_S:
                return
            time.sleep(0.1)
        message = f"{left} messages were left"
        raise NeverIdle(message)

    def report_mail(self, event: dict[str, Any]) -> None:
        """Hand an event of SES to what the deployed rule names.

        Nobody but AWS may put an event of this source on the bus, and the emulator's SES has none.
        """
        rule = self.resources["MailEventRule"].rpartition("|")[2]
        events = deployment.client("events", self.emulator)
        functions = deployment.client("lambda", self.emulator)
        for target in events.list_targets_by_rule(Rule=rule)["Targets"]:
            functions.invoke(
                FunctionName=target["Arn"],
                InvocationType="Event",
                Payload=json.dumps(event).encode(),
            )

    def mail_request(self, message_id: str) -> str | None:
        """Return the request that a mail was sent for, or None for an unknown mail."""
        dynamodb = deployment.client("dynamodb", self.emulator)
        return mailbox.request_of(dynamodb, self.resources["MailTable"], message_id)

    def mails(self) -> list[dict[str, Any]]:
        """Return all mails, newest first: to, from, subject, text, html, sent_at, message_id."""
        answer = self._http.request("GET", f"{self.emulator}/_ministack/ses/messages")
        sent = [mail for mails in answer.json()["messages"].values() for mail in mails]
        return [_mail(found) for found in reversed(sent)]


def _messages(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def _mail(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "message_id": found["MessageId"],
        "to": [email.utils.parseaddr(to)[1] for to in found["To"]],
        "from": found["Source"],
        "subject": found["Subject"],
        "text": found["BodyText"],
        "html": found["BodyHtml"],
        "sent_at": found["Timestamp"],
    }
