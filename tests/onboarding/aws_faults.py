"""Lets one AWS call of the product fail, and counts all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse

from schoolpoort import aws as product_aws

_SERVICES = ("dynamodb", "s3", "sqs")
_DENIED = b'{"__type": "AccessDeniedException", "message": "geheim: daan.desk@schoolpoort.example"}'
_DENIED_XML = b"<Error><Code>AccessDenied</Code><Message>geheim</Message></Error>"


@dataclass(slots=True)
class Calls:
    """The product's AWS calls so far, and which of them fail before they reach AWS."""

    fails: Callable[[str, int], bool] = lambda _operation, _number: False
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the operations, in order."""
        return [name for name, _ in self.made]

    def _answer(self, name: str) -> AWSResponse | None:
        if not self.fails(name, len(self.made) - 1):
            return None
        answer = AWSResponse("http://127.0.0.1/", 403, {}, None)
        answer._content = _DENIED_XML if name in {"PutObject", "GetObject"} else _DENIED
        return answer


@contextmanager
def watched() -> Iterator[Calls]:
    """Watch the calls of DynamoDB, S3 and SQS."""
    calls = Calls()

    def count(model: Any, params: Any, **_: Any) -> None:
        calls.made.append((model.name, params))

    def answer(event_name: str = "", **_: Any) -> AWSResponse | None:
        return calls._answer(event_name.rpartition(".")[2])

    clients = [product_aws.client(service) for service in _SERVICES]
    for client in clients:
        client.meta.events.register("before-parameter-build", count, unique_id="test-count")
        client.meta.events.register_first("before-send", answer, unique_id="test-fail")
    try:
        yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("before-parameter-build", unique_id="test-count")
            client.meta.events.unregister("before-send", unique_id="test-fail")
