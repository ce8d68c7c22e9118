"""The helpdesk with its registry: lists go in by the queue, pages are seen by a browser."""

import json
from dataclasses import dataclass
from typing import Any

from infra.local import cloud as local_cloud
from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, dynamodb, ids
from tests.onboarding import aws_faults
from tests.signed_in import signed_in

Item = dict[str, Any]


@dataclass(slots=True)
class Desk:
    """The house, and every AWS call of the product since the desk opened."""

    house: House
    calls: aws_faults.Calls

    def upload(self, content: bytes) -> str:
        """Put a file where the form of the page puts it; return the upload's id."""
        upload_id = ids.new_id()
        bucket = self.house.cloud.references["UploadsBucket"]
        key = f"duo/-/{upload_id}"
        local_cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return upload_id

    def is_kept(self, upload_id: str) -> bool:
        """Say whether an uploaded file still stands in the bucket."""
        bucket = self.house.cloud.references["UploadsBucket"]
        found = local_cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix="duo/")
        return f"duo/-/{upload_id}" in [each["Key"] for each in found.get("Contents", [])]

    def run(self, upload_id: str) -> bool:
        """Report an upload to the import as the queue does; say whether it is done with it."""
        bucket = self.house.cloud.references["UploadsBucket"]
        place = {"bucket": {"name": bucket}, "object": {"key": f"duo/-/{upload_id}"}}
        body = json.dumps({"Records": [{"s3": place}]})
        event = {"Records": [{"messageId": "m1", "body": body}]}
        answer = self.house.invoke("RegistryImportFunction", event)
        return bool(answer == {"batchItemFailures": []})

    def bring(self, content: bytes) -> Item:
        """Upload and import a list; return what is recorded of it."""
        upload_id = self.upload(content)
        if not self.run(upload_id):
            raise AssertionError(self.house.failures)
        return self.record(upload_id)

    def record(self, name: str) -> Item:
        """Return what is recorded of an import, without the moment."""
        record = self.items()[f"import#{name}"]
        return {key: record[key] for key in record if key not in {"entry", "finished_at_epoch_s"}}

    def items(self) -> dict[str, Item]:
        """Return every item of the registry, by its key."""
        client = local_cloud.client("dynamodb")
        table = self.house.cloud.references["RegistryTable"]
        found: list[Item] = []
        for page in client.get_paginator("scan").paginate(TableName=table):
            found.extend(dynamodb._plain(item) for item in page["Items"])
        return {item["entry"]: item for item in found}

    def registry(self) -> dict[str, Item]:
        """Return the registry itself: locations, boards and index, without records of imports."""
        items = self.items().items()
        besides = ("import#", "stamp#index", "changes#")
        return {key: item for key, item in items if not key.startswith(besides)}

    def written(self) -> list[str]:
        """Return the keys of all items that were written since the calls were cleared."""
        keys = []
        for name, params in self.calls.made:
            if name == "BatchWriteItem":
                ((_, requests),) = params["RequestItems"].items()
                keys += [request["PutRequest"]["Item"]["entry"]["S"] for request in requests]
            elif name in {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}:
                keys.append(params.get("Key", {"entry": {"S": name}})["entry"]["S"])
        return keys

    def now_epoch_s(self) -> int:
        """Return the product's time."""
        return clock.now_epoch_s()

    def wait(self, by_s: int) -> None:
        """Let time pass."""
        self.house.move_clock(self.house.clock_offset_s + by_s)

    def helpdesk(self) -> Visitor:
        """Return a browser of somebody at the helpdesk."""
        return signed_in(self.house, "8001", "helpdesk", "helpdesk")

    def queued(self) -> list[Item]:
        """Return what was put on the mail queue, and take it off."""
        sqs, url = local_cloud.client("sqs"), self.house.cloud.references["MailQueue"]
        found = []
        while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found
