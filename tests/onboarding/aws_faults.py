"""Counts the AWS calls of the product, and lets some fail before or after they are done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from schoolpoort import aws as product_aws

_SERVICES = ("dynamodb", "s3", "sqs")

Chooses = Callable[[str, int], bool]
"""Says of an operation and its number, counted from nought, whether it fails."""


def _none(_operation: str, _number: int) -> bool:
    return False


@dataclass(slots=True)
class Calls:
    """The product's AWS calls so far; those that `refuses` are not done, those that `loses` are."""

    refuses: Chooses = _none
    loses: Chooses = _none
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the operations, in order."""
        return [name for name, _ in self.made]

    def heal(self) -> None:
        """Let all calls through again."""
        self.refuses = self.loses = _none

    def count(self, params: Any, model: Any, **_: Any) -> None:
        """Remember a call; the form of an upload is made out of this operation without a call."""
        if model.name == "CreateBucket":
            return
        self.made.append((model.name, params))

    def before(self, model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """Answer in the place of AWS where a call is refused."""
        if not self.refuses(model.name, len(self.made) - 1):
            return None
        error = {"Code": "AccessDenied", "Message": "geheim: daan.desk@schoolpoort.example"}
        return AWSResponse("http://127.0.0.1/", 403, {}, None), {"Error": error}

    def after(self, model: Any, **_: Any) -> None:
        """Let an answer of AWS get lost on the way."""
        if self.loses(model.name, len(self.made) - 1):
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1/")


@contextmanager
def watched() -> Iterator[Calls]:
    """Watch the calls of DynamoDB, S3 and SQS."""
    calls = Calls()
    hooks = {
        "before-parameter-build": calls.count,
        "before-call": calls.before,
        "after-call": calls.after,
    }
    emitters = [product_aws.client(service).meta.events for service in _SERVICES]
    for emitter in emitters:
        for event, hook in hooks.items():
            emitter.register(event, hook, unique_id=f"test-{event}")
    try:
        yield calls
    finally:
        for emitter in emitters:
            for event in hooks:
                emitter.unregister(event, unique_id=f"test-{event}")
