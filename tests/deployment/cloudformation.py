"""CloudFormation as the deployment meets it: sends events, and takes answers at an address."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.house import House

FIRST = ["Hanna.Hulp@schoolpoort.example", "daan.desk@schoolpoort.example"]
SIGNATURE = "X-Amz-Signature=geheim-van-cloudformation"


@dataclass(slots=True)
class CloudFormation:
    """The house, where answers go, and what has been answered."""

    house: House
    response_url: str
    statuses: list[int] = field(default_factory=list)
    """With which statuses the next answers are met; 200 when there is none left."""
    tries: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    def event(
        self, kind: str, addresses: list[str], before: list[str] | None = None
    ) -> dict[str, Any]:
        """Return an event as CloudFormation sends it."""
        event: dict[str, Any] = {
            "RequestType": kind,
            "ResponseURL": self.response_url,
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/deur/1",
            "RequestId": "7e8f",
            "ResourceType": "Custom::Deployment",
            "LogicalResourceId": "Deployment",
            "ResourceProperties": {
                "ServiceToken": "arn",
                "SharedLayer": "arn:2",
                "FirstHelpdeskEmails": addresses,
            },
        }
        if kind != "Create":
            event["PhysicalResourceId"] = "deployment"
        if before is not None:
            event["OldResourceProperties"] = {
                "ServiceToken": "arn",
                "SharedLayer": "arn:1",
                "FirstHelpdeskEmails": before,
            }
        return event

    def send(
        self, kind: str, addresses: list[str] = FIRST, before: list[str] | None = None
    ) -> dict[str, Any]:
        """Send an event and return the one answer to it."""
        self.answers.clear()
        self.house.invoke("DeploymentFunction", self.event(kind, addresses, before))
        (answer,) = self.answers
        return answer


@contextmanager
def listening(house: House) -> Iterator[CloudFormation]:
    """Take answers on a port of this machine."""
    side = CloudFormation(house, "")

    class _Door(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = side.statuses.pop(0) if side.statuses else 200
            side.tries += 1
            if status == 200:
                side.answers.append(json.loads(body))
                side.content_types.append(self.headers["content-type"])
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    side.response_url = f"http://127.0.0.1:{server.server_port}/answer?{SIGNATURE}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
