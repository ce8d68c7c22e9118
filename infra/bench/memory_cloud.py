"""AWS in memory below our own clients: DynamoDB, SQS and KMS, their bad weather, and their meter.

Our code asks `schoolpoort.aws` for a client, which asks the session for one: this is that session.
Errors are botocore's own, so that everything of ours above the SDK runs as it does at AWS.
"""

import json
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.bench.memory_dynamodb import Tables

_ATTEMPTS = 3
"""How often `schoolpoort.aws` lets the SDK try a call that is throttled."""

_WRITES = frozenset({"put_item", "update_item", "batch_write_item", "transact_write_items"})
_DATA_KEY_BYTES = 32


class Killed(BaseException):
    """The end of a process, which no code of ours can catch."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often, of one: a try is throttled, a process ends right after a write."""

    throttled: float = 0.1
    killed: float = 0.005


CALM = Weather(0, 0)


@dataclass(slots=True)
class Message:
    """A message of a queue, and how often it was handed out."""

    body: str
    received: int = 0


@dataclass(slots=True)
class Meter:
    """What AWS would count: calls by service and operation, units of DynamoDB, and mishaps."""

    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    mishaps: Counter[str] = field(default_factory=Counter)
    own_cpu_s: float = 0.0
    """Processor time that the stand-ins took, which is none of ours."""


class Cloud:
    """A session whose clients answer from memory."""

    def __init__(self, seed: int) -> None:
        self.tables = Tables()
        self.queues: dict[str, deque[Message]] = defaultdict(deque)
        self.meter = Meter(units=self.tables.units)
        self.weather = CALM
        self._chance = random.Random(f"weather {seed}")
        self._secrets = random.Random(f"keys {seed}")
        self._handed_out: dict[str, tuple[str, Message]] = {}

    def create_client(self, service: str, **_: Any) -> "_Client":
        """Answer in the place of a botocore session."""
        return _Client(self, service)

    @contextmanager
    def unmetered(self) -> Iterator[None]:
        """Let everything inside go well and cost nothing: what lies before and after a night."""
        meter, weather, units = self.meter, self.weather, self.tables.units
        self.meter, self.weather, self.tables.units = Meter(), CALM, Counter()
        try:
            yield
        finally:
            self.meter, self.weather, self.tables.units = meter, weather, units

    @contextmanager
    def away(self) -> Iterator[None]:
        """Count the processor time inside as that of a stand-in."""
        meter, began = self.meter, time.process_time()
        try:
            yield
        finally:
            meter.own_cpu_s += time.process_time() - began

    def call(self, service: str, operation: str, asked: dict[str, Any]) -> Any:
        """Answer a call, in the weather of now."""
        self._throttle(service, operation)
        self.meter.calls[f"{service} {operation}"] += 1
        if operation not in _WRITES:
            return self._answer(service, operation)(**asked)
        if self._happens(self.weather.killed):
            self.meter.mishaps["killed"] += 1
            self._answer(service, operation)(**_begun(asked, self._chance))
            raise Killed
        if operation == "batch_write_item" and self._happens(self.weather.throttled):
            return self._part(asked)
        return self._answer(service, operation)(**asked)

    def _answer(self, service: str, operation: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(
            self.tables if service == "dynamodb" else self, operation
        )
        return found

    def _happens(self, odds: float) -> bool:
        return odds > 0 and self._chance.random() < odds

    def _throttle(self, service: str, operation: str) -> None:
        for _ in range(_ATTEMPTS):
            if not self._happens(self.weather.throttled):
                return
            self.meter.mishaps["throttled"] += 1
        self.meter.mishaps["given up by the SDK"] += 1
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, f"{service} {operation}")

    def _part(self, asked: dict[str, Any]) -> Any:
        """Write all but the last of a batch, as DynamoDB does when it is short of room."""
        ((table, requests),) = asked["RequestItems"].items()
        self.meter.mishaps["throttled"] += 1
        if len(requests) > 1:
            self.tables.batch_write_item({table: requests[:-1]})
        return {"UnprocessedItems": {table: requests[-1:]}}

    def send_message(self, QueueUrl: str, MessageBody: str) -> Any:  # noqa: N803
        """Answer a SendMessage."""
        self.queues[QueueUrl].append(Message(MessageBody))
        return {}

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803
        """Answer a SendMessageBatch; of a throttled one the first entry is refused."""
        refused = Entries[:1] if self._happens(self.weather.throttled) else []
        for entry in Entries[len(refused) :]:
            self.queues[QueueUrl].append(Message(entry["MessageBody"]))
        return {"Failed": [{"Id": entry["Id"]} for entry in refused]}

    def receive_message(self, QueueUrl: str, **_: Any) -> Any:  # noqa: N803
        """Answer a ReceiveMessage of one; it stays away until it is deleted."""
        if not self.queues[QueueUrl]:
            return {}
        message = self.queues[QueueUrl].popleft()
        handle = str(len(self._handed_out))
        self._handed_out[handle] = (QueueUrl, message)
        attributes = {"SentTimestamp": "0"}
        return {
            "Messages": [{"Body": message.body, "ReceiptHandle": handle, "Attributes": attributes}]
        }

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> Any:  # noqa: ARG002, N803
        """Answer a DeleteMessage."""
        del self._handed_out[ReceiptHandle]
        return {}

    def encrypt(self, Plaintext: bytes, EncryptionContext: Any, **_: Any) -> Any:  # noqa: N803
        """Answer an Encrypt: readable, but bound to its context."""
        bound = json.dumps(EncryptionContext, sort_keys=True).encode()
        return {"CiphertextBlob": bound + b"\0" + Plaintext}

    def decrypt(self, CiphertextBlob: bytes, EncryptionContext: Any, **_: Any) -> Any:  # noqa: N803
        """Answer a Decrypt; refuses another context."""
        bound, plain = CiphertextBlob.split(b"\0", 1)
        if json.loads(bound) != EncryptionContext:
            raise ClientError({"Error": {"Code": "InvalidCiphertextException"}}, "Decrypt")
        return {"Plaintext": plain}

    def generate_data_key(self, EncryptionContext: Any, **_: Any) -> Any:  # noqa: N803
        """Answer a GenerateDataKey."""
        key = self._secrets.randbytes(_DATA_KEY_BYTES)
        return {"Plaintext": key, **self.encrypt(key, EncryptionContext)}

    def generate_data_key_without_plaintext(self, **asked: Any) -> Any:
        """Answer a GenerateDataKeyWithoutPlaintext."""
        return {"CiphertextBlob": self.generate_data_key(**asked)["CiphertextBlob"]}


class _Client:
    """A client of one service: every operation leads to the cloud."""

    def __init__(self, cloud: Cloud, service: str) -> None:
        self._cloud = cloud
        self._service = service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            with self._cloud.away():
                return self._cloud.call(self._service, operation, asked)

        return call


def _begun(asked: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a write of which, when it is a batch, only a beginning happens."""
    if "RequestItems" not in asked:
        return asked
    ((table, requests),) = asked["RequestItems"].items()
    return {"RequestItems": {table: requests[: chance.randint(1, len(requests))]}}
